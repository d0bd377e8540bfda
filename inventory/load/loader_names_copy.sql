COPY in_name (scan, line, name, outcome, detail, time, address_count) FROM STDIN
