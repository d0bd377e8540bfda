COPY in_counter (name, value) FROM STDIN
