-- What stood there of the endpoints in work goes; what follows sorts much.
SET LOCAL work_mem = '64MB';
DELETE FROM serving USING in_work WHERE serving.endpoint = in_work.endpoint;
DELETE FROM event USING in_work WHERE event.endpoint = in_work.endpoint;
DELETE FROM endpoint_state USING in_work WHERE endpoint_state.endpoint = in_work.endpoint;
ANALYZE in_work
