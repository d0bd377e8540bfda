# DigiCert CertCentral's Services API: GET /order/certificate (list) and /order/certificate/ID (details), as JSON.
[profile]
name = DigiCert CertCentral, REST
needs = id | certificate.common_name | status
needs = id | certificate.common_name | product.name_id

[columns]
order_number = id
common_name = certificate.common_name
names = certificate.dns_names
status = status
issuer = certificate.ca_cert.name
not_before = certificate.valid_from | certificate.days_from
not_after = certificate.valid_till
serial_number = certificate.serial_number
sha256 = certificate.thumbprint
request = certificate.csr
owner = container.name | organization.display_name | organization.name
department = certificate.organization_units
contacts = technical_contact.email | organization_contact.email | additional_emails | user.email | verified_contacts.email
requester = user.email
product = product.name
type = product.type
term = validity_years | order_validity.years
key_bits = certificate.key_size
auto_renewal = auto_renew
replaces = renewal_of_order_id
replaced_by = renewed_order_id

[status]
issued = issued
requested = pending | reissue_pending | processing | waiting_pickup | needs_approval | needs_csr
declined = rejected | canceled
