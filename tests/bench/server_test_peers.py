#!/usr/bin/env python3
"""Compares `certsweep test` with sslyze, and where asked with testssl.sh, over configurations of OpenSSL's server.

    server_test_peers.py CERTSWEEP SSLYZE [--testssl COUNT] [--only TEXT]

Servers are bound to 127.86.0.0/16 and end with this script. Prints one line for each difference and a table at the end; the exit
code is 1 where there is a difference that KNOWN (below) does not explain. CPU is that of each client (wait4).
"""
import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

VERSIONS = {"sslv3": "SSLv3", "tls10": "TLSv1.0", "tls11": "TLSv1.1", "tls12": "TLSv1.2", "tls13": "TLSv1.3"}
SSLYZE_VERSIONS = {"TLSv1.0": "tls_1_0_cipher_suites", "TLSv1.1": "tls_1_1_cipher_suites", "TLSv1.2": "tls_1_2_cipher_suites",
                   "TLSv1.3": "tls_1_3_cipher_suites"}
KEYS = {"rsa": ["-newkey", "rsa:2048"], "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "ec384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "ed": ["-newkey", "ed25519"]}
# What sslyze cannot say: sets of suites it does not know, or that its library does not offer.
KNOWN = ("ARIA", "CCM", "CAMELLIA", "SEED", "IDEA", "PSK", "DES_CBC_SHA", "NULL", "anon", "DSS")


def configurations():
    """(name, arguments of openssl s_server, key)"""
    yield from (("default-%s" % key, [], key) for key in KEYS)
    for low, high in (("-tls1", "1.0"), ("-tls1_1", "1.1"), ("-tls1_2", "1.2"), ("-tls1_3", "1.3")):
        for key in ("rsa", "ec"):
            yield "only%s-%s" % (high, key), [low, "-cipher", "ALL:@SECLEVEL=0"], key
    for off in itertools.combinations(("-no_tls1", "-no_tls1_1", "-no_tls1_2", "-no_tls1_3"), 2):
        yield "off%s" % "".join(off), [*off, "-cipher", "ALL:@SECLEVEL=0"], "rsa"
    for off in ("-no_tls1", "-no_tls1_1", "-no_tls1_2", "-no_tls1_3"):
        yield "without%s" % off, [off, "-cipher", "ALL:@SECLEVEL=0"], "ec"
    for cipher in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305",
                   "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "kRSA", "DHE", "ECDHE+AESGCM",
                   "ECDHE:DHE:!AES128", "AES128:!kRSA", "SHA256", "SHA384", "HIGH:!kRSA", "MEDIUM:HIGH:@SECLEVEL=0"):
        for only in ("-tls1_2", "-no_tls1_3"):
            yield "%s%s" % (cipher, only), [only, "-cipher", cipher if "SECLEVEL" in cipher else cipher + ":@SECLEVEL=0"], "rsa"
    for groups in ("X25519", "P-256", "P-384:P-521", "X448:ffdhe2048", "X25519:P-256:P-384"):
        yield "groups-" + groups.replace(":", "-"), ["-groups", groups], "rsa"
    for extra in (["-serverpref"], ["-no_ticket"], ["-legacy_renegotiation"], ["-no_etm"], ["-comp"], ["-verify", "2"]):
        yield "option" + extra[0], extra, "rsa"


def cpu_of(command, **options):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def ours(certsweep, place):
    done, cpu, wall = cpu_of([certsweep, "test", "-q", "--rate", "max", "--format", "json", place])
    servers = json.loads(done.stdout)
    items = servers[0]["items"]
    suites = {version: set() for version in SSLYZE_VERSIONS}
    for item in items:
        if item.startswith("suite:"):
            _, version, name = item.split(":", 2)
            suites.setdefault(version, set()).add(name)
    curves = {item.split(":")[2] for item in items if item.startswith("group:TLSv1.2") and "ffdhe" not in item}
    return {"suites": suites, "curves": curves, "compression": items["compression"]["value"],
            "fallback": items["fallback_scsv"]["value"], "renegotiation": items["secure_renegotiation"]["value"],
            "ems": items["extended_master_secret"]["value"], "connections": servers[0]["connections"],
            "grade": servers[0]["grade"]["letter_if_trusted"], "cpu": cpu, "wall": wall}


