-- Names of certificates; the order is that of facts_name_rows().
COPY certificate_name (certificate, ordinal, kind, name, bytes, address, reversed, registrable, unicode) FROM STDIN
