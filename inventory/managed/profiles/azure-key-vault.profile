# Azure Key Vault: az keyvault certificate list, show, as JSON. "x509Thumbprint" is SHA-1 in base64.
[profile]
name = Azure Key Vault
needs = attributes.expires | x509ThumbprintHex
needs = attributes.expires | x509Thumbprint
needs = cer | kid | sid

[columns]
certificate = cer
sha1 = x509ThumbprintHex
common_name = policy.x509CertificateProperties.subject
names = policy.x509CertificateProperties.subjectAlternativeNames.dnsNames
not_before = attributes.notBefore
not_after = attributes.expires
owner = tags.owner | tags.Owner
department = tags.department
application = tags.application | tags.app
environment = tags.environment | tags.env
cost_center = tags.costCenter | tags.cost-center
contacts = tags.contact | tags.owner | contacts.emailAddress
order_number = id
