# DigiCert CertCentral: Orders > Download CSV (also Reports > Order report). "thumbprint" is SHA-1; the request holds the key.
[profile]
name = DigiCert CertCentral, order report
needs = order_id | common_name | dns_names | valid_till

[columns]
order_number = order_id
common_name = common_name
names = dns_names
status = status
issuer = issuing_ca
not_before = valid_from
not_after = valid_till
serial_number = serial_number
sha256 = thumbprint
request = csr
owner = organization_unit | container_name | organization_name
department = organization_unit
contacts = tech_email | email | additional_emails
product = product_name
type = product_type
term = validity_years
replaced_by = renewed_order_id
auto_renewal = auto_renew
request_number = certificate_tracker_id

[status]
issued = issued
requested = pending | reissue_pending | processing | waiting_pickup | needs_approval | needs_csr
declined = rejected | canceled
