#!/usr/bin/env python3
"""Holds the client simulation of `certsweep test` against the programs themselves: each connects to servers of OpenSSL, each server
with other settings, and what is negotiated must be what the simulation says.

    client_programs.py CERTSWEEP

Programs that are not installed are named and left out. Prints a line for each program and server that differ, and a table. Servers are
bound to 127.87.0.1 and end with this script.
"""
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

ADDRESS = "127.87.0.1"
SERVERS = [
    ("default", "rsa", []),
    ("1.3 alone, P-384 alone", "ec", ["-tls1_3", "-groups", "P-384"]),
    ("1.2, ECDHE and GCM, own order", "ec", ["-tls1_2", "-cipher", "ECDHE+AESGCM", "-serverpref"]),
    ("1.2, its RSA key alone", "rsa", ["-tls1_2", "-cipher", "AES128-SHA:AES256-GCM-SHA384"]),
    ("1.2, DHE alone", "rsa", ["-tls1_2", "-cipher", "DHE"]),
    ("1.0 alone", "rsa", ["-tls1", "-cipher", "ALL:@SECLEVEL=0"]),
]

JAVA = """
import javax.net.ssl.*; import java.security.cert.X509Certificate;
public class Client { public static void main(String[] a) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[]{new X509ExtendedTrustManager() {
        public void checkClientTrusted(X509Certificate[] c, String s) {} public void checkServerTrusted(X509Certificate[] c, String s) {}
        public void checkClientTrusted(X509Certificate[] c, String s, java.net.Socket k) {} public void checkServerTrusted(X509Certificate[] c, String s, java.net.Socket k) {}
        public void checkClientTrusted(X509Certificate[] c, String s, SSLEngine e) {} public void checkServerTrusted(X509Certificate[] c, String s, SSLEngine e) {}
        public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; } }}, null);
    ((SSLSocket) context.getSocketFactory().createSocket(a[0], Integer.parseInt(a[1]))).startHandshake(); Thread.sleep(5000); } }
"""
GO = """package main
import ("crypto/tls"; "os"; "time")
func main() { if _, err := tls.Dial("tcp", os.Args[1], &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}); err != nil { os.Exit(1) }; time.Sleep(5 * time.Second) }
"""
PYTHON = ("import socket,ssl,sys,time; c=ssl.create_default_context(); c.check_hostname=False; c.verify_mode=ssl.CERT_NONE; "
          "c.wrap_socket(socket.create_connection((sys.argv[1],int(sys.argv[2]))),server_hostname='localhost'); time.sleep(5)")
NODE = ("process.env.NODE_TLS_REJECT_UNAUTHORIZED='0'; require('https').get({host:process.argv[1],port:process.argv[2]}).on('error',()=>process.exit(1))")
ERLANG = ("application:ensure_all_started(ssl), case ssl:connect(\"%s\", {port}, [{{verify, verify_none}}]) of {{ok, _}} -> timer:sleep(5000); _ -> ok end, halt()."
          % ADDRESS)


def programs(folder):
    """(name in the table of clients, its program, command)"""
    place = ADDRESS + ":{port}"
    yield "OpenSSL 3.0", "openssl", ["openssl", "s_client", "-connect", place]
    yield "curl 7.88", "curl", ["curl", "-sk", "https://%s/" % place]
    yield "wget 1.21", "wget", ["wget", "-q", "--tries=1", "--no-check-certificate", "-O", "/dev/null", "https://%s/" % place]
    yield "GnuTLS 3.7", "gnutls-cli", ["gnutls-cli", "--insecure", "-p", "{port}", ADDRESS]
    yield "NSS 3.87", "tstclnt", ["tstclnt", "-h", ADDRESS, "-p", "{port}", "-o", "-b", "-D"]
    yield "Botan 2.19", "botan", ["botan", "tls_client", ADDRESS, "--port={port}", "--skip-system-cert-store", "--trusted-cas=" + folder]
    yield "Java 17", "java", ["java", folder + "/Client.java", ADDRESS, "{port}"]
    yield "Node.js 20", "node", ["node", "-e", NODE, ADDRESS, "{port}"]
    yield "Python 3.11", "python3", ["python3", "-c", PYTHON, ADDRESS, "{port}"]
    yield "Erlang/OTP 25", "erl", ["erl", "-noshell", "-eval", ERLANG]
    yield "Go 1.26", "go", [folder + "/client", place]
    yield "Chromium 156", "chromium", ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--user-data-dir=" + folder + "/chromium",
                                       "--disable-background-networking", "--dump-dom", "https://%s/" % place]


