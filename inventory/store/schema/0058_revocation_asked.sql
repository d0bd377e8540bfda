-- Which lists and responders were asked over HTTP, and what came of it: the latest of each URL.

CREATE TABLE revocation_asked (
    url text COLLATE "C" PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    fault text                          -- why nothing could be used; NULL: it was taken over
);
