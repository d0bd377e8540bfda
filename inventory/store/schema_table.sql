-- Creates the table of applied schema files.
CREATE TABLE IF NOT EXISTS schema_file (
    number integer PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
