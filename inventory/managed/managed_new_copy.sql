COPY managed_new FROM STDIN
