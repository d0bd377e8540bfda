FETCH 20000 FROM chain_links
