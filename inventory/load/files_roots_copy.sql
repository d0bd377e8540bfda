COPY in_root (host, path, settings, is_complete, from_at, to_at) FROM STDIN
