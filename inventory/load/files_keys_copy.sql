COPY in_file_key (hash, position, kind, spki_sha256, algorithm, bits, is_encrypted, at_offset) FROM STDIN
