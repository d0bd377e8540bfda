#!/usr/bin/env python3
"""Receives what write_exchange sends, and reads what it writes: a mail server with TLS, a webhook, the CBOM's links.

    receive_exchange.py WRITE_EXCHANGE [PYTHON_WITH_CYCLONEDX]
"""
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import logging
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from aiosmtpd.controller import Controller


class Mailbox:
    """A mail server of Python's, where Postfix is not installed or nobody is root."""
    def __init__(self, port, key, cert):
        self.mails = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.controller = Controller(self, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
        self.controller.start()

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None))
        return "250 taken"

    def stop(self):
        self.controller.stop()

    def got(self, count):
        return self.mails


MAIN_CF = """compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
mydestination =
alias_maps =
alias_database =
maillog_file_prefixes = {home}
maillog_file = {home}/log
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {key}, {cert}
smtpd_tls_received_header = yes
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unauth_destination
"""
MASTER_CF = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """A real mail server, that delivers into a folder."""
    def __init__(self, folder, port, key, cert):
        self.home = os.path.join(folder, "postfix")
        for name in ("etc", "queue", "data", "mail"):
            os.makedirs(os.path.join(self.home, name))
        shutil.chown(os.path.join(self.home, "data"), "postfix")
        os.chown(os.path.join(self.home, "mail"), 65534, 65534)
        domains = ", ".join(f"{name}.example.gov" for name in ("revenue", "health", "transport", "parks", "courts", "tech"))
        for name, text in (("main.cf", MAIN_CF.format(home=self.home, domains=domains, key=key, cert=cert)), ("master.cf", MASTER_CF.format(port=port))):
            with open(os.path.join(self.home, "etc", name), "w", encoding="utf-8") as out:
                out.write(text)
        self.run("start")

    @staticmethod
    def is_here():
        return os.geteuid() == 0 and shutil.which("postfix", path="/usr/sbin:/sbin:/usr/bin") is not None

    def run(self, word):
        told = subprocess.run(["postfix", "-c", os.path.join(self.home, "etc"), word], capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})
        assert told.returncode == 0 or word == "stop", told.stderr

    def stop(self):
        self.run("stop")

    def got(self, count):
        """What was delivered; the queue is given a minute."""
        new = os.path.join(self.home, "mail", "all", "new")
        for _ in range(600):
            if os.path.isdir(new) and len(os.listdir(new)) >= count:
                break
            time.sleep(0.1)
        mails = []
        for name in sorted(os.listdir(new)):
            with open(os.path.join(new, name), "rb") as mail:
                content = mail.read()
            message = email.message_from_bytes(content, policy=email.policy.default)
            mails.append((message["Return-Path"].strip("<>"), [message["X-Original-To"]], content, "(using TLSv1" in message["Received"]))
        return mails


