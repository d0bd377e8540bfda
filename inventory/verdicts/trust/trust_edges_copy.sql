-- Columns in the order of edge_row().
COPY edge_new (child, authority, issuer_name, tried_to, tries, untried, purposes) FROM STDIN
