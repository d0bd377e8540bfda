CLOSE first_rows
