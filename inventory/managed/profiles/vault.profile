# HashiCorp Vault's PKI: vault read -format=json pki/cert/SERIAL, and what pki/issue answered (its key is not read).
[profile]
name = Vault PKI
needs = data.certificate

[columns]
certificate = data.certificate
serial_number = data.serial_number
revoked_at = data.revocation_time_rfc3339
request_number = -
