# Keyfactor Command: GET /Certificates, as JSON, and the certificate search's CSV export. The thumbprint is SHA-1.
[profile]
name = Keyfactor Command
needs = Thumbprint | IssuedDN | IssuerDN
needs = Issued DN | Issuer DN | Thumbprint
needs = Issued CN | Effective Date | Expiration Date | Template

[columns]
subject = IssuedDN | Issued DN
common_name = IssuedCN | Issued CN
names = SubjectAltNameElements.Value | SANs | Subject Alternative Name | Issued SANs
serial_number = SerialNumber | Serial Number
issuer = IssuerDN | Issuer DN
not_before = NotBefore | Effective Date
not_after = NotAfter | Expiration Date
sha256 = Thumbprint
certificate = ContentBytes
requester = RequesterName | PrincipalName | Requester
contacts = IssuedEmail | Metadata.Email-Contact | Metadata.Email | Metadata.Contact | RequesterName
owner = Metadata.Owner | Metadata.BusinessUnit | OwnerRoleName | Owner
department = Metadata.Department | Metadata.BusinessUnit
application = Metadata.Application | Metadata.AppName
cost_center = Metadata.CostCenter
product = TemplateName | Template
status = CertStateString | CertState | Cert State | Certificate State
revoked_at = RevocationEffDate | Revocation Date
revocation_reason = RevocationReason | Revocation Reason
request_number = CertRequestId | CertificateRequestId
key_algorithm = KeyTypeString | Key Type
key_bits = KeySizeInBits | Key Size
location = Locations.StoreMachine

[status]
issued = Active | 1
revoked = Revoked | 2
declined = Denied | Failed | 3 | 4
requested = Pending | 5
