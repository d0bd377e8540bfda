-- $1 source, $2 time, $3 files separated by newlines, $4 records, $5 faults, $6 profiles separated by newlines, $7 is it partial?
INSERT INTO managed_import (source, imported_at, files, record_count, bad_count, profiles, is_partial)
VALUES ($1::bigint, $2::timestamptz, string_to_array($3, E'\n'), $4::bigint, $5::bigint,
        coalesce(string_to_array(nullif($6, ''), E'\n'), '{}'), $7::boolean)
