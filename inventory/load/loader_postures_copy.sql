COPY in_posture (endpoint, item, time, value, detail, scan) FROM STDIN
