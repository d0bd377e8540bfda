-- Deletes the spans and events of these endpoints before they are recomputed.
DELETE FROM answer_span USING in_changed k WHERE answer_span.endpoint = k.endpoint;
DELETE FROM event USING in_changed k WHERE event.endpoint = k.endpoint
