#!/usr/bin/env python3
"""Compares `certsweep test` with sslyze, and where asked with testssl.sh, over nginx, postfix, servers of
the days of OpenSSL 1.0, and configurations of OpenSSL's server.

    server_test_peers.py CERTSWEEP SSLYZE [--old PROGRAM] [--testssl COUNT] [--only TEXT]

Servers are bound to 127.86.0.0/16 and end with this script. Prints one line for each difference and a table at the end; the exit
code is 1 where there is a difference that KNOWN (below) does not explain. CPU is that of each client (wait4).
"""
import argparse
import itertools
import json
import os
import resource
import socket
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
    for curve in ("P-256", "P-384", "P-521", "brainpoolP256r1"):
        yield "curve-" + curve, ["-groups", curve, "-no_tls1_3"], "rsa"
    for extra in (["-serverpref"], ["-no_ticket"], ["-legacy_renegotiation"], ["-no_etm"], ["-comp"], ["-verify", "2"]):
        yield "option" + extra[0], extra, "rsa"


NGINX = """daemon off; pid {folder}/nginx.pid; error_log /dev/null; events {{}} http {{ access_log off; server {{
    listen {address}:8443 ssl; ssl_certificate {folder}/rsa.pem; ssl_certificate_key {folder}/rsa.key; {extra} }} }}"""
POSTFIX = """compatibility_level = 3.6
queue_directory = {folder}/postfix/queue
data_directory = {folder}/postfix/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
maillog_file_prefixes = {folder}
maillog_file = {folder}/postfix/log
alias_maps =
alias_database =
smtpd_tls_security_level = may
smtpd_tls_chain_files = {folder}/rsa.key, {folder}/rsa.pem
"""
MASTER = """{address}:8443 inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
"""


