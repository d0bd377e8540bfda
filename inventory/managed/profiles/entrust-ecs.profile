# Entrust Certificate Services Enterprise: Certificates > Managed Certificates > Export, as CSV or XLSX; and the REST API's
# GET /certificates (trackingId ...), as JSON.
[profile]
name = Entrust ECS
needs = Tracking ID | Common Name | Expiry Date
needs = Tracking ID | Cert Type | Serial Number
needs = trackingId | cn | expiresAfter

[columns]
common_name = Common Name | cn
names = Subject Alt Names | SANs | Subject Alternative Names | subjectAltName
status = Status
product = Cert Type | Certificate Type | certType
serial_number = Serial Number
issuer = Issuer DN | Issuer
not_before = Issue Date | Issued | issueDateTime
not_after = Expiry Date | Expires | expiresAfter
requester = Requester Name | requesterName
contacts = Requester Email | Additional Emails | requesterEmail | additionalEmails
owner = Org Unit | Organization | ou | org
department = Org Unit | ou
cost_center = Cost Center
location = Deployment Locations | deploymentLocations
order_number = Tracking ID
key_algorithm = Key Type
key_bits = Key Size
certificate = endEntityCert

[status]
issued = Active | Ready | Reissued
requested = Pending* | Approved | Processing
declined = Declined | Rejected | Cancelled
replaced = Renewed | Deactivated
