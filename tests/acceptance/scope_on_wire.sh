#!/bin/sh
# scope_on_wire.sh CERTSWEEP WIRE_PLANS [PLANS [SECONDS]]: every packet of random plans is read, and none may go where the
# plan, its exclusions and its scope do not allow, whatever name servers lie (names that resolve to excluded, public,
# IPv4-mapped, NAT64, 6to4, Teredo, link-local and multicast addresses); and what they allow must have been asked.
#
#   1. 10,000 plans (PLANS; CI runs all of them) by tests/scanner/run/wire_plans.c: the scanner's own code from plan to
#      confined worker in one program, several at once, each in a pair of network namespaces of its own in which all
#      the world lies behind one link and refuses. The packets are judged in C, by numbers
#   2. as many as run in SECONDS (15) through the whole program, on a link without other hosts. What is allowed is
#      computed again by Python's ipaddress
#
# The same plans each time in 1; CERTSWEEP_SEED gives the first of 2.
set -u
certsweep=$(realpath "$1")
wire_plans=$(realpath "$2")
plans=${3:-10000}
seconds=${4:-15}
jobs=6
work=$(mktemp -d /tmp/certsweep-wire.XXXXXX)
chmod 755 "$work"
space=cs-wire-$$
processes=''

finish() {
    for process in $processes; do kill "$process" 2>/dev/null; done
    for job in $(seq $jobs); do
        ip netns del "$space-a$job" 2>/dev/null
        ip netns del "$space-b$job" 2>/dev/null
    done
    ip netns del "$space" 2>/dev/null
    umount "$work/memory" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../fixtures/namespaces.sh"
namespaces_add 'which packets go on the wire is' "$space"
must() { "$@" || { echo "FAILED ($?): $*"; exit 1; }; }

# ---- 1: a scanner's namespace and one that is all the world, joined by a link, for each job
join() {        # SCANNER WORLD
    namespaces_add 'which packets go on the wire is' "$1" "$2"
    must namespaces_veth "$1" wire "$2" world
    must ip -n "$1" link set wire addrgenmode none      # no packet that no plan has sent
    must ip -n "$2" link set world addrgenmode none
    must namespaces_end "$1" wire 192.168.255.1/30 fd00:ffff::1/126
    must namespaces_end "$2" world 192.168.255.2/30 fd00:ffff::2/126
    scanner_mac=$(ip netns exec "$1" cat /sys/class/net/wire/address)
    world_mac=$(ip netns exec "$2" cat /sys/class/net/world/address)
    for address in 192.168.255.2 fd00:ffff::2; do
        must ip -n "$1" neigh add "$address" lladdr "$world_mac" dev wire nud permanent
        must ip -n "$1" route add default via "$address"
    done
    for address in 192.168.255.1 fd00:ffff::1; do
        must ip -n "$2" neigh add "$address" lladdr "$scanner_mac" dev world nud permanent
    done
    # even what no kernel would route by itself shall be seen, if it is sent
    must ip -n "$1" route add 169.254.0.0/16 via 192.168.255.2
    must ip -n "$2" route add local default dev lo
    must ip -n "$2" -6 route add local default dev lo table main
}
started=$(date +%s)
mkdir "$work/memory"
mount -t tmpfs -o mode=755 none "$work/memory" 2>/dev/null  # bundles on a disk would be synced 30,000 times
for job in $(seq $jobs); do
    join "$space-a$job" "$space-b$job"
    first=$(((job - 1) * plans / jobs))
    count=$((job * plans / jobs - first))
    ip netns exec "$space-a$job" "$wire_plans" $first $count "$work/memory" 192.168.255.2 fd00:ffff::2 \
        > "$work/job$job" 2>&1 &
    processes="$processes $!"
done
failures=0
for process in $processes; do wait "$process" || failures=$((failures + 1)); done
processes=''
cat "$work"/job*
echo "$plans plans in $(($(date +%s) - started)) s; $failures of $jobs jobs failed"
[ $failures -eq 0 ] || exit 1

# ---- 2: through the whole program
command -v python3 > /dev/null || { echo "FAILED: no python3"; exit 1; }
must ip -n "$space" link add wire type veth peer name nowhere
must ip -n "$space" link set wire arp off
must ip -n "$space" link set nowhere arp off
must ip netns exec "$space" sysctl -q -w net.ipv6.conf.nowhere.disable_ipv6=1
must ip -n "$space" link set nowhere up
must ip -n "$space" link set wire up
must ip -n "$space" addr add 192.168.255.1/32 dev wire
must ip -n "$space" addr add fd00:ffff::1/128 dev wire nodad
must ip -n "$space" route add default dev wire src 192.168.255.1
must ip -n "$space" -6 route add default dev wire src fd00:ffff::1
must ip -n "$space" route add 169.254.0.0/16 dev wire src 192.168.255.1

export XDG_CONFIG_HOME="$work/config" CERTSWEEP_BUNDLES="$work/bundles"
ip netns exec "$space" python3 - "$certsweep" "$seconds" "$work" <<'END'
import ipaddress, os, random, select, socket, struct, subprocess, sys, threading, time

certsweep, seconds, work = sys.argv[1], float(sys.argv[2]), sys.argv[3]
seed = int(os.environ.get("CERTSWEEP_SEED", random.randrange(1 << 32)))
rnd = random.Random(seed)
IP, NET = ipaddress.ip_address, ipaddress.ip_network
V4, V6 = ipaddress.IPv4Address, ipaddress.IPv6Address
PORTS = (443, 8443)

def nets(*texts): return [NET(t) for t in texts]
NEVER = nets("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "100::/64", "fe80::/10", "ff00::/8")
PRIVATE = nets("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15",
               "::1/128", "fc00::/7")
PLACES = nets("10.7.0.0/22", "172.20.1.0/24", "192.168.7.0/24", "100.64.9.0/24", "198.18.3.0/24", "127.40.77.0/24",
              "8.8.8.0/24", "93.184.216.0/24", "1.1.1.0/24", "203.0.113.0/24", "169.254.7.0/24", "224.0.0.0/24", "240.1.1.0/24", "0.1.1.0/24",
              "fd00:1::/120", "2001:db8::/120", "2606:4700::/120", "fe80::/120", "ff02::/120", "64:ff9b::808:800/120",
              "64:ff9b::a07:0/120", "2002:808:808::/120", "2002:a07:1::/120", "::ffff:8.8.8.0/120", "::ffff:10.7.0.0/120")

def inside(net, of=None): return of is not None and net.version == of.version and of in net
def any_in(address, networks): return any(inside(n, address) for n in networks)
def plain(a): return a.ipv4_mapped if a.version == 6 and a.ipv4_mapped is not None else a
def stands_for(a):
    """The addresses that have to be allowed for this one."""
    a = plain(a)
    if a.version == 6 and a in NET("64:ff9b::/96"): return [V4(int(a) & 0xffffffff)]
    if a.version == 6 and a.sixtofour is not None: return [a.sixtofour]
    return [a]

def allowed(plan, a, port, name=""):
    if any_in(plain(a), plan.excluded): return False
    for x in stands_for(a):
        if any_in(x, NEVER) or any_in(x, plan.excluded): return False
        if plan.scope is None:
            if not any_in(x, PRIVATE): return False
        elif not any_in(x, plan.scope):
            if not (name.endswith(".ok.test") and port == 443 and not x.is_loopback): return False
    return True

def part_of(net):
    longer = rnd.randint(net.prefixlen, net.max_prefixlen)
    if net.max_prefixlen - longer > 8: longer = net.max_prefixlen - 8
    return NET((int(net.network_address) + rnd.randrange(net.num_addresses) >> (net.max_prefixlen - longer) << (net.max_prefixlen - longer),
                longer)) if net.version == 4 else \
           ipaddress.IPv6Network(((int(net.network_address) + rnd.randrange(net.num_addresses)) >> (net.max_prefixlen - longer)
                                  << (net.max_prefixlen - longer), longer))

class Plan: pass

def make_plan(number):
    p = Plan()
    p.targets = [part_of(rnd.choice(PLACES)) for _ in range(rnd.randint(1, 4))]
    p.targets.append(part_of(NET("10.7.0.0/22")))
    base = [n for n in p.targets]
    p.excluded = [part_of(rnd.choice(base)) for _ in range(rnd.randint(0, 3))]
    # a mapped exclusion means the IPv4 behind it
    p.given_exclusions = list(p.excluded)
    p.excluded = [NET((int(n.network_address) & 0xffffffff, n.prefixlen - 96)) if inside(NET("::ffff:0:0/96"), n.network_address) else n
                  for n in p.excluded]
    p.scope = None
    p.options = ["-p", ",".join(map(str, PORTS)), "--connect-timeout", "60", "--rate", "50000", "--prefix-rate", "0",
                 "--host-connections", "0", "--depth", "cert", "--resolver", "127.0.0.53:5353", "--dns-timeout", "500"]
    for n in p.given_exclusions: p.options += ["-x", str(n)]
    if rnd.random() < 0.6:
        p.scope = [part_of(rnd.choice(PLACES[:9] + PLACES[13:16])) for _ in range(3)] + [n for n in p.targets if rnd.random() < 0.5]
        p.scope = [n for n in p.scope if n.version == 4 or n.network_address.ipv4_mapped is None]
        cut = [part_of(n) for n in p.scope if rnd.random() < 0.3]
        p.excluded += cut
        with open(work + "/scope.ini", "w") as f:
            f.write("[scope]\nauthorised-by = A Test\nfrom = 2020-01-01\nuntil = 2099-12-31\ndepth = suites\n[allow]\nname = *.ok.test\n")
            f.write("".join("range = %s\n" % n for n in p.scope) + "[exclude]\n" + "".join("range = %s\n" % n for n in cut))
        p.options += ["--scope", work + "/scope.ini"]
    hostile = [n for n in PLACES] + p.excluded * 4
    p.names = {}
    for i in range(rnd.randint(0, 8)):
        n = "n%d-%d.%s.test" % (number, i, rnd.choice(["ok", "other"]))
        p.names[n] = [part_of(rnd.choice(hostile))[0] for _ in range(rnd.randint(1, 4))]
        p.options.append(n)
    p.options += [str(n) for n in p.targets]
    p.legal = set()
    p.must = set()
    for n in p.targets:
        for a in n:
            for port in PORTS:
                if allowed(p, a, port):
                    p.legal.add((plain(a), port))
                    if n.version == 4: p.must.add((a, port))
    for name, answers in p.names.items():
        p.legal |= {(plain(a), port) for a in answers for port in PORTS if allowed(p, a, port, name)}
    return p

# ---- a name server that says what the plan wants
answers_now = {}
def serve_dns():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.53", 5353))
    while True:
        q, peer = s.recvfrom(4096)
        at, labels = 12, []
        while q[at]:
            labels.append(q[at + 1:at + 1 + q[at]].decode()); at += 1 + q[at]
        kind = struct.unpack(">H", q[at + 1:at + 3])[0]
        found = answers_now.get(".".join(labels).lower())
        rr = [a.packed for a in found or [] if (kind == 1 and a.version == 4) or (kind == 28 and a.version == 6)]
        head = q[:2] + struct.pack(">HHHHH", 0x8180 | (3 if found is None else 0), 1, len(rr), 0, 0)
        s.sendto(head + q[12:at + 5] + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(r)) + r for r in rr), peer)