class Server:
    """A server of one kind at address:8443, while it is in use."""

    def __init__(self, folder, address, name, extra, key):
        self.folder, self.address, self.name, self.is_smtp = folder, address, name, name.startswith("postfix")
        self.port = 8443 if not name.startswith("old") else 9000 + sum(name.encode())        # its children keep the port a while
        if name.startswith("nginx"):
            with open(folder + "/nginx.conf", "w", encoding="utf-8") as conf:
                conf.write(NGINX.format(folder=folder, address=address, extra=extra))
            command = ["nginx", "-c", folder + "/nginx.conf"]
        elif self.is_smtp:
            os.makedirs(folder + "/postfix/etc", exist_ok=True)
            for part in ("queue", "data"):
                os.makedirs(folder + "/postfix/" + part, exist_ok=True)
            subprocess.run(["chown", "postfix", folder + "/postfix/data"], check=True)
            for file, text in (("main.cf", POSTFIX + extra), ("master.cf", MASTER)):
                with open(folder + "/postfix/etc/" + file, "w", encoding="utf-8") as conf:
                    conf.write(text.format(folder=folder, address=address))
            subprocess.run(["postfix", "-c", folder + "/postfix/etc", "start"], check=False, capture_output=True)
            self.process = None
            return
        elif name.startswith("old"):
            command = [*extra[:1], "-p", str(self.port), *extra[1:]]
        else:
            command = ["openssl", "s_server", "-accept", address + ":8443", "-www", "-quiet", "-cert", "%s/%s.pem" % (folder, key),
                       "-key", "%s/%s.key" % (folder, key), *extra]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "OPENSSL_CONF": os.path.join(folder, "openssl.cnf")})

    def __enter__(self):
        for _ in range(200):
            try:
                socket.create_connection((self.address, self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
            if self.process is not None and self.process.poll() is not None:
                return None
        return None

    def __exit__(self, *_):
        if self.process is None:
            subprocess.run(["postfix", "-c", self.folder + "/postfix/etc", "stop"], check=False, capture_output=True)
        else:
            self.process.terminate()
            self.process.wait()


def real_servers(old):
    """(name, what its kind wants): servers that people run, and those of the days of OpenSSL 1.0"""
    yield "nginx-default", ""
    yield "nginx-1.2-server", "ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on;"
    yield "nginx-intermediate", ("ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
                                 "ECDHE-RSA-CHACHA20-POLY1305; ssl_session_tickets off;")
    yield "postfix-default", ""
    yield "postfix-1.2", "smtpd_tls_mandatory_protocols = >=TLSv1.2\nsmtpd_tls_protocols = >=TLSv1.2\n"
    if old:
        yield "old-rsa", [old, "-s", "002f,000a,0005", "-v", "0300-0301"]
        yield "old-export", [old, "-s", "0003,0006,0008,0014"]
        yield "old-sslv2", [old, "-s", "002f,000a,0005", "-v", "0300-0301", "-k", "010080,0700c0"]


def cpu_of(command, **options):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def ours(certsweep, place, probe):
    done, cpu, wall = cpu_of([certsweep, "test", "-q", "--rate", "max", "--format", "json", "--probe", probe, place])
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
            "weaknesses": {weakness["name"]: weakness["state"] for weakness in servers[0]["weaknesses"]},
            "grade": servers[0]["grade"]["letter_if_trusted"], "cpu": cpu, "wall": wall}


TESTSSL_VERSIONS = {"ssl3": "SSLv3", "tls1": "TLSv1.0", "tls1_1": "TLSv1.1", "tls1_2": "TLSv1.2", "tls1_3": "TLSv1.3"}


def testssls(place, is_smtp):
    """Its suites by version, and what it says of the attacks that facts show; no other test of it is run."""
    folder = tempfile.mkdtemp(prefix="testssl.")
    _, cpu, wall = cpu_of(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--jsonfile", folder + "/out.json", "-p", "-E", "-S", "-O", "-F",
                           "-D", "-W", "-4", "-C", "-A", "-L", *(["-t", "smtp"] if is_smtp else []), place])
    answers = {"cpu": cpu, "wall": wall, "suites": {version: set() for version in TESTSSL_VERSIONS.values()}, "items": {}}
    for entry in json.load(open(folder + "/out.json", encoding="utf-8")):
        name, finding = entry["id"], entry["finding"]
        if name.startswith("cipher-ssl2"):          # our kinds of SSL 2.0 are no suites
            continue
        if name.startswith("cipher-"):
            answers["suites"][TESTSSL_VERSIONS[name[7:].rsplit("_", 1)[0]]].add(finding.split()[-1])
        elif name in ("POODLE_SSL", "SWEET32", "FREAK", "DROWN", "RC4", "CRIME_TLS", "LUCKY13", "BEAST"):
            answers["items"][name] = "no" if finding.startswith("not vulnerable") else "yes"
        elif name == "secure_renego":
            answers["items"]["secure_renegotiation"] = "accepted" if finding == "supported" else "refused"
    return answers


OUR_NAMES = {"POODLE_SSL": "POODLE", "CRIME_TLS": "CRIME"}


def compare_testssl(name, us, peer):
    differences = []
    for version, theirs in peer["suites"].items():
        mine = us["suites"].get(version, set())
        for who, suites in (("testssl.sh found, we did not", theirs - mine), ("we found, testssl.sh did not", mine - theirs)):
            if suites:
                differences.append("%s %s: %s: %s" % (name, version, who, " ".join(sorted(suites))))
    for item, theirs in peer["items"].items():
        mine = us["renegotiation"] if item == "secure_renegotiation" else us["weaknesses"][OUR_NAMES.get(item, item)]
        if item != "secure_renegotiation":
            mine = "yes" if mine in ("yes", "potential") else mine
        if mine not in (theirs, "untested"):
            differences.append("%s %s: we say %s, testssl.sh %s" % (name, item, mine, theirs))
    return differences


