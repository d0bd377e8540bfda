COPY endpoint (id, site, address, port, transport, server_name, zone, key) FROM STDIN (FORMAT binary)
