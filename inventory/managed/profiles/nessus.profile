# Nessus: a scan's CSV export. Of plugin 10863 (SSL Certificate Information) each row describes a certificate and where it was.
[profile]
name = Nessus, SSL Certificate Information
needs = Plugin ID | Host | Port | Plugin Output
only = Plugin ID | 10863

[columns]
description = Plugin Output
address = Host
port = Port
