-- Findings about moduli; columns in the order of finding_row().
COPY keys_finding (modulus_sha256, weakness, evidence, prime_sha256) FROM STDIN
