COPY in_file_certificate (hash, position, certificate, at_offset, label) FROM STDIN
