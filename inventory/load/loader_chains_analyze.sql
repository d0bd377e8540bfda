ANALYZE in_chain, in_link
