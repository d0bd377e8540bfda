-- Names of certificates; the order is that of name_rows().
COPY certificate_name (certificate, ordinal, kind, name, bytes, address) FROM STDIN
