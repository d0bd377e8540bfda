-- Policies: one ini file each, kept as text and as the document that the rules read. The one put to use last is in force; without
-- any, the built-in one, which the first reconciliation stores here.

CREATE TABLE policy (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL UNIQUE,       -- over text
    text text NOT NULL,
    document jsonb NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE policy_use (
    policy bigint NOT NULL REFERENCES policy (id),
    used_from timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE VIEW policy_current AS
    SELECT p.* FROM policy p JOIN policy_use u ON u.policy = p.id ORDER BY u.used_from DESC LIMIT 1;

-- Converts a pattern with * and ? into one of LIKE.
CREATE FUNCTION glob_like(glob text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(replace(glob, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_')
$$;
