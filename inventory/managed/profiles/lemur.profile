# Netflix Lemur: GET /api/1/certificates, as JSON. Serial numbers are decimal.
[profile]
name = Lemur
needs = body | serial
needs = items.body
serial_numbers = decimal

[columns]
certificate = body
common_name = commonName | cn
serial_number = serial
issuer = issuer
not_before = notBefore | validityStart
not_after = notAfter | validityEnd
names = extensions.subAltNames.names.value | domains.name
owner = owner
contacts = owner | creator.email | user.email
requester = creator.email | user.email
status = status
auto_renewal = rotation
key_algorithm = keyType
product = authority.name
application = name
