-- Faults, and where the line of issuers of each chain ends (fault NULL).
COPY chain_new (chain, fault, position, certificate, is_self_signed) FROM STDIN (FORMAT binary)
