ANALYZE in_root, in_file, in_file_certificate, in_file_key, in_file_use
