# Microsoft's certificate authority (AD CS): certutil -view -out "..." csv. "Certificate Hash" is SHA-1. A request that was never
# issued says EMPTY where a certificate would be.
[profile]
name = Microsoft CA, certutil -view csv
needs = Request ID | Requester Name | Certificate Template
needs = Request ID | Issued Common Name | Certificate Expiration Date
needs = Issued Common Name | Certificate Effective Date | Certificate Expiration Date
needs = Issued Distinguished Name | Certificate Expiration Date | Certificate Hash
empty = EMPTY

[columns]
request_number = Request ID | Issued Request ID
requester = Requester Name | Caller Name
common_name = Issued Common Name | Request Common Name
subject = Issued Distinguished Name | Request Distinguished Name
serial_number = Serial Number
sha1 = Certificate Hash
not_before = Certificate Effective Date
not_after = Certificate Expiration Date
product = Certificate Template
certificate = Binary Certificate
department = Issued Organization Unit
owner = Issued Organization Unit
contacts = Issued Email Address | Requester Name
status = Request Disposition | Request Disposition Message
revoked_at = Revocation Date | Effective Revocation Date | Revoked Effective When
revocation_reason = Revocation Reason
key_bits = Public Key Length
key_algorithm = Public Key Algorithm

[status]
issued = 20* | Issued*
revoked = 21* | Revoked*
declined = 30* | 31* | Denied* | *failed*
requested = 8* | 9* | Taken Under Submission* | *pending*
