COPY in_file (site, host, path, inside, time, hash, kind, outcome, detail, mode, uid, gid, marks, set_hash, certificates, keys, size, modified_at) FROM STDIN