def serve_hook(got):
    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            moved = self.path == "/moved"
            if not moved:
                got.append((dict(self.headers), body))
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", "/")
            self.end_headers()
            self.wfile.write(b"elsewhere\n")

        def log_message(self, *words):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def free_port():
    with socket.socket() as probe:          # the controller connects to the port that it was given, so 0 does not do
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder):
    key, cert = os.path.join(folder, "mail.key"), os.path.join(folder, "mail.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, stderr=subprocess.DEVNULL)
    return key, cert


def check_mail(mails, count):
    assert len(mails) == count >= 3, (len(mails), count)
    assert len({tuple(to) for _, to, _, _ in mails}) == len(mails), "somebody was told twice"
    for sender, to, content, by_tls in mails:
        assert by_tls and sender == "certificates@tech.example.gov"
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert not message.defects and message["Bcc"] is None, message.items()
        assert message["To"].addresses[0].addr_spec == to[0] and message["Message-ID"].endswith("@certsweep>")
        assert message["Auto-Submitted"] == "auto-generated"
        text = message.get_body(("plain",)).get_content()
        markup = message.get_body(("html",)).get_content()
        domain = to[0].split("@")[1]
        others = {"revenue", "health", "transport", "parks", "courts"} - {domain.split(".")[0]}
        assert domain in text and domain in markup
        assert not any(f".{other}.example.gov" in text + markup for other in others), (to, text)
        assert "tolls.transport" not in text, "a muted certificate is told"
        assert "certsweep " not in text + markup, "an owner has no such command: " + text
    texts = [email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",)).get_content() for _, _, content, _ in mails]
    assert any("tell Example  Bcc: everybody@example.gov at certificates@tech.example.gov who manages it" in text for text in texts), texts
    check_escalation({to[0]: email.message_from_bytes(content, policy=email.policy.default) for _, to, content, _ in mails})


def check_escalation(messages):
    """The manager reads what stayed overdue and who was told; who is a contact, too, reads each certificate once."""
    manager, contact = messages["boss@revenue.example.gov"], messages["tls@revenue.example.gov"]
    assert re.match(r"Escalated: 2 certificates are overdue, the first since \d+ \w{3} \d{4}$", manager["Subject"]), manager["Subject"]
    for kind in ("plain", "html"):
        text = manager.get_body((kind,)).get_content()
        assert "tls@revenue.example.gov" in text and "payments.revenue.example.gov" in text and "as the manager of the owner" in text, text
        assert "mail.revenue.example.gov" not in text, text
    assert not contact["Subject"].startswith("Escalated") and contact.get_body(("plain",)).get_content().count("payments.revenue.example.gov\n") == 1


def check_hook(got):
    assert len(got) >= 3
    for headers, body in got:
        want = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
        assert headers["X-Certsweep-Signature"] == want and headers["Authorization"] == "Bearer x"
        document = json.loads(body)
        assert document["title"] == document["all"]["subject"] and document["all"]["notices"]


def check_cbom(path):
    bill = json.load(open(path, encoding="utf-8"))
    refs = [component["bom-ref"] for component in bill["components"]]
    assert len(refs) == len(set(refs)) and len(refs) > 80, len(refs)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", bill["serialNumber"])
    for component in bill["components"]:
        for properties in component["cryptoProperties"].values():
            for name, value in properties.items() if isinstance(properties, dict) else []:
                assert not name.endswith("Ref") or value in refs, (component["bom-ref"], name, value)
    kinds = {component["cryptoProperties"]["assetType"] for component in bill["components"]}
    assert kinds == {"certificate", "related-crypto-material", "algorithm", "protocol"}, kinds
    assert os.path.basename(path) == f"cbom-{bill['specVersion']}.json", bill["specVersion"]


VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    version = {"1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}[path.rsplit("-", 1)[1][:3]]
    text = open(path, encoding="utf-8").read()
    fault = JsonStrictValidator(version).validate_str(text)
    assert fault is None, (path, fault)
    broken = text.replace('"assetType": "certificate"', '"assetType": "certificat"', 1).replace('"assetType":"certificate"', '"assetType":"certificat"', 1)
    assert broken != text and JsonStrictValidator(version).validate_str(broken) is not None, "the validator sees nothing"
"""


def validate_cboms(python, paths):
    """By cyclonedx-python-lib, in the virtual environment of ./bootstrap test --servers."""
    if python is None or subprocess.run([python, "-c", "import cyclonedx.validation.json"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("SKIP: cyclonedx-python-lib is not in build/cyclonedx (PyPI was not reachable): the bills are NOT validated by it", file=sys.stderr)
        return
    subprocess.run([python, "-c", VALIDATE, *paths], check=True)
    print("both bills are valid by cyclonedx-python-lib")


def check_texts(folder):
    events = [json.loads(line) for line in open(os.path.join(folder, "events.jsonl"), encoding="utf-8")]
    assert events and len({event["id"] for event in events}) == len(events) and {event["site"] for event in events} == {"north"}
    assert {event["transport"] for event in events} == {"tcp"}


def main():
    logging.disable(logging.CRITICAL)       # the mail server tells of the client that distrusts it
    hooks = []
    with tempfile.TemporaryDirectory() as folder:
        key, cert = make_certificate(folder)
        os.chmod(folder, 0o755)
        port = free_port()
        if Postfix.is_here():
            mail = Postfix(folder, port, key, cert)
        else:
            print("SKIP: Postfix is not here, or nobody is root: a mail server of Python's receives in its place", file=sys.stderr)
            mail = Mailbox(port, key, cert)
        hook = serve_hook(hooks)
        told = subprocess.run([sys.argv[1], folder, f"smtp://127.0.0.1:{port}", f"http://127.0.0.1:{hook.server_port}/", cert], text=True,
                              capture_output=True)
        assert told.returncode == 0, told.stdout + told.stderr
        count = len(set(re.findall(r"^(\S+@\S+): \d+ sent$", told.stdout, re.MULTILINE)))
        mails = mail.got(count)
        mail.stop()
        hook.shutdown()
        check_mail(mails, count)
        check_hook(hooks)
        bills = [os.path.join(folder, f"cbom-{version}.json") for version in ("1.7", "1.6")]
        for bill in bills:
            check_cbom(bill)
        python = sys.argv[2] if len(sys.argv) > 2 and os.path.exists(sys.argv[2]) else None
        validate_cboms(python, bills)
        check_texts(folder)
    print("notices received once, by mail and webhook; bill and events read")


main()
