-- Notices that were sent or are to be sent: one for a contact, a certificate and a step of the policy, never twice. Written by
-- `certsweep notices` alone.
CREATE TABLE notice (
    contact text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    step text COLLATE "C" NOT NULL,     -- "30 days", "10 percent of its life", "expired", "escalated"
    owner text NOT NULL,
    made_at timestamptz NOT NULL,
    -- waiting, sending, sent, failed. A row that stays "sending" was interrupted while it was sent: it may have arrived, so it is
    -- not sent again.
    state text COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    tried_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    trouble text,                       -- of the last attempt
    PRIMARY KEY (contact, sha256, step)
);
CREATE INDEX notice_open ON notice (contact) WHERE state <> 'sent';
