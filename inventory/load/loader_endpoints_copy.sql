COPY in_endpoint (handle, address, port, transport, server_name, zone) FROM STDIN
