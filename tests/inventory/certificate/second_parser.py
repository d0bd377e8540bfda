#!/usr/bin/env python3
"""second_parser.py CERT_FACTS [FOLDER...]: every fact that cert.h reads, compared with what two parsers that share no code with it nor
with each other read of the same DER: cryptography (a parser in Rust) and asn1crypto (Python). Left out is what they tell in another way on
purpose: characters that we escape; the order and repetitions of attributes in one RelativeDistinguishedName, a SET, which cryptography
does not keep; bits of a modulus, which asn1crypto rounds up to whole bytes. Exit 77: one of them is not installed.
"""
import collections
import datetime
import hashlib
import json
import subprocess
import sys
import warnings

try:
    from asn1crypto import x509 as asn1
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
except ImportError as missing:
    print("SKIP:", missing)
    sys.exit(77)

warnings.simplefilter("ignore")
EPOCH = datetime.datetime(1970, 1, 1)
CURVES = {"secp224r1": "P-224", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp192r1": "P-192"}
USAGES = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"]
USAGE_NAMES = {"content_commitment": "nonRepudiation", "crl_sign": "cRLSign"}
counts = collections.Counter()
faults = []


def camel(name):
    words = name.split("_")
    return USAGE_NAMES.get(name, words[0] + "".join(word.title() for word in words[1:]))


def seconds(time):
    if time.tzinfo is not None:
        time = time.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return int((time - EPOCH).total_seconds())


def same(ours, parser, fact, theirs, mine):
    counts[parser, fact] += 1
    if theirs != mine:
        faults.append(f"{ours['file']} {hashlib.sha256(bytes.fromhex(ours['der'])).hexdigest()[:12]}: {parser}: {fact} is {theirs!r}, not {mine!r}")


def present(ours, fact):
    return ours["state"][fact] == "present"


def read(function):
    """What a parser refuses is no difference: it reads less than we do. None."""
    try:
        return function()
    except Exception:
        return None


def compare(ours, parser, fact, field, function, mine):
    """A fact that both have."""
    theirs = read(function)
    if theirs is not None and (field is None or present(ours, field)):
        same(ours, parser, fact, theirs, mine)


def with_cryptography(ours, der):
    cert = read(lambda: x509.load_der_x509_certificate(der))
    if cert is None:
        return
    counts["cryptography", "certificates"] += 1

    def check(fact, field, function, mine):
        compare(ours, "cryptography", fact, field, function, mine)

    check("serial number", "serial_number", lambda: cert.serial_number, int(ours["serial_number"] or "0", 16))
    check("not before", "not_before", lambda: seconds(cert.not_valid_before), ours["not_before"])
    check("not after", "not_after", lambda: seconds(cert.not_valid_after), ours["not_after"])
    for fact in ("subject", "issuer"):
        values = read(lambda fact=fact: [item.value for item in getattr(cert, fact)])
        mine = [text.split("=", 1)[1] for text in ours[fact + "_attributes"]]
        if values and all(isinstance(value, str) and value.isascii() and value.isprintable() for value in values):
            check(fact, fact, lambda values=values: sorted(set(values)), sorted(set(mine)))
    check("tbs", None, lambda: cert.tbs_certificate_bytes.hex(), ours["tbs"])
    check("signature", "signature", lambda: cert.signature.hex(), ours["signature"])
    check("hash", "signature_algorithm", lambda: cert.signature_hash_algorithm.name.replace("sha512-", "sha512/"), ours["signature_hash"])
    key(ours, read(cert.public_key), check)
    extensions = read(lambda: cert.extensions)
    if extensions is not None:
        check("extensions", "extensions", lambda: [e.oid.dotted_string for e in extensions], ours["extensions"])
        check("critical", "extensions", lambda: [e.oid.dotted_string for e in extensions if e.critical], ours["critical_extensions"])
        for extension in extensions:
            one_extension(ours, extension.value, check)


def key(ours, theirs, check):
    if isinstance(theirs, rsa.RSAPublicKey):
        check("key", "public_key", lambda: (theirs.key_size, str(theirs.public_numbers().e)), (ours["key_bits"], ours["rsa_exponent"]))
    elif isinstance(theirs, ec.EllipticCurvePublicKey):
        check("curve", "public_key", lambda: CURVES.get(theirs.curve.name, theirs.curve.name), ours["key_curve"])
        check("bits", "public_key", lambda: theirs.curve.key_size, ours["key_bits"])
    elif isinstance(theirs, ed25519.Ed25519PublicKey):
        check("key", "public_key", lambda: "ed25519", ours["key_algorithm"])
    elif isinstance(theirs, ed448.Ed448PublicKey):
        check("key", "public_key", lambda: "ed448", ours["key_algorithm"])
    elif isinstance(theirs, dsa.DSAPublicKey):
        check("key", "public_key", lambda: theirs.key_size, ours["key_bits"])
    if theirs is not None and not isinstance(theirs, dsa.DSAPublicKey) and not isinstance(theirs, ec.EllipticCurvePublicKey):
        spki = read(lambda: theirs.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
        if spki is not None and spki in bytes.fromhex(ours["der"]):
            check("SPKI", "public_key", lambda: hashlib.sha256(spki).hexdigest(), ours["spki_sha256"])


def general_name(name):
    kinds = {x509.DNSName: "dns", x509.IPAddress: "ip", x509.RFC822Name: "email", x509.UniformResourceIdentifier: "uri"}
    kind = kinds.get(type(name))
    if kind is None:
        return None
    return [kind, str(name.value).lower() if kind == "dns" else str(name.value)]


def one_extension(ours, value, check):
    if isinstance(value, x509.SubjectAlternativeName):
        names = [general_name(name) for name in value]
        mine = [name for name in ours["names"] if name[0] in ("dns", "ip", "email", "uri")]
        if not all(name is None or name[1].isprintable() for name in names):
            return
        check("names", "subject_alt_names", lambda: [name for name in names if name is not None], mine)
    elif isinstance(value, x509.BasicConstraints):
        check("CA", "basic_constraints", lambda: (value.ca, -1 if value.path_length is None else value.path_length), (ours["is_ca"], ours["path_len"]))
    elif isinstance(value, x509.KeyUsage):
        found = [camel(name) for name in USAGES if getattr(value, name)]
        found += [camel(name) for name in ("encipher_only", "decipher_only") if value.key_agreement and getattr(value, name)]
        check("key usage", "key_usage", lambda: found if value.key_agreement else found, [name for name in ours["key_usage"]
              if value.key_agreement or not name.endswith("Only")])
    elif isinstance(value, x509.ExtendedKeyUsage):
        check("purposes", "extended_key_usage", lambda: len(list(value)), len(ours["extended_key_usage"]))
    elif isinstance(value, x509.SubjectKeyIdentifier):
        check("subject key id", "subject_key_identifier", lambda: value.digest.hex(), ours["subject_key_id"])
    elif isinstance(value, x509.AuthorityKeyIdentifier):
        check("authority key id", "authority_key_identifier", lambda: (value.key_identifier or b"").hex(), ours["authority_key_id"])
    elif isinstance(value, x509.CertificatePolicies):
        check("policies", "certificate_policies", lambda: [policy.policy_identifier.dotted_string for policy in value], ours["policies"])
    elif isinstance(value, x509.CRLDistributionPoints):
        urls = [name.value for point in value for name in point.full_name or [] if isinstance(name, x509.UniformResourceIdentifier)]
        check("CRL URLs", "crl_distribution_points", lambda: urls, ours["crl_urls"])
    elif isinstance(value, x509.AuthorityInformationAccess):
        for method, fact in ((x509.OID_OCSP, "ocsp_urls"), (x509.OID_CA_ISSUERS, "ca_issuer_urls")):
            urls = [item.access_location.value for item in value if item.access_method == method and
                    isinstance(item.access_location, x509.UniformResourceIdentifier)]
            check(fact, "authority_info_access", lambda urls=urls: urls, ours[fact])
    elif isinstance(value, x509.PrecertificateSignedCertificateTimestamps):
        check("SCTs", "sct_list", lambda: len(list(value)), ours["sct_count"])
    elif isinstance(value, x509.TLSFeature):
        check("must staple", "tls_feature", lambda: x509.TLSFeatureType.status_request in list(value), ours["must_staple"])
    elif isinstance(value, x509.PrecertPoison):
        check("precertificate", "precertificate_poison", lambda: True, ours["is_precertificate"])


def with_asn1crypto(ours, der):
    cert = read(lambda: asn1.Certificate.load(der, strict=True))
    if cert is None or read(lambda: cert.native) is None:
        return
    counts["asn1crypto", "certificates"] += 1
    tbs = cert["tbs_certificate"]

    def check(fact, field, function, mine):
        compare(ours, "asn1crypto", fact, field, function, mine)

    check("version", "version", lambda: int(tbs["version"]) + 1, ours["version"])
    check("serial number", "serial_number", lambda: tbs["serial_number"].native, int(ours["serial_number"] or "0", 16))
    check("not before", "not_before", lambda: seconds(tbs["validity"]["not_before"].native), ours["not_before"])
    check("not after", "not_after", lambda: seconds(tbs["validity"]["not_after"].native), ours["not_after"])
    check("subject", "subject", lambda: tbs["subject"].dump().hex(), ours["subject"])
    check("issuer", "issuer", lambda: tbs["issuer"].dump().hex(), ours["issuer"])
    check("tbs", None, lambda: tbs.dump().hex(), ours["tbs"])
    check("signature", "signature", lambda: cert["signature_value"].native.hex(), ours["signature"])
    check("SPKI", "public_key", lambda: hashlib.sha256(tbs["subject_public_key_info"].dump()).hexdigest(), ours["spki_sha256"])
    check("key bits", "public_key", lambda: tbs["subject_public_key_info"].bit_size
          if tbs["subject_public_key_info"].algorithm == "rsa" else None, (ours["key_bits"] + 7) // 8 * 8)
    extensions = tbs["extensions"].native and [item for item in tbs["extensions"]]
    if extensions and len({item["extn_id"].dotted for item in extensions}) == len(extensions):
        check("extensions", "extensions", lambda: [item["extn_id"].dotted for item in extensions], ours["extensions"])
        check("critical", "extensions", lambda: [item["extn_id"].dotted for item in extensions if item["critical"].native],
              ours["critical_extensions"])
    check("CA", "basic_constraints", lambda: cert.basic_constraints_value.native["ca"], ours["is_ca"])
    check("subject key id", "subject_key_identifier", lambda: cert.key_identifier.hex(), ours["subject_key_id"])
    check("authority key id", "authority_key_identifier", lambda: cert.authority_key_identifier_value["key_identifier"].native.hex(), ours["authority_key_id"])
    check("OCSP URLs", "authority_info_access", lambda: cert.ocsp_urls, [url for url in ours["ocsp_urls"] if url.lower().startswith(("http://", "https://", "ldap://", "ldaps://"))])


def main():
    out = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")
    lines = [json.loads(line) for line in out.splitlines()]
    for ours in lines:
        der = bytes.fromhex(ours["der"])
        with_cryptography(ours, der)
        with_asn1crypto(ours, der)
    for (parser, fact), count in sorted(counts.items()):
        print(f"{parser:13} {fact:20} {count}")
    for fault in faults[:40]:
        print("DIFFERS", fault)
    print(f"{len(lines)} certificates, {sum(counts.values())} facts compared, {len(faults)} differ")
    enough = counts["cryptography", "certificates"] >= 40 and counts["asn1crypto", "certificates"] >= 40
    sys.exit(0 if enough and not faults else 1)


main()
