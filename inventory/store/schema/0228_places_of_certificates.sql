-- Where each certificate is served, as certificate_places() names it without a filter: to write it from three places costs as much as all else
-- that a list tells of a certificate, and to keep it less than a twentieth of a judgement. NULL: no endpoint serves it, or it was judged
-- before this column came; then a list asks certificate_places().
ALTER TABLE certificate_now ADD COLUMN places text;
