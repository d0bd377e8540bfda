# AWS Certificate Manager: aws acm list-certificates, describe-certificate, get-certificate, as JSON.
[profile]
name = AWS ACM
needs = Certificate.CertificateArn | Certificate.DomainName
needs = CertificateArn | DomainName
needs = Certificate | CertificateChain

[columns]
common_name = Certificate.DomainName | DomainName
names = Certificate.SubjectAlternativeNames | SubjectAlternativeNames | SubjectAlternativeNameSummaries
serial_number = Certificate.Serial | Serial
subject = Certificate.Subject | Subject
issuer = Certificate.IssuerDN
not_before = Certificate.NotBefore | NotBefore
not_after = Certificate.NotAfter | NotAfter
status = Certificate.Status | Status
revoked_at = Certificate.RevokedAt | RevokedAt
revocation_reason = Certificate.RevocationReason
order_number = Certificate.CertificateArn | CertificateArn
servers = Certificate.InUseBy
key_algorithm = Certificate.KeyAlgorithm | KeyAlgorithm
auto_renewal = Certificate.AutomaticRenewal
certificate = Certificate | CertificateChain
product = Certificate.Type | Type

[status]
issued = ISSUED
requested = PENDING_VALIDATION
declined = VALIDATION_TIMED_OUT | FAILED
replaced = INACTIVE
