# Venafi TLS Protect Cloud (Venafi as a Service): POST outagedetection/v1/certificatesearch, as JSON, and the inventory's CSV.
[profile]
name = Venafi TLS Protect Cloud
needs = certificateStatus | fingerprint | validityEnd
needs = Certificate Name | Fingerprint | Validity End

[columns]
common_name = subjectCN | Common Name | certificateName | Certificate Name
names = subjectAlternativeNamesByType.dNSName | subjectAlternativeNameDns | SAN
serial_number = serialNumber | Serial Number
issuer = issuerCN | Issuer CN | Issuer
not_before = validityStart | Validity Start
not_after = validityEnd | Validity End
sha256 = fingerprint | Fingerprint
key_algorithm = keyType | encryptionType | Key Type
key_bits = keyStrength | Key Strength
location = instances.ipAddress | instances.hostname
application = applicationNames | Applications
status = certificateStatus | Status
owner = ownerNames | Owner

[status]
replaced = RETIRED
