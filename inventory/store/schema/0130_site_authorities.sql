-- The CA certificates above the leaves of each site, so that a site's findings and numbers have theirs: no place of the site need serve them
-- as a leaf. Every run finds them from the numbers that it keeps (now_count, subject 'authority').

ALTER TABLE certificate_now ADD COLUMN authority bigint;        -- whose key signed it, as the last run knew it
CREATE TABLE site_ca (          -- those with findings alone; without those that a place or a file of the site has itself
    certificate bigint NOT NULL,
    site bigint NOT NULL,
    PRIMARY KEY (certificate, site)
);
CREATE TABLE site_ca_count (    -- what their findings add to now_count
    site bigint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (site, subject, value)
);
-- The next run judges everything, so that every row has its authority.
UPDATE reconcile_run SET basis = basis || ' without authorities' WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
