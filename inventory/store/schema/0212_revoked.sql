-- Few certificates are revoked: the report of them need not read the others.
CREATE INDEX certificate_now_revoked ON certificate_now (certificate) WHERE is_revoked;
