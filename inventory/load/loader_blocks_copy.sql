COPY in_block (block) FROM STDIN