def standard_names():
    lines = subprocess.run(["openssl", "ciphers", "-stdname", "-s", "ALL:@SECLEVEL=0"], capture_output=True, text=True, check=True).stdout
    lines += subprocess.run(["openssl", "ciphers", "-stdname", "ALL:@SECLEVEL=0"], capture_output=True, text=True, check=True).stdout
    return {line.split()[2]: line.split()[0] for line in lines.splitlines()}


class Server:
    """s_server, which prints what each connection negotiated."""

    def __init__(self, folder, port, key, extra):
        self.text = ""
        self.process = subprocess.Popen(["openssl", "s_server", "-accept", "%s:%d" % (ADDRESS, port), "-cert", "%s/%s.pem" % (folder, key), "-key",
                                         "%s/%s.key" % (folder, key), "-brief", *extra], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env={**os.environ, "OPENSSL_CONF": "/dev/null"})
        os.set_blocking(self.process.stdout.fileno(), False)
        self.read_until("ACCEPT", 30, None)

    def read_until(self, word, seconds, client):
        end = time.monotonic() + seconds
        while word not in self.text and time.monotonic() < end:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.1)
            if ready:
                self.text += (self.process.stdout.read() or b"").decode(errors="replace")
            elif client is not None and client.poll() is not None and word not in self.text:
                break
        return word in self.text

    def negotiated(self, command):
        """(version, suite), or None."""
        self.text = ""
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.read_until("Ciphersuite:", 40, client)
        client.kill()
        client.wait()
        time.sleep(0.3)                 # the server's next accept
        version, suite = re.search(r"Protocol version: (\S+)", self.text), re.search(r"Ciphersuite: (\S+)", self.text)
        return (re.sub("^TLSv1$", "TLSv1.0", version.group(1)), suite.group(1)) if version and suite else None

    def stop(self):
        self.process.kill()
        self.process.wait()


def main():
    certsweep, names = sys.argv[1], standard_names()
    folder = tempfile.mkdtemp(prefix="client_programs.")
    os.chmod(folder, 0o755)
    for key, kind in (("rsa", ["-newkey", "rsa:2048"]), ("ec", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        subprocess.run(["openssl", "req", "-x509", "-nodes", *kind, "-keyout", "%s/%s.key" % (folder, key), "-out", "%s/%s.pem" % (folder, key),
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:" + ADDRESS, "-days", "10"], check=True, capture_output=True)
    for file, text in (("Client.java", JAVA), ("client.go", GO)):
        with open("%s/%s" % (folder, file), "w", encoding="utf-8") as out:
            out.write(text)
    if shutil.which("go"):
        subprocess.run(["go", "build", "-o", folder + "/client", folder + "/client.go"], check=True, env={**os.environ, "GOFLAGS": "-mod=mod"}, cwd=folder)
    same = {}
    differing = 0
    for number, (title, key, extra) in enumerate(SERVERS):
        port = 9300 + number
        server = Server(folder, port, key, extra)
        done = subprocess.run([certsweep, "test", "-q", "--rate", "max", "--format", "json", "%s:%d" % (ADDRESS, port)], capture_output=True, text=True, check=False)
        predicted = {client["client"]: client for client in json.loads(done.stdout)[0]["clients"]}
        for name, program, command in programs(folder):
            if shutil.which(program) is None:
                same.setdefault(name, "not installed")
                continue
            real = server.negotiated([word.replace("{port}", str(port)).replace("{{", "{").replace("}}", "}") for word in command])
            said = predicted[name]
            real = None if real is None else (real[0], names.get(real[1], real[1]))
            wanted = (said["tls_version"], said["cipher_suite"]) if said["connects"] else None
            if real != wanted:
                differing += 1
                print("%s, %s: negotiated %s, simulated %s" % (title, name, real, wanted), flush=True)
            same[name] = same.get(name, 0) + (real == wanted)
        server.stop()
    print("%d servers; as simulated:" % len(SERVERS))
    for name, count in same.items():
        print("  %-16s %s" % (name, count))
    shutil.rmtree(folder)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
