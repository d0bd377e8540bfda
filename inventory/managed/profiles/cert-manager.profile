# cert-manager: kubectl get certificates -A -o json (or yaml). It renews by itself.
[profile]
name = cert-manager
needs = spec.secretName | spec.issuerRef.name

[columns]
common_name = spec.commonName
names = spec.dnsNames | spec.ipAddresses
not_before = status.notBefore
not_after = status.notAfter
application = metadata.name
environment = metadata.namespace
product = spec.issuerRef.name
owner = metadata.labels.owner | metadata.labels.team | metadata.annotations.owner

[constants]
auto_renewal = true
