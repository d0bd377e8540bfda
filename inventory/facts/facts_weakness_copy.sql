-- What was found of these keys; the order is that of weakness_rows().
COPY facts_new_weakness (spki_sha256, weakness, evidence) FROM STDIN
