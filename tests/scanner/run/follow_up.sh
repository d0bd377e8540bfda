#!/bin/sh
# follow_up.sh CERTSWEEP [database]: hidden becomes seen, end to end, in a network namespace of its own. Servers that run
# (TLS 1.3, TLS 1.2 whose sessions are resumed, SMTP with STARTTLS) and their clients are recorded; certsweep reads the
# recording and asks the servers. Every SYN on the wire is counted meanwhile: each server once, in the dialect that was
# spoken, the second time within the day not at all, and what is out of scope or excluded never.
# With "database" it is loaded too: the answers stand beside their sightings. Exit 77: not permitted here.
set -u
certsweep=$(realpath "$1")
command -v python3 > /dev/null || { echo "SKIP: no python3"; exit 77; }
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespace_alone 'that hidden servers are asked is' "$@"
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../../fixtures/own_home.sh"
home_begin follow-up
python3 - "$certsweep" "$work" "${2-}" <<'END'
import glob, hashlib, json, os, re, shutil, socket, sqlite3, ssl, struct, subprocess, sys, threading, time

certsweep, work, wants_database = sys.argv[1], sys.argv[2], sys.argv[3] == "database"
wrong = 0
def check(ok, what):
    global wrong
    if not ok:
        wrong += 1
        print("WRONG:", what)

def certificate(name):
    path = "%s/%s" % (work, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", path + ".key", "-out", path + ".crt", "-subj", "/CN=%s.example" % name], check=True,
                   stderr=subprocess.DEVNULL)
    return path, hashlib.sha256(ssl.PEM_cert_to_DER_cert(open(path + ".crt").read())).hexdigest()

# ---- servers: name, address, port, versions, STARTTLS
SERVERS = {"modern": ("127.0.1.1", 443, "1.3", False), "resumed": ("127.0.1.2", 8443, "1.2", False),
           "mail": ("127.0.1.3", 2525, "1.3", True), "foreign": ("127.0.2.1", 443, "1.3", False),
           "spared": ("127.0.1.4", 443, "1.3", False)}
hashes, helos = {}, []

def serve(name):
    address, port, version, mail = SERVERS[name]
    path, hashes[name] = certificate(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path + ".crt", path + ".key")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
    listener = socket.create_server((address, port))
    def one(plain):
        try:
            plain.settimeout(5)
            if mail:
                lines = plain.makefile("rb")
                plain.sendall(b"220 mail.example ESMTP\r\n")
                while True:
                    line = lines.readline().strip().upper()
                    if not line: return
                    if line.startswith(b"EHLO"): helos.append(line); plain.sendall(b"250-mail.example\r\n250 STARTTLS\r\n")
                    elif line == b"STARTTLS": plain.sendall(b"220 go on\r\n"); break
                    else: plain.sendall(b"500 no\r\n")
            tls = context.wrap_socket(plain, server_side=True)
            tls.recv(100)
            tls.close()
        except OSError:
            pass
        finally:
            plain.close()
    def run():
        while True:
            threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()
    threading.Thread(target=run, daemon=True).start()

def talk(name, session=None):
    address, port, version, mail = SERVERS[name]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if session is not None: context = session[0]
    plain = socket.create_connection((address, port), timeout=5)
    if mail:
        for word in (b"", b"EHLO client.example\r\n", b"STARTTLS\r\n"):
            plain.sendall(word)
            plain.recv(1000)
    tls = context.wrap_socket(plain, server_hostname=name + ".example", session=session and session[1])
    tls.send(b"x")
    kept = context, tls.session
    if session is not None: check(tls.session_reused, "the session was not resumed")
    tls.close()
    return kept

# ---- the wire: all packets, each once
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
wire.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)      # SO_RCVBUFFORCE
wire.setblocking(False)
def packets():
    while True:
        try: packet, (_, proto, kind, _, _) = wire.recvfrom(70000)
        except BlockingIOError: return
        if kind != 4: yield packet                   # on loopback each comes twice: PACKET_OUTGOING is one of them
def write_pcap(path, list_):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for i, p in enumerate(list_): f.write(struct.pack("<IIII", int(time.time()), i, len(p), len(p)) + p)
def asked():
    """How often a connection was begun to each (address, port)."""
    count = {}
    for p in packets():
        ip = p[14:]
        if p[12:14] == b"\x08\0" and ip[9] == 6 and ip[33] & 0x12 == 0x02:
            to = socket.inet_ntoa(ip[16:20]), struct.unpack(">H", ip[22:24])[0]
            count[to] = count.get(to, 0) + 1
    return count

