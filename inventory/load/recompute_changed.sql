-- Marks those of these endpoints to be judged again that have changed from one certificate to another: by such events a certificate counts as
-- renewed, also where the endpoint's present stays as it is. Before they are recomputed, and after.
INSERT INTO dirty (kind, id)
SELECT DISTINCT 2, v.endpoint FROM in_changed k JOIN event v ON v.endpoint = k.endpoint WHERE v.kind = 'changed'
