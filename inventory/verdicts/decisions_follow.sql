-- Adds the decisions that follow from others, for certificates in scope: a standing filter decides about those it matches now; a
-- renewal inherits adopt and link from the certificate before it (same names, class of issuer, and owner, order or place: what is
-- served nowhere any more has no owner by its place), never accept or ignore. Column: how many decisions were made.
WITH standing AS (
    INSERT INTO decision (kind, sha256, reason, who, made_at, until, filter, rule)
    SELECT f.kind, n.sha256, f.reason, f.who, j.as_of, f.until, f.id, f.muted_rule
    FROM judging j
    JOIN decision_filter f ON f.is_standing AND f.undone_at IS NULL AND f.made_at <= j.as_of AND f.until > j.as_of
    CROSS JOIN scope_certificate x
    JOIN certificate_now n ON n.certificate = x.certificate
    WHERE filter_finds(f, n)
      AND NOT EXISTS (SELECT FROM decision d WHERE d.filter = f.id AND d.sha256 = n.sha256)
    RETURNING id
), inherited AS (
    INSERT INTO decision (kind, sha256, source, record_key, reason, who, made_at, until, inherited_from)
    SELECT DISTINCT ON (y.certificate) d.kind, y.sha256, d.source, d.record_key, d.reason, d.who, j.as_of, d.until, d.id
    FROM judging j, decision d
    JOIN certificate c ON c.sha256 = d.sha256
    JOIN certificate_now x ON x.certificate = c.id
    JOIN certificate_now y ON y.names_key = x.names_key AND y.certificate <> x.certificate
    LEFT JOIN owner_basis xo ON xo.id = x.owner_basis
    LEFT JOIN owner_basis yo ON yo.id = y.owner_basis
    LEFT JOIN managed_record xr ON xr.id = x.record_id
    LEFT JOIN managed_record yr ON yr.id = y.record_id
    WHERE d.kind IN ('adopt', 'link') AND d.undone_at IS NULL AND (d.until IS NULL OR d.until > j.as_of) AND d.made_at <= j.as_of
      AND y.is_leaf AND y.record = 'unmanaged' AND y.not_before > x.not_before AND y.issuer = x.issuer
      AND (xo.owner = yo.owner OR xr.order_number = yr.order_number
           OR EXISTS (SELECT FROM endpoint_judged e JOIN answer_span a USING (endpoint) JOIN chain was ON was.id = a.chain
                      WHERE e.certificate = y.certificate AND was.leaf = x.certificate))
      AND NOT EXISTS (SELECT FROM decision o WHERE o.sha256 = y.sha256 AND (o.inherited_from = d.id OR (o.undone_at IS NULL AND o.kind <> 'mute')))
      AND (EXISTS (SELECT FROM scope_certificate s WHERE s.certificate = x.certificate)
           OR EXISTS (SELECT FROM scope_certificate s WHERE s.certificate = y.certificate))
    ORDER BY y.certificate, x.not_before DESC, d.id
    RETURNING id)
SELECT (SELECT count(*) FROM standing) + (SELECT count(*) FROM inherited)