def sslyzes(sslyze, place, is_smtp):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        _, cpu, wall = cpu_of([sslyze, "--json_out", out.name, "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--compression",
                               "--fallback", "--elliptic_curves", "--reneg", "--ems", *(["--starttls", "smtp"] if is_smtp else []), place])
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


def ask_all(arguments, server, name, totals):
    """Prints the differences; gives how many there are, or None where a peer cannot connect."""
    place = "%s:%d" % (server.address, server.port)
    us = ours(arguments.certsweep, place, "smtp" if server.is_smtp else "tls")
    totals["ours"][0] += us["cpu"]
    totals["ours"][1] += us["wall"]
    pairs = sum(len(suites) for suites in us["suites"].values())
    differences, slow, peer = [], None, sslyzes(arguments.sslyze, place, server.is_smtp)
    if peer is None:
        print("%s: sslyze cannot connect; we found %d pairs" % (name, pairs))
    else:
        differences += compare(name, us, peer)
        totals["sslyze"][0] += peer["cpu"]
        totals["sslyze"][1] += peer["wall"]
    if arguments.testssl > totals["asked"]:
        totals["asked"] += 1
        slow = testssls(place, server.is_smtp)
        differences += compare_testssl(name, us, slow)
        totals["testssl"][0] += slow["cpu"]
        totals["testssl"][1] += slow["wall"]
        totals["ours beside testssl"][0] += us["cpu"]
    for line in differences:
        print(line)
    print("%-40s grade %-2s %3d pairs and %2d connections, CPU %.2f s, wall %.1f s, sslyze %.2f s%s" %
          (name, us["grade"], pairs, us["connections"] - pairs, us["cpu"], us["wall"], 0 if peer is None else peer["cpu"],
           "" if slow is None else ", testssl.sh %.1f s" % slow["cpu"]), flush=True)
    return len(differences)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("certsweep")
    parser.add_argument("sslyze")
    parser.add_argument("--old", default="", help="the farm's server of the days of OpenSSL 1.0")
    parser.add_argument("--testssl", type=int, default=0, help="ask testssl.sh too, at so many of the first ones")
    parser.add_argument("--only", default="", help="servers whose names contain one of these, with commas between")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="server_test.")
    os.chmod(folder, 0o755)
    open(folder + "/openssl.cnf", "w", encoding="utf-8").close()
    for key, made_by in KEYS.items():
        subprocess.run(["openssl", "req", "-x509", "-nodes", *made_by, "-keyout", "%s/%s.key" % (folder, key), "-out",
                        "%s/%s.pem" % (folder, key), "-subj", "/CN=test.example", "-days", "30"], check=True, capture_output=True)
    totals = {who: [0, 0] for who in ("ours", "sslyze", "testssl", "ours beside testssl")}
    totals["asked"] = differing = count = 0
    wanted = [(name, extra, None) for name, extra in real_servers(arguments.old)] + list(configurations())
    for index, (name, extra, key) in enumerate(wanted):
        if not any(text in name for text in arguments.only.split(",")):
            continue
        address = "127.0.0.1" if name.startswith("old") else "127.86.0.%d" % (index + 1)
        with Server(folder, address, name, extra, key) as server:
            if server is None:
                print("%s: no such server here" % name)
                continue
            count += 1
            differing += bool(ask_all(arguments, server, name, totals))
    print("%d servers, %d with differences; CPU: ours %.2f s, sslyze %.1f s (%.0f x); wall %.1f s, %.1f s" %
          (count, differing, totals["ours"][0], totals["sslyze"][0], totals["sslyze"][0] / max(totals["ours"][0], 0.01),
           totals["ours"][1], totals["sslyze"][1]))
    if totals["asked"] != 0:
        print("beside testssl.sh at %d: CPU ours %.2f s, testssl.sh %.1f s (%.0f x), wall %.0f s" %
              (totals["asked"], totals["ours beside testssl"][0], totals["testssl"][0],
               totals["testssl"][0] / max(totals["ours beside testssl"][0], 0.01), totals["testssl"][1]))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
