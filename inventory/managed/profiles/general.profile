# What headings, words and dates mean where no source's own profile says else. A heading is compared without case, blanks,
# "_", "-" and "."; of several that a table has, the first that is not empty in a row counts (all of them for names, contacts,
# places and certificates). In a source's own profile "FIELD = -" says that a general heading means something else there.
[profile]
name = general headings
empty = N/A | NA | n.a. | - | -- | null | none | nil | #N/A | not applicable | not available | undefined

[columns]
subject = subject | subject dn | subject name | distinguished name | dn | subject distinguished name | issued distinguished name
common_name = common name | cn | common name cn | subject cn | subject common name | cert name | certificate name | domain | domain name
    | host name | fqdn | issued common name | primary domain
names = names | san | sans | subject alternative names | subject alternative name | subject alt names | subject alt name
    | dns names | dns name list | alternative names | additional domains | domains | san dns
serial_number = serial number | serial | certificate serial number | serial no | serial num | serial hex | serial number hex
    | serial number decimal | cert serial
issuer = issuer | issuer dn | issuer name | issued by | issuing ca | ca | issuer distinguished name | certificate authority
    | issuer common name | issuer cn
not_before = not before | not before utc | valid from utc | valid from | issued | issue date | issued on | start date | effective date | start | issued at | date issued
not_after = not after | not after utc | valid until utc | expires utc | expiration utc | valid until | valid to | valid till | expires | expiry | expiry date | expires on | expiration
    | expiration date | end date | end | expires at | expire date | date expires
sha256 = sha256 | sha 256 fingerprint | sha256 hash | fingerprint sha256 | sha256 thumbprint | certificate sha256 | fingerprint
    | thumbprint | certificate fingerprint | certificate hash
sha1 = sha1 | sha1 hash | sha1 fingerprint | sha1 thumbprint | fingerprint sha1 | thumbprint sha1 | certificate sha1
spki_sha256 = spki sha256 | spki hash | public key sha256 | pin sha256
certificate = pem | certificate | cert | certificate pem | pem certificate | base64 | der | x509 | certificate body | raw
    | base64 certificate
request = csr | certificate request | pkcs10
location = location | locations | installed on | installed at | where | endpoint | endpoints | deployment locations
    | installed locations
host = host | server | server name | hostname | node
address = address | ip | ip address | ipv4 | ipv6
port = port | tcp port
site = certsweep site
path = path | file | file path | store | key store
owner = owner | organization unit | organizational unit | ou | department | owner group | responsible | owned by | team | business unit
contacts = contacts | contact | email | emails | e mail | requester email | external requester | additional emails | notify
    | technical contact | tech email | contact email | owner email | requester | notification emails
requester = requester | requested by | requestor | requester name | applicant
department = department | organization unit | organizational unit | division
application = application | app | service | system | application name
environment = environment | env | stage | tier
cost_center = cost center | cost centre | billing code
status = status | state | certificate status | order status | cert status
revoked_at = revoked | revoked at | revocation date | revoked on | date revoked
revocation_reason = revocation reason | revoke reason | revoked reason
order_number = order number | order id | order | order no
request_number = request number | request id | ticket | certificate request id
replaces = replaces | renewal of | renews | previous order | replaces order
replaced_by = replaced by | renewed by | renewed order id | superseded by
type = type | certificate type | cert type | usage | purpose
product = product | product name | certificate template | template | certificate profile | template name
validation = validation | validation type | validation level
term = term | validity | validity period | validity years
servers = servers | urls | url | bought for | web sites
installer = installer | installed by | who installs
delivered_at = delivered | delivered at | delivery date | collected | collected at
auto_renewal = auto renewal | auto renew | automatic renewal
key_algorithm = key algorithm | key type | public key algorithm
key_bits = key size | key length | key bits | key strength | public key size

# Words of everyday tables: "Name, Serial, From, To". They count only where no other column says the same, and common_name only where none
# tells names.
[otherwise]
common_name = name | website | web site
not_before = from | begin | begins
not_after = to | until | till | valid thru | good until | ends

[status]
issued = issued | active | valid | downloaded | enrolled | enrolled* | deployed | installed | ok | current | enabled | good | in use
    | certificate issued | ready | true | expiring | expiring* | 20 | complete | completed | ready for download
requested = requested | pending | pending* | applied | approved | awaiting* | processing | submitted | new | under submission
    | in progress | reissue_pending | waiting* | needs_* | request pending | ordered | draft
declined = declined | rejected | denied | cancelled | canceled | failed | request denied | request failed | *failed | *denied
    | validation_timed_out | not approved | deactivated
revoked = revoked | certificate revoked | *revoked* | 21
expired = expired
replaced = replaced | superseded | reissued | renewed | retired | archived | inactive

[type]
code signing = *code*sign* | *codesign*
S/MIME = *s/mime* | *smime* | *secure email* | *e-mail* | *email cert*
client = *client* | *user* | *personal* | *smart*card* | *workstation auth*
CA = *subordinate* | *intermediate* | *root ca* | *sub ca* | ca
other = *document sign* | *pdf sign* | *time*stamp* | *ocsp* | *verified mark* | *device cert*
server = *ssl* | *tls* | *server* | *web* | *domain* | *multi* | *wildcard* | * ov* | * ev* | * dv* | server
