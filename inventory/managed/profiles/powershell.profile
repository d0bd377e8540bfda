# PowerShell: Get-ChildItem Cert:\LocalMachine\My | Select-Object ... | Export-Csv (or ConvertTo-Json). The thumbprint is SHA-1;
# dates follow the machine's language. Export-Csv writes the name of a list's type where the list would be.
[profile]
name = PowerShell, certificate store
needs = Subject | Issuer | NotAfter | Thumbprint
needs = Subject | NotAfter | SerialNumber | FriendlyName
empty = System.* | Microsoft.PowerShell.Commands.*

[columns]
subject = Subject | SubjectName.Name
issuer = Issuer | IssuerName.Name
not_before = NotBefore
not_after = NotAfter
serial_number = SerialNumber
sha256 = Thumbprint
names = DnsNameList | DnsNameList.Unicode
application = FriendlyName
host = PSComputerName | MachineName
path = PSParentPath
