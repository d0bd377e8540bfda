-- Rows that the database refused for their values: the others were stored without them. The same version does not try
-- them again; the bytes stay in the certificate's DER or in the bundle.

CREATE TABLE set_aside (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stage text COLLATE "C" NOT NULL,    -- 'facts', 'trust', 'load'
    version integer NOT NULL,           -- of that stage
    certificate bigint REFERENCES certificate (id) ON DELETE CASCADE,
    bundle bigint REFERENCES bundle (id),
    bundle_table text COLLATE "C",      -- 'observation', 'posture' ...
    bundle_row bigint,
    reason text NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX set_aside_certificate ON set_aside (certificate);
