-- One row for each server test (scan --depth deep, test --keep): what differs from test to test. Its answers are rows of posture,
-- or a confirmation where all of them are the ones before.

CREATE TABLE server_test (
    endpoint bigint NOT NULL,
    time timestamptz NOT NULL,          -- when it began
    scan bigint NOT NULL,
    connections integer,
    clock_detail text COLLATE "C",      -- the server's clock less ours, in seconds; NULL: not told
    hellos text[],                      -- "NN CONNECTIONS NAME VERSION FROM TO ITEM ..." (hello_log.h); NULL: an older test's
    PRIMARY KEY (endpoint, time)
);

-- The last answer to each question; 'untested' answers nothing. What lists hold counts only where no later, whole list lacks it: a
-- suite that is accepted no more has no answer of its own.
CREATE OR REPLACE VIEW posture_current AS
    SELECT p.endpoint, p.item, p.value, p.detail, p.time, p.scan
    FROM (SELECT DISTINCT ON (p.endpoint, p.item) p.endpoint, p.item, p.value, p.detail, p.time, p.scan,
                 CASE split_part(p.item, ':', 1) WHEN p.item THEN NULL WHEN 'suite' THEN 'suites' WHEN 'group' THEN 'survey'
                      WHEN 'scheme' THEN 'survey' WHEN 'alpn' THEN 'survey' END AS list
          FROM posture p
          JOIN scan ON scan.id = p.scan AND p.time <= scan.clock_limit
          ORDER BY p.endpoint, p.item, p.value = 'untested', p.time DESC) p
    WHERE p.list IS NULL
       OR NOT EXISTS (SELECT FROM posture l JOIN scan ON scan.id = l.scan AND l.time <= scan.clock_limit
                      WHERE l.endpoint = p.endpoint AND l.item = p.list AND l.time > p.time AND l.value <> 'untested' AND l.detail IS NULL);
