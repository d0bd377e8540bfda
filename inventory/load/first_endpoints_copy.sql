COPY endpoint (id, site, address, port, transport, server_name, zone, prefix, key) FROM STDIN (FORMAT binary)