threading.Thread(target=serve_dns, daemon=True).start()

# ---- every packet that leaves, and those on loopback
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(3))
wire.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)      # SO_RCVBUFFORCE
wire.setblocking(False)
def sent():
    """(address, port) of what was sent to ask; what is nobody's business (neighbours, answers of our own) apart."""
    asked, strange, count = set(), [], 0
    while True:
        try: packet, (link, proto, kind, _, _) = wire.recvfrom(200)
        except BlockingIOError: return asked, strange, count
        if kind != 4 or proto not in (0x800, 0x86dd): continue      # PACKET_OUTGOING
        if proto == 0x800: to, transport, body = V4(packet[16:20]), packet[9], packet[(packet[0] & 15) * 4:]
        else: to, transport, body = V6(packet[24:40]), packet[6], packet[40:]
        if transport == 6:
            source, port, flags = struct.unpack(">HH", body[:4]) + (body[13],)
            if flags & 0x12 == 0x02: asked.add((to, port)); count += 1
            elif not flags & 0x04 and port in PORTS: asked.add((to, port))
        elif transport == 17 and to == V4("127.0.0.53") or transport == 17 and body[:2] == struct.pack(">H", 5353): pass
        elif transport in (0, 58) and to.is_multicast: pass         # the kernel's own MLD
        elif transport in (1, 58) and to.is_loopback: pass
        else: strange.append((to, transport))

