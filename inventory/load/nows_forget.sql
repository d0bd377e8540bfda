-- Deletes the present of endpoints about which nothing is known any more.
DELETE FROM endpoint_now n USING in_changed k
WHERE n.endpoint = k.endpoint AND NOT EXISTS (SELECT FROM in_now i WHERE i.endpoint = k.endpoint)
