-- Forgets facts of another FACTS_VERSION ($1), so that they are computed anew.
DELETE FROM certificate_facts WHERE facts_version <> $1::integer
