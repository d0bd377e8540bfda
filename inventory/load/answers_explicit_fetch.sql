FETCH 50000 FROM explicit_rows