time.sleep(1); sent()
plans = wrong = packets = legal = hostile = refused = 0
started = time.monotonic()
while time.monotonic() - started < seconds:
    plan = make_plan(plans)
    answers_now = plan.names
    bundle = work + "/%d.bundle" % plans
    run = subprocess.run([certsweep, "scan", "-q", "-o", bundle] + plan.options, capture_output=True, timeout=60)
    asked, strange, count = sent()
    out = {(a, p) for a, p in asked if (a, p) not in plan.legal}
    missing = plan.must - asked if run.returncode == 0 else set()
    refused += run.returncode == 2
    if out or strange or missing or run.returncode not in (0, 2) or (run.returncode == 2 and plan.must):
        wrong += 1
        print("WRONG: seed %d, plan %d ended with %d: outside %s, strange %s, not asked %s\n  %s\n  names %s\n  scope %s\n  %s" % (
            seed, plans, run.returncode, sorted(map(str, out))[:5], strange[:5], sorted(map(str, missing))[:5],
            " ".join(plan.options), {k: list(map(str, v)) for k, v in plan.names.items()}, plan.scope, run.stderr.decode()[-600:]))
        if wrong > 3: break
    plans += 1
    packets += count
    legal += len(asked)
    hostile += sum((plain(a), p) not in plan.legal for v in plan.names.values() for a in v for p in PORTS)
    if os.path.exists(bundle): os.unlink(bundle)
print("%d random plans in %.0f s: %d SYNs to %d places, all of them allowed; %d hostile DNS answers got none; %d plans left nothing to ask"
      % (plans, time.monotonic() - started, packets, legal, hostile, refused) if not wrong else "%d of %d plans wrong" % (wrong, plans))
if packets < 10 * plans or hostile < plans: wrong += 1; print("WRONG: too little was sent to prove anything")
sys.exit(1 if wrong else 0)
END
