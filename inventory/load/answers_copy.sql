-- What the class of an answer depends on. Columns in the order of answer_class_copy().
COPY in_answer (row, handle, key, variant, time, digest) FROM STDIN (FORMAT binary)
