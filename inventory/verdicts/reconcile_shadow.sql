-- A replay fills tables of the same names in this session, which are found first, and leaves the present alone.
CREATE TEMP TABLE certificate_now (LIKE certificate_now INCLUDING DEFAULTS);
CREATE TEMP TABLE endpoint_judged (LIKE endpoint_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE record_judged (LIKE record_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE finding (LIKE finding INCLUDING DEFAULTS);
CREATE TEMP TABLE verdict_past (LIKE verdict_past INCLUDING DEFAULTS);
CREATE TEMP TABLE now_count (LIKE now_count INCLUDING DEFAULTS)
