FETCH 32768 FROM first_rows
