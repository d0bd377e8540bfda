-- Columns in the order of endpoint_copy().
COPY in_endpoint (handle, key, address, port, transport, server_name, zone) FROM STDIN (FORMAT binary)
