-- What has been tested; the order is that of tested_copy().
COPY keys_tested (modulus_sha256, is_prime_tested, is_excluded, is_compared) FROM STDIN
