# Kubernetes: kubectl get secrets -A -o json (or yaml). Of each secret only certificates are read.
[profile]
name = Kubernetes secret
needs = kind | type | data.tls.crt
needs = kind | metadata.name | data.tls.crt

[columns]
certificate = data.tls.crt | data.ca.crt
application = metadata.name
environment = metadata.namespace
owner = metadata.labels.owner | metadata.labels.team | metadata.annotations.owner
