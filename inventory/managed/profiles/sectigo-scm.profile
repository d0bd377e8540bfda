# Sectigo Certificate Manager: Reports > SSL Certificates, and the list's "Export", as CSV or XLSX. The dates follow the account's
# settings, so their order is inferred.
[profile]
name = Sectigo SCM, SSL certificates report
needs = Common Name | Subject Alt Names | Order Number | Server Software State | Discovery Status
needs = Order Number | Common Name | Certificate Profile | External Requester | SHA1 Hash

[columns]
common_name = Common Name
names = Subject Alt Names | Subject Alternative Name | Subject Alternative Names
status = Status
order_number = Order Number
request_number = ID
owner = Department | Organization
department = Department
product = Certificate Type | Certificate Profile
term = Term
not_before = Issued
not_after = Expires
revoked_at = Revoked
requester = Requester
contacts = External Requester | Requester
serial_number = Serial Number
sha1 = SHA1 Hash
key_algorithm = Key Algorithm
key_bits = Key Size
auto_renewal = Auto-Renewal
issuer = Issuer

[status]
issued = Issued | Downloaded | Enrolled* | External | Unmanaged
requested = Requested | Applied | Approved | Awaiting Approval | Init
declined = Declined | Rejected | Invalid
replaced = Replaced