for name in SERVERS: serve(name)
first = talk("resumed")
list(packets())
for name in SERVERS: talk(name, first if name == "resumed" else None)
time.sleep(0.3)
recording = list(packets())
write_pcap(work + "/a.pcap", recording)
write_pcap(work + "/b.pcap", recording + recording[:1])      # another file, the same endpoints
helos.clear()
with open(work + "/scope.ini", "w") as f:
    f.write("[scope]\nauthorised-by = A Test\nfrom = 2020-01-01\nuntil = 2099-12-31\n[allow]\nrange = 127.0.1.0/24\n")

def listen(file, *more):
    run = subprocess.run([certsweep, "listen", "-r", work + "/" + file, "--scope", work + "/scope.ini", "-x", "127.0.1.4"]
                         + list(more), capture_output=True, text=True, timeout=60)
    time.sleep(0.2)
    print("".join("    %s\n" % l for l in run.stderr.splitlines()), end="")
    check(run.returncode == 0, "listen %s ended with %d" % (file, run.returncode))
    return asked()

# ---- listed
seen = listen("a.pcap", "-o", work + "/listed.bundle", "--follow-up=" + work + "/targets")
check(seen == {}, "listing has asked: %s" % seen)
lines = sorted(open(work + "/targets").read().splitlines())
check(lines == ["mail.example@127.0.1.3:2525 # smtp: tls13", "modern.example@127.0.1.1:443 # tls: tls13",
                "resumed.example@127.0.1.2:8443 # tls: resumed"], "targets: %s" % lines)

# ---- asked: each in its dialect, no other server
seen = listen("a.pcap", "-o", work + "/a.bundle", "--jsonl=" + work + "/a.jsonl", "--follow-up", "--rate", "50")
wanted = {SERVERS[n][:2] for n in ("modern", "resumed", "mail")}
check(set(seen) == wanted, "asked %s, expected %s" % (sorted(seen), sorted(wanted)))
check(helos != [], "the mail server was not spoken to in SMTP")
found = [json.loads(l) for l in open(work + "/a.jsonl")]
for name in ("modern", "resumed", "mail"):
    address, port = SERVERS[name][:2]
    answer = [l for l in found if l["method"] == "active" and (l["address"], l["port"]) == (address, port)]
    check([l["chain"] for l in answer if l["server_name"] == name + ".example"] == [[hashes[name]]],
          "%s: %s" % (name, answer))
    before = [l["outcome"] for l in found if l["method"] == "passive" and (l["address"], l["port"]) == (address, port)]
    check(before == ["no_certificate" if name == "resumed" else "hidden"], "%s was seen as %s" % (name, before))
check({l["protocol"] for l in found if l["method"] == "active" and l["port"] == 2525} == {"smtp"}, "protocol of the answer")
for bundle, probe in (("a.bundle.follow-up", "smtp"), ("a.bundle.follow-up.2", "tls")):
    plan = json.loads(sqlite3.connect(work + "/" + bundle).execute("SELECT plan FROM head").fetchone()[0])
    capture = sqlite3.connect(work + "/a.bundle").execute("SELECT scan_id FROM head").fetchone()[0]
    check((plan["probe"], plan["rate"], plan["prefix_rate_per_s"], plan["host_connections"], plan["follow_up_of"])
          == (probe, "50", 20, 2, [capture]), "plan of %s: %s" % (bundle, plan))

# ---- not again within the day, by another capture either
seen = listen("b.pcap", "-o", work + "/b.bundle", "--follow-up")
check(seen == {}, "asked again: %s" % seen)
memory = glob.glob(os.environ["CERTSWEEP_BUNDLES"] + "/follow-ups")[0]
old = open(memory).read()
check(len(old.splitlines()) == 3, "remembered: %s" % old)
with open(memory, "w") as f:                         # a day goes by
    for line in old.splitlines():
        at, key = line.split("\t", 1)
        f.write("%d\t%s\n" % (int(at) - 24 * 3600 * 1000000, key))
seen = listen("b.pcap", "-o", work + "/c.bundle", "--follow-up")
check(set(seen) == wanted, "after a day asked %s" % sorted(seen))

