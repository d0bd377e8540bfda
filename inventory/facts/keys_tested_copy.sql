-- Which moduli were tested; columns in the order of tested_copy().
COPY keys_tested (modulus_sha256, is_prime_tested, is_excluded, is_compared) FROM STDIN
