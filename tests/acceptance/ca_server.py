#!/usr/bin/env python3
"""ca_server.py ADDRESS FOLDER: a CA's web server on loopback, for revocation_fetch.sh.

GET /NAME gives FOLDER/NAME; /moved/NAME points to /NAME, /loop to itself, /away to an address that nobody may ask. POST /ocsp/CA is answered by
`openssl ocsp` from FOLDER/CA; POST /long with more than anybody reads. The same behind TLS with FOLDER/tls.pem
and tls.key. FOLDER/port and tls_port get the ports, FOLDER/asked a line a request.
"""
import http.server
import os
import ssl
import subprocess
import sys
import threading

address, folder = sys.argv[1], sys.argv[2]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def give(self, status, body=b"", location=None):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self):
        with open(os.path.join(folder, "asked"), "a", encoding="ascii") as asked:
            asked.write(f"{self.command} {self.path}\n")

    def do_GET(self):
        self.note()
        name = os.path.join(folder, os.path.basename(self.path))
        if self.path == "/loop":
            self.give(302, location="/loop")
        elif self.path == "/away":
            self.give(302, location="http://203.0.113.1/ca.crl")
        elif self.path.startswith("/moved/"):
            self.give(301, location="/" + os.path.basename(self.path))
        elif os.path.isfile(name):
            with open(name, "rb") as file:
                self.give(200, file.read())
        else:
            self.give(404)

    def do_POST(self):
        self.note()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/long" or self.headers["Content-Type"] != "application/ocsp-request":
            self.give(200, b"x" * 200000)
            return
        ca = os.path.join(folder, os.path.basename(self.path))
        answer = os.path.join(folder, "answer.der")
        with open(os.path.join(folder, "request.der"), "wb") as file:
            file.write(body)
        subprocess.run(["openssl", "ocsp", "-index", ca + "/index.txt", "-CA", ca + "/ca.pem", "-rsigner", ca + "/ca.pem", "-rkey",
                        ca + "/ca.key", "-reqin", os.path.join(folder, "request.der"), "-respout", answer, "-ndays", "30"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(answer, "rb") as file:
            self.give(200, file.read())

    def log_message(self, *args):
        pass


class Server(http.server.HTTPServer):
    def handle_error(self, request, client_address):
        """Who breaks off has read enough."""


def begin(name, context=None):
    """Serves from now on; FOLDER/NAME gets the port."""
    server = Server((address, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    new = os.path.join(folder, name + ".new")
    with open(new, "w", encoding="ascii") as port:
        port.write(str(server.server_port))
    os.rename(new, os.path.join(folder, name))
    return server


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(os.path.join(folder, "tls.pem"), os.path.join(folder, "tls.key"))
threading.Thread(target=begin("tls_port", tls).serve_forever, daemon=True).start()
begin("port").serve_forever()
