-- Weaknesses of keys; columns in the order of weakness_rows().
COPY facts_new_weakness (spki_sha256, weakness, evidence) FROM STDIN
