-- How many different certificates the letters are of, and records without one. Column: certificates.
SELECT (SELECT count(DISTINCT p.certificate) FROM document_place p JOIN certificate_now n USING (certificate)
        WHERE n.is_leaf) + (SELECT count(*) FROM document_record)