# ---- the same endpoint in two files of one run is asked once, and a scan that cannot begin is not counted
os.unlink(memory)
open(work + "/d.bundle.follow-up", "w").write("somebody's own\n")     # in the way
run = subprocess.run([certsweep, "listen", "-r", work + "/a.pcap", "-o", work + "/d.bundle", "--follow-up"], timeout=60,
                     stderr=subprocess.DEVNULL)
check(run.returncode != 0, "an existing bundle was overwritten")
asked()
shutil.copy(work + "/b.pcap", work + "/e.pcap")
seen = listen("a.pcap", "-r", work + "/e.pcap", "-o", work + "/e.bundle", "--follow-up")
check(set(seen) == wanted, "after a scan that could not begin: %s" % sorted(seen))
check(max(seen.values(), default=0) <= 2, "asked more than once: %s" % seen)

# ---- live in slices: asked while listening goes on, in bundles of their own
os.unlink(memory)
asked()
run = subprocess.Popen([certsweep, "listen", "-i", "lo", "--every", "2", "--duration", "8", "-o", work + "/s.bundle", "--follow-up",
                        "-x", "127.0.1.4"], stderr=subprocess.PIPE, text=True)
def listens(keeper):                                 # its worker has shut itself in: it reads by now
    for worker in subprocess.run(["pgrep", "-P", str(keeper), "-x", "certsweep-worke"], capture_output=True, text=True).stdout.split():
        try:
            if re.search(r"^Seccomp:\s*2", open("/proc/%s/status" % worker).read(), re.M): return True
        except FileNotFoundError: pass
    return False
tries = 0
while not listens(run.pid) and tries < 300: time.sleep(0.1); tries += 1
talk("modern")
modern, seen = SERVERS["modern"][:2], {}
while run.poll() is None and seen.get(modern, 0) < 2:    # ours, and the follow-up's
    for to, count in asked().items(): seen[to] = seen.get(to, 0) + count
    time.sleep(0.1)
check(run.poll() is None, "the first slice was not asked while listening went on: %s" % seen)
print("".join("    %s\n" % l for l in run.communicate()[1].splitlines()), end="")
check(run.returncode == 0, "listening in slices ended with %d" % run.returncode)
for to, count in asked().items(): seen[to] = seen.get(to, 0) + count
check(seen == {modern: 2}, "in slices asked %s" % seen)
names = sorted(os.path.basename(n) for n in glob.glob(work + "/s.bundle*"))
check(names == ["s.bundle", "s.bundle.2", "s.bundle.3", "s.bundle.4", "s.bundle.follow-up"] or
      names == ["s.bundle", "s.bundle.2", "s.bundle.2.follow-up", "s.bundle.3", "s.bundle.4"], "slices: %s" % names)

# ---- in the database the answers stand beside what was hidden, whichever is loaded first
if wants_database:
    if os.geteuid() == 0:                            # the cluster of root runs as this user
        become = ["setpriv", "--reuid=certsweep", "--regid=certsweep", "--clear-groups"]
    else:
        become = []
    subprocess.run([certsweep, "db", "start"], check=True, stderr=subprocess.DEVNULL)
    for bundle in ("a.bundle.follow-up", "a.bundle", "a.bundle.follow-up.2"):
        subprocess.run([certsweep, "load", work + "/" + bundle], check=True, stderr=subprocess.DEVNULL)
    dsn = subprocess.run([certsweep, "db", "dsn"], check=True, capture_output=True, text=True).stdout.strip()
    rows = subprocess.run(become + ["psql", "-XAt", "-F", " ", dsn, "-c",
        "SELECT e.server_name, o.name, encode(c.sha256, 'hex') FROM follow_up_answer a JOIN endpoint e ON e.id = a.seen_endpoint "
        "JOIN outcome o ON o.id = a.seen_outcome JOIN chain h ON h.id = a.chain JOIN chain_certificate l ON l.chain = h.id "
        "JOIN certificate c ON c.id = l.certificate ORDER BY 1"], capture_output=True, text=True, cwd="/")
    expected = ["mail.example hidden " + hashes["mail"], "modern.example hidden " + hashes["modern"],
                "resumed.example no_certificate " + hashes["resumed"]]
    check(rows.stdout.splitlines() == expected, "linked: %s %s" % (rows.stdout, rows.stderr))
print("ok" if wrong == 0 else "%d wrong" % wrong)
sys.exit(wrong != 0)
END
