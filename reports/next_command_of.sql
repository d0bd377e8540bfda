-- A command for one site, as a shell takes it. $1 command, $2 site or NULL.
SELECT $1::text || coalesce(' --site ' || shell_word($2::text), '')
