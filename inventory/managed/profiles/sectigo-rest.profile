# Sectigo Certificate Manager's REST API: GET /ssl/v1 (list) and /ssl/v1/ID (details), as JSON.
[profile]
name = Sectigo SCM, REST
needs = sslId | commonName

[columns]
common_name = commonName
names = subjectAlternativeNames | certificateDetails.subjectAltNames
serial_number = serialNumber | certificateDetails.serialNumber
subject = certificateDetails.subject
issuer = certificateDetails.issuer
sha1 = certificateDetails.sha1Hash
status = status
order_number = orderNumber
request_number = sslId
product = certType.name | certificateProfile.name
term = term
requester = requester
contacts = externalRequester | requester | notifications
not_before = issued
not_after = expires
revoked_at = revoked
key_algorithm = keyAlgorithm
key_bits = keySize
auto_renewal = autoRenewDetails.autoRenewalState | suspendNotifications.autoRenew
replaced_by = renewedBy
replaces = renewalOf

[status]
issued = Issued | Downloaded | Enrolled* | External
requested = Requested | Applied | Approved | Awaiting Approval | Init
declined = Declined | Rejected | Invalid
