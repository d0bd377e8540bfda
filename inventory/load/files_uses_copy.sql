COPY in_file_use (hash, position, service, directive, path, line) FROM STDIN
