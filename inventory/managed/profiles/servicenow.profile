# ServiceNow, table cmdb_ci_certificate (Unique Certificates): the list's export as CSV, XLSX or JSON, with labels or column names.
[profile]
name = ServiceNow, unique certificates
needs = subject_common_name | issuer_common_name | valid_to
needs = Subject common name | Issuer common name | Fingerprint
needs = sys_id | fingerprint | valid_to

[columns]
common_name = subject_common_name
subject = subject_distinguished_name
names = subject_alternative_name | subject_alternative_names
issuer = issuer_distinguished_name | issuer_common_name
serial_number = serial_number
sha256 = fingerprint
not_before = valid_from
not_after = valid_to
status = state | install_status
owner = owned_by | owned_by.display_value | support_group | managed_by_group | department
department = department
contacts = email | owned_by.email | managed_by.email | renewal_contact
application = business_service
environment = used_for | environment
cost_center = cost_center
key_bits = key_size
type = type

[status]
issued = Installed | 1 | Operational
replaced = Retired | 7 | Absent | 100
requested = On order | Pending install
