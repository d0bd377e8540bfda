-- Whose each place of a certificate is, and each file where it counts.
CREATE TEMP VIEW place_owner AS
SELECT certificate, site, endpoint, deployment, owner_basis FROM endpoint_judged
UNION ALL
SELECT certificate, site, NULL, NULL, owner_basis FROM file_judged
