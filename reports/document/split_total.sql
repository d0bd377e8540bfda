-- How many different certificates the letters are of. Column: certificates.
SELECT count(DISTINCT p.certificate) FROM document_place p JOIN certificate_now n USING (certificate) WHERE n.is_leaf
