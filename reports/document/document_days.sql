-- Fills document_day and document_place_day. What else such a place shows may be somebody else's.
INSERT INTO document_day (certificate, day)
SELECT t.certificate, last_safe_day(t.ask_by, t.not_after)
FROM certificate_term t
WHERE t.certificate IN (SELECT certificate FROM document_place) AND last_safe_day(t.ask_by, t.not_after) IS NOT NULL;
ANALYZE document_day;
INSERT INTO document_place_day (endpoint, day)
SELECT j.endpoint, min(last_safe_day(t.ask_by, t.not_after))
FROM (SELECT endpoint FROM finding WHERE certificate = 0 INTERSECT SELECT endpoint FROM document_place) f
JOIN endpoint_judged j USING (endpoint)
JOIN certificate_term t ON t.certificate = j.certificate
GROUP BY j.endpoint
HAVING min(last_safe_day(t.ask_by, t.not_after)) IS NOT NULL;
ANALYZE document_place_day
