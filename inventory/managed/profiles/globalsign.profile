# GlobalSign Certificate Center and MSSL: the order search's and the expiration report's CSV, and the API's orders as JSON.
[profile]
name = GlobalSign
needs = Order ID | Common Name | Order Status
needs = Order Number | Common Name | Product | Order Status
needs = OrderInfo.OrderId | OrderInfo.DomainName
needs = OrderId | FQDN | OrderStatus

[columns]
order_number = Order ID | Order Number | OrderInfo.OrderId | OrderId
common_name = Common Name | OrderInfo.DomainName | FQDN
names = SAN | SANs | Subject Alternative Names | CertificateInfo.DNSNames
status = Order Status | OrderInfo.OrderStatus | Status
product = Product | Product Name | OrderInfo.ProductCode
serial_number = Serial Number | CertificateInfo.SerialNumber
subject = CertificateInfo.SubjectName
not_before = Valid From | Start Date | Issue Date | CertificateInfo.StartDate
not_after = Valid To | Expiration Date | Expiry Date | End Date | CertificateInfo.EndDate
certificate = Fulfillment.ServerCertificate.X509Cert | X509Cert
owner = Department | Organization Unit | Organization
contacts = Email | Contact Email | Requester Email
requester = Requester | Contact Name

[status]
issued = Issued | 4 | Complete*
requested = Phishing | Initial | Waiting* | In Process | 1 | 2 | 5
declined = Cancelled* | 3 | 9
revoked = Revoked* | 7 | 8
