-- Was a bundle of this scan loaded to its end? $1 scan UUID
SELECT count(*) FROM bundle JOIN scan ON scan.id = bundle.scan WHERE scan.scan_id = $1::uuid AND bundle.sealed > 0