def sslyzes(sslyze, place):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        _, cpu, wall = cpu_of([sslyze, "--json_out", out.name, "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--compression",
                               "--fallback", "--elliptic_curves", "--reneg", "--ems", place])
        result = json.load(open(out.name, encoding="utf-8"))["server_scan_results"][0]
    scan = result["scan_result"]
    if scan is None:
        return None
    answers = {"cpu": cpu, "wall": wall, "suites": {}}
    for version, key in SSLYZE_VERSIONS.items():
        found = scan[key]["result"]
        answers["suites"][version] = {s["cipher_suite"]["name"] for s in found["accepted_cipher_suites"]} if found else None
    def value(key, member, yes):
        found = scan[key]["result"]
        return None if found is None else ("accepted" if found[member] == yes else "refused")
    answers["compression"] = value("tls_compression", "supports_compression", True)
    answers["fallback"] = value("tls_fallback_scsv", "supports_fallback_scsv", True)
    answers["renegotiation"] = value("session_renegotiation", "supports_secure_renegotiation", True)
    answers["ems"] = value("tls_extended_master_secret", "supports_ems_extension", True)
    curves = scan["elliptic_curves"]["result"]
    answers["curves"] = None if curves is None or curves["supported_curves"] is None else {
        {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}.get(c["name"], c["name"]) for c in curves["supported_curves"]}
    return answers


def compare(name, us, peer):
    differences = []
    for version, theirs in peer["suites"].items():
        if theirs is None:
            continue
        mine = us["suites"][version]
        missed = {s for s in theirs - mine}
        more = {s for s in mine - theirs if not any(word in s for word in KNOWN)}
        if missed:
            differences.append("%s %s: sslyze found, we did not: %s" % (name, version, " ".join(sorted(missed))))
        if more:
            differences.append("%s %s: we found, sslyze did not: %s" % (name, version, " ".join(sorted(more))))
    for item in ("compression", "fallback", "renegotiation", "ems"):
        if peer[item] is not None and us[item] != "untested" and peer[item] != us[item]:
            differences.append("%s %s: we say %s, sslyze %s" % (name, item, us[item], peer[item]))
    if peer["curves"] is not None and us["curves"] and peer["curves"] != us["curves"]:
        differences.append("%s curves: we %s, sslyze %s" % (name, sorted(us["curves"] - peer["curves"]), sorted(peer["curves"] - us["curves"])))
    return differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("certsweep")
    parser.add_argument("sslyze")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="server_test.")
    for key, made_by in KEYS.items():
        subprocess.run(["openssl", "req", "-x509", "-nodes", *made_by, "-keyout", "%s/%s.key" % (folder, key), "-out",
                        "%s/%s.pem" % (folder, key), "-subj", "/CN=test.example", "-days", "30"], check=True, capture_output=True)
    totals, differing, count = {"ours": [0, 0], "sslyze": [0, 0]}, 0, 0
    for index, (name, extra, key) in enumerate(configurations()):
        if arguments.only not in name:
            continue
        address = "127.86.0.%d" % (index + 1)
        server = subprocess.Popen(["openssl", "s_server", "-accept", address + ":8443", "-www", "-quiet", "-cert",
                                   "%s/%s.pem" % (folder, key), "-key", "%s/%s.key" % (folder, key), *extra],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env={**os.environ, "OPENSSL_CONF": os.path.join(folder, "openssl.cnf")})
        try:
            time.sleep(0.4)
            if server.poll() is not None:
                continue
            us, peer = ours(arguments.certsweep, address + ":8443"), sslyzes(arguments.sslyze, address + ":8443")
            if peer is None:
                print("%s: sslyze cannot connect; we found %s" % (name, {v: len(s) for v, s in us["suites"].items()}))
                continue
            count += 1
            differences = compare(name, us, peer)
            differing += bool(differences)
            for line in differences:
                print(line)
            for who, answers in (("ours", us), ("sslyze", peer)):
                totals[who][0] += answers["cpu"]
                totals[who][1] += answers["wall"]
            print("%-40s grade %-2s %3d connections, CPU %.2f s, sslyze %.2f s" %
                  (name, us["grade"], us["connections"], us["cpu"], peer["cpu"]), flush=True)
        finally:
            server.kill()
            server.wait()
    print("%d configurations, %d with differences; CPU: ours %.1f s, sslyze %.1f s (%.0f x); wall %.1f s, %.1f s" %
          (count, differing, totals["ours"][0], totals["sslyze"][0], totals["sslyze"][0] / max(totals["ours"][0], 0.01),
           totals["ours"][1], totals["sslyze"][1]))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
