-- What is wrong with a chain as it was sent, whatever the date: compared with the verified signatures.

CREATE TABLE chain_fault (
    chain bigint NOT NULL,
    fault text COLLATE "C" NOT NULL,    -- 'misordered', 'extra', 'duplicate', 'unrelated', 'root sent'
    position integer NOT NULL,          -- of the certificate that is at fault
    certificate bigint NOT NULL,
    PRIMARY KEY (chain, position, fault)
);

-- The last certificate, within what was sent, of the sequence from the leaf to its issuers.
CREATE TABLE chain_end (
    chain bigint PRIMARY KEY,
    certificate bigint NOT NULL,        -- the last whose issuer was sent, or the leaf
    is_self_signed boolean NOT NULL     -- it ends with a root
);

CREATE INDEX chain_end_certificate ON chain_end (certificate);

-- Chains that are still to be checked.
CREATE TABLE chain_pending (
    chain bigint PRIMARY KEY
);
CREATE FUNCTION chain_pending_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chain_pending SELECT id FROM new_chain n WHERE NOT EXISTS (SELECT FROM chain_pending p WHERE p.chain = n.id);
    RETURN NULL;
END $$;
CREATE TRIGGER chain_pending AFTER INSERT ON chain REFERENCING NEW TABLE AS new_chain
    FOR EACH STATEMENT EXECUTE FUNCTION chain_pending_add();

-- Authorities where a chain may end: one of their certificates is self-signed, or a root of a store.
CREATE VIEW root_authority AS
    SELECT a.authority FROM authority_certificate a JOIN certificate_facts f USING (certificate) WHERE f.is_self_signed
    UNION
    SELECT a.authority FROM store_root r JOIN authority_certificate a USING (certificate);

-- All faults. 'missing': the sequence ends below a CA certificate that the inventory knows, and that is no root.
CREATE VIEW chain_fault_all AS
    SELECT chain, fault, position, certificate FROM chain_fault
    UNION ALL
    SELECT c.chain, 'missing', NULL, c.certificate
    FROM chain_end c
    JOIN edge e ON e.child = c.certificate
    WHERE NOT c.is_self_signed AND e.authority NOT IN (SELECT authority FROM root_authority);
