-- Before a run that judges many times what has been judged: drops, until reconcile_indexes_back.sql, the indexes that it does not use.
SELECT indexes_put_aside('judgement', '{certificate_now_name, certificate_now_unmanaged, certificate_now_foreign, certificate_now_due,
                           certificate_now_change, certificate_now_serial, certificate_now_spki, certificate_now_names,
                           certificate_now_record, certificate_now_owner, certificate_now_list, certificate_now_urgent,
                           endpoint_judged_certificate, endpoint_judged_owner, finding_due, finding_endpoint, finding_list}',
                         'certificate_now', (SELECT count(*) FROM certificate_own))
