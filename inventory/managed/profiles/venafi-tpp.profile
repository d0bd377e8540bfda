# Venafi Trust Protection Platform (TLS Protect Datacenter): GET Certificates/, as JSON, and the inventory's CSV export. The thumbprint
# is SHA-1; the path of the object is what people know it by.
[profile]
name = Venafi TLS Protect Datacenter
needs = DN | Guid | SchemaClass
needs = Certificate DN | Common Name | Valid To
needs = Name | ParentDn | X509.Serial

[columns]
common_name = X509.CN | Common Name | X509.Subject CN
names = X509.SANS.DNS | X509.SANS.IP | SAN DNS | Subject Alt Name DNS
serial_number = X509.Serial | Serial Number
issuer = X509.Issuer | Issuer
subject = X509.Subject | Subject
not_before = X509.ValidFrom | Valid From
not_after = X509.ValidTo | Valid To
sha256 = X509.Thumbprint | Thumbprint
key_algorithm = X509.KeyAlgorithm | Key Algorithm
key_bits = X509.KeySize | Key Size
application = ParentDn
owner = Owner | Contact | Contacts
contacts = Contact | Contacts | Contact Email
product = Certificate Authority | CertificateAuthorityDN
status = Status
certificate = CertificateDetails.Certificate
