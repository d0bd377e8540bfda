-- title: A default certificate: made by the product, not for this server
-- version: 1
-- severity: medium
-- applies to: any
-- source: inference: names that products and examples put into the certificates that they make at installation
-- next step: Replace it with a certificate of an own or approved CA; its key may be the same in every such product.
-- Issuers are tested once each.
WITH maker AS (
    SELECT i.issuer_key, substring(i.issuer FROM v.pattern) AS found
    FROM issuer i, (VALUES ('(?i)(snake ?oil|localdomain|CN=localhost(?:,|$)|Internet Widgits|My Company|Default (?:Company Ltd|Certificate|CA)|Acme Co(?:,|$)'
        || '|TRAEFIK DEFAULT CERT|Kubernetes Ingress Controller Fake|XAMPP|Bitnami|Plesk|Webmin|cPanel, Inc.*self|self-?signed|Test(?:ing)? (?:CA|Certificate)'
        || '|VMware (?:default certificate|Installer)|FGT[0-9A-Z]{8,}|Fortinet|SonicWALL|SonicWall|pfSense|OPNsense|Ubiquiti|UniFi|MikroTik|RouterOS|DrayTek'
        || '|Synology|QNAP|Cisco.*(?:Self|IOS-Self)|IOS-Self-Signed|Juniper.*self|Palo Alto Networks.*self|SuperMicro|Super Micro|iDRAC|Integrated Dell Remote'
        || '|iLO Default|Hewlett.*(?:iLO|Default)|HP Jetdirect|Brother.*Default|RICOH|KONICA|Lexmark|Axis Communications|Hikvision|Dahua|D-LINK|TP-?LINK|NETGEAR'
        || '|Check ?Point.*Self|F5 Default|support\.f5|BIG-IP|example\.(?:com|org|net)(?:,|$))')) v (pattern)
    WHERE i.issuer ~ v.pattern)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C20', s.certificate, 'medium', jsonb_build_object('found', coalesce(m.found, s.common_name), 'issuer', i.issuer)
FROM subject s JOIN issuer i USING (issuer_key) LEFT JOIN maker m USING (issuer_key)
WHERE s.is_served AND (m.found IS NOT NULL AND NOT s.is_public
                       OR lower(s.common_name) IN ('localhost', 'localhost.localdomain', 'snakeoil', 'default', 'changeme'))
