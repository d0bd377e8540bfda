-- Creates temporary tables for a replay. They have the names of the tables of the present and hide them, so those do not change.
CREATE TEMP TABLE certificate_now (LIKE certificate_now INCLUDING DEFAULTS);
CREATE TEMP TABLE endpoint_judged (LIKE endpoint_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE record_judged (LIKE record_judged INCLUDING DEFAULTS);
CREATE TEMP TABLE match_now (LIKE match_now INCLUDING DEFAULTS);
CREATE TEMP TABLE finding (LIKE finding INCLUDING DEFAULTS);
CREATE TEMP TABLE verdict_past (LIKE verdict_past INCLUDING DEFAULTS);
CREATE TEMP TABLE now_count (LIKE now_count INCLUDING DEFAULTS)
