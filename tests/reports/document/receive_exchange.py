#!/usr/bin/env python3
"""Receives what write_exchange sends, and reads what it writes: a mail server with TLS, a webhook, the CBOM's links.

    receive_exchange.py WRITE_EXCHANGE
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
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from aiosmtpd.controller import Controller


class Mailbox:
    def __init__(self):
        self.got = []

    async def handle_DATA(self, server, session, envelope):
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None))
        return "250 taken"


def serve_hook(got):
    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

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


def check_mail(mailbox):
    assert len(mailbox.got) >= 3, len(mailbox.got)
    assert len({tuple(to) for _, to, _, _ in mailbox.got}) == len(mailbox.got), "somebody was told twice"
    for sender, to, content, by_tls in mailbox.got:
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


def check_hook(got):
    assert len(got) >= 3
    for headers, body in got:
        want = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
        assert headers["X-Certsweep-Signature"] == want
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
    try:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        print("cyclonedx-python-lib is not here: the bill is NOT validated by it", file=sys.stderr)
        return
    version = {"1.6": "V1_6", "1.7": "V1_7"}[bill["specVersion"]]
    fault = JsonStrictValidator(getattr(SchemaVersion, version)).validate_str(open(path, encoding="utf-8").read())
    assert fault is None, fault


def check_texts(folder):
    events = [json.loads(line) for line in open(os.path.join(folder, "events.jsonl"), encoding="utf-8")]
    assert events and len({event["id"] for event in events}) == len(events) and {event["site"] for event in events} == {"north"}


def main():
    logging.disable(logging.CRITICAL)       # the mail server tells of the client that distrusts it
    hooks = []
    with tempfile.TemporaryDirectory() as folder:
        key, cert = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        mailbox = Mailbox()
        port = free_port()
        mail = Controller(mailbox, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
        mail.start()
        hook = serve_hook(hooks)
        told = subprocess.run([sys.argv[1], folder, f"smtp://127.0.0.1:{port}", f"http://127.0.0.1:{hook.server_port}/", cert], text=True,
                              capture_output=True)
        assert told.returncode == 0, told.stdout + told.stderr
        mail.stop()
        hook.shutdown()
        check_mail(mailbox)
        check_hook(hooks)
        for version in ("1.7", "1.6"):
            check_cbom(os.path.join(folder, f"cbom-{version}.json"))
        check_texts(folder)
    print("notices received once, by mail and webhook; bill and events read")


main()
