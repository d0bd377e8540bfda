-- Names of certificates; columns in the order of facts_name_rows().
COPY certificate_name (certificate, ordinal, kind, name, bytes, address, reversed, registrable, unicode) FROM STDIN (FORMAT binary)
