COPY managed_new_location FROM STDIN
