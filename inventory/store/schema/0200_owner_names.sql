-- Each owner once, as it was spelled first: `find` looks for a word in them all, and of owner_basis most have many rows. Nothing is deleted there.
CREATE TABLE owner_known (
    key text PRIMARY KEY,               -- lower(owner)
    owner text NOT NULL
);

CREATE FUNCTION owner_known_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO owner_known SELECT DISTINCT ON (lower(f.owner)) lower(f.owner), f.owner FROM fresh f ORDER BY lower(f.owner), f.id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER owner_basis_new AFTER INSERT ON owner_basis REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION owner_known_add();

INSERT INTO owner_known SELECT DISTINCT ON (lower(b.owner)) lower(b.owner), b.owner FROM owner_basis b ORDER BY lower(b.owner), b.id;
