-- Begins a snapshot, and makes the tables that a document is written from; they end with it.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;
SET LOCAL TIME ZONE 'UTC';
-- Of a document of one owner: what they have served.
CREATE TEMP TABLE document_theirs (
    certificate bigint PRIMARY KEY
) ON COMMIT DROP;
-- Where each certificate is, and whose it is there. endpoint 0: served nowhere as a leaf (managed only, or a CA's).
CREATE TEMP TABLE document_place (
    certificate bigint NOT NULL,
    endpoint bigint NOT NULL,
    owner text NOT NULL,            -- '' no owner
    basis bigint,                   -- owner_basis
    file bigint,                    -- file_judged.place; NULL: not in a file
    is_theirs boolean NOT NULL DEFAULT true,    -- of a document of one owner: its place; false: another owner's, which shows one of their certificates
    is_key boolean NOT NULL DEFAULT false       -- a file in which its key lies readable by all: there, nothing but that (K21) is told
) ON COMMIT DROP;
-- The last safe day of each: what must be renewed goes by it, and no finding about a certificate has a later day.
CREATE TEMP TABLE document_day (
    certificate bigint PRIMARY KEY,
    day date NOT NULL
) ON COMMIT DROP;
-- The certificates of the document: leaves that are served now; in a letter also those that are not.
CREATE TEMP TABLE document_certificate (
    certificate bigint PRIMARY KEY,
    name text NOT NULL,
    owner text NOT NULL,            -- of several owners: "shared by A; B", all of them together
    basis bigint,
    record text NOT NULL,           -- managed, unmanaged, accepted, ignored, not judged
    issuer_name text,
    issuer text,
    not_after timestamptz,
    is_served boolean NOT NULL DEFAULT true,
    also_at text,                   -- in a letter: its other owners, and how much they have of it
    is_shared boolean NOT NULL DEFAULT false        -- and one of them is known
) ON COMMIT DROP;
-- Managed records whose certificate nobody has seen (unseen_record). subject: below those of certificates and places.
CREATE TEMP TABLE document_record (
    subject bigint PRIMARY KEY,
    record bigint NOT NULL,
    name text NOT NULL,
    owner text NOT NULL,
    basis bigint,
    issuer_name text,
    not_after timestamptz,
    day date,                       -- its last safe day
    return_on date,                 -- by when what was delivered, and is served nowhere, must be there or given back
    key bytea NOT NULL,             -- by which calendars know it
    told_by text NOT NULL           -- "account.csv:7"
) ON COMMIT DROP;
-- The step of a certificate that ends soon or has ended, where its record knows a better one than its rule (document_next.sql); of a record, its own.
CREATE TEMP TABLE document_next (
    certificate bigint PRIMARY KEY,
    what text NOT NULL,
    is_renewal boolean NOT NULL DEFAULT false       -- asks for the renewal alone
) ON COMMIT DROP;
-- What a line of a document can stand for: the rules, and what no rule asks for: "renewal", and "return" of what a record says was delivered.
CREATE TEMP TABLE document_rule (
    id text COLLATE "C" PRIMARY KEY,
    title text NOT NULL,
    next_step text NOT NULL,
    source text NOT NULL,
    is_replacing boolean NOT NULL       -- its step ends with another certificate in the place of this one
) ON COMMIT DROP;
INSERT INTO document_rule
SELECT id, title, next_step, CASE WHEN source LIKE 'policy: %' THEN replace(regexp_replace(source, '_percent\M', '', 'g'), '_', ' ') ELSE source END,
       is_replacing_rule(id, (SELECT is_foreign_forbidden()))
FROM rule
UNION ALL
SELECT 'renewal', 'To be renewed', next_step, 'policy: lead time', false FROM rule WHERE id = 'C06'
UNION ALL
SELECT 'return', 'Delivered, and never seen served', next_step, source, false FROM rule WHERE id = 'R04';
-- Its findings, and what must be renewed. subject: what one line of a list stands for, the certificate, or minus the endpoint where that shows
-- none, or the record.
CREATE TEMP TABLE document_finding (
    subject bigint NOT NULL,
    certificate bigint NOT NULL,    -- as in finding
    endpoint bigint NOT NULL,
    rule text COLLATE "C" NOT NULL,
    severity_rank smallint NOT NULL,
    act_by date,                    -- NULL: for information
    owner text NOT NULL,
    basis bigint,
    evidence jsonb NOT NULL
) ON COMMIT DROP;
-- What each finding asks for, as letters, their lists and calendars say it. What must be replaced, for more than its end, is not renewed (the same
-- key or the same issuer would come back): its renewal has the words of the replacement. Nor is it taken over first: the new one is. is_left_out: by
-- letters and calendars, where the replacement is as grave and comes no later. rule_next: the words for all that the rule is about,
-- next_step: for this subject.
CREATE TEMP VIEW document_step AS
SELECT f.*, ru.title, ru.source, CASE WHEN f.rule = 'R01' THEN r.is_taken_over ELSE r.is_instead AND r.is_in_time END AS is_left_out,
       CASE WHEN r.is_instead THEN issued_step(o.id, o.next_step, c.issuer)
            ELSE issued_step(f.rule, ru.next_step, c.issuer) END || r.after AS rule_next,
       CASE WHEN r.is_instead THEN issued_step(o.id, o.next_step, c.issuer)
            WHEN f.rule = 'C05' AND o.id IS NOT NULL AND nx.is_renewal THEN ru.next_step
            WHEN is_about_end(f.rule) THEN coalesce(nx.what, ru.next_step)
            ELSE issued_step(f.rule, ru.next_step, c.issuer) END || r.after AS next_step
FROM document_finding f
JOIN document_rule ru ON ru.id = f.rule
LEFT JOIN document_next nx ON nx.certificate = f.subject
LEFT JOIN document_certificate c ON c.certificate = f.subject
LEFT JOIN (SELECT d.subject, (array_agg(d.rule ORDER BY d.act_by, d.severity_rank, d.rule) FILTER (WHERE ru.is_replacing))[1] AS replacing,
                  (array_agg(d.rule ORDER BY d.act_by, d.severity_rank, d.rule) FILTER (WHERE ru.is_replacing AND d.rule <> 'C05'))[1] AS better,
                  min(d.act_by) FILTER (WHERE ru.is_replacing AND d.rule <> 'C05') AS better_by,
                  min(d.severity_rank) FILTER (WHERE ru.is_replacing AND d.rule <> 'C05') AS better_rank,
                  coalesce(min(d.act_by) FILTER (WHERE ru.is_replacing) <= min(d.act_by) FILTER (WHERE d.rule = 'R01')
                           AND min(d.severity_rank) FILTER (WHERE ru.is_replacing) <= min(d.severity_rank) FILTER (WHERE d.rule = 'R01'),
                           false) AS is_taken_over
           FROM document_finding d JOIN document_rule ru ON ru.id = d.rule WHERE d.act_by IS NOT NULL GROUP BY d.subject) s ON s.subject = f.subject
LEFT JOIN document_rule o ON o.id = s.better
CROSS JOIN LATERAL (SELECT is_about_end(f.rule) AND f.rule <> 'C05' AND o.id IS NOT NULL AND coalesce(nx.is_renewal, true) AS is_instead) i
CROSS JOIN LATERAL (
    SELECT i.is_instead, coalesce(s.is_taken_over, false) AS is_taken_over,
           coalesce(s.better_by <= f.act_by AND s.better_rank <= f.severity_rank, false) AS is_in_time,
           CASE WHEN s.is_taken_over AND s.replacing = CASE WHEN i.is_instead THEN s.better ELSE f.rule END
                THEN ' Have the new one managed.' ELSE '' END AS after) r;
-- What of these has a day, at each of its owners. The subject of a server at an owner is the first certificate that it shows of them.
CREATE TEMP TABLE document_told (
    owner text NOT NULL,
    subject bigint NOT NULL,
    basis bigint,
    rule text COLLATE "C" NOT NULL,
    severity_rank smallint NOT NULL,
    act_by date NOT NULL
) ON COMMIT DROP;
-- What must be settled, by owner: each subject with a day once for each of its owners, at its earliest day.
CREATE TEMP TABLE document_item (
    owner text NOT NULL,
    subject bigint NOT NULL,
    basis bigint,
    severity_rank smallint NOT NULL,
    act_by date NOT NULL,
    rules text[] COLLATE "C" NOT NULL
) ON COMMIT DROP;
-- What all letters together tell, each subject once.
CREATE TEMP TABLE document_all (
    subject bigint PRIMARY KEY,
    act_by date NOT NULL
) ON COMMIT DROP
