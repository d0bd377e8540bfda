COPY in_dropped (source) FROM STDIN
