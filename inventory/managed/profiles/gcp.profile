# Google Cloud: gcloud certificate-manager certificates list, gcloud privateca certificates list and gcloud compute ssl-certificates
# list, each with --format=json.
[profile]
name = Google Cloud
needs = pemCertificate | expireTime
needs = pemCertificate | certificateDescription.subjectDescription.hexSerialNumber
needs = name | managed.domains | managed.state
needs = kind | selfLink | expireTime

[columns]
certificate = pemCertificate | certificate | selfManaged.certificate
common_name = certificateDescription.subjectDescription.subject.commonName
names = sanDnsnames | subjectAlternativeNames | managed.domains
    | certificateDescription.subjectDescription.subjectAltName.dnsNames
serial_number = certificateDescription.subjectDescription.hexSerialNumber
not_after = expireTime | certificateDescription.subjectDescription.notAfterTime
not_before = certificateDescription.subjectDescription.notBeforeTime
status = managed.state | managed.status | revocationDetails.revocationState
revoked_at = revocationDetails.revocationTime
revocation_reason = revocationDetails.revocationState
order_number = name | selfLink
owner = labels.owner | labels.team
environment = labels.env | labels.environment
application = labels.app | labels.application

[status]
issued = ACTIVE | REVOCATION_REASON_UNSPECIFIED
requested = PROVISIONING
