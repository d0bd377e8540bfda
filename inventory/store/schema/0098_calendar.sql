-- Events written into owners' calendar files, so that the next file can change or cancel them (RFC 5545, 3.8.7.4): an event keeps
-- its UID, and its sequence rises with each change. Written together with letters (certsweep report discovery --split owner).
CREATE TABLE calendar_event (
    uid text COLLATE "C" PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,     -- that the letters were of; '' all
    day date NOT NULL,
    summary text NOT NULL,
    description text NOT NULL,
    sequence integer NOT NULL DEFAULT 0,
    is_cancelled boolean NOT NULL DEFAULT false,    -- settled, or no longer theirs
    changed_at timestamptz NOT NULL
);
CREATE INDEX calendar_event_owner ON calendar_event (owner, site);
