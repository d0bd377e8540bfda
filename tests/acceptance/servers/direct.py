# direct.py ADDRESS CERTIFICATE KEY AUTHORITY: servers with TLS from the first byte as products have it that Debian
# does not have: on their ports, with their demands. They accept a handshake, say what such a server says first, and end.
import socket
import ssl
import sys
import threading

address, certificate, key, authority = sys.argv[1:5]
NONE, OPTIONAL, REQUIRED = ssl.CERT_NONE, ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
ROWS = [  # port, whether a certificate of the client is wanted, highest version, application protocols, suites
    (9093, REQUIRED, V13, [], None),                    # Kafka, ssl.client.auth=required
    (27017, OPTIONAL, V13, [], None),                   # MongoDB, requireTLS with a CA file
    (9200, NONE, V13, ["http/1.1"], None),              # Elasticsearch
    (2376, REQUIRED, V13, ["h2", "http/1.1"], None),    # Docker, --tlsverify
    (6443, OPTIONAL, V13, ["h2", "http/1.1"], None),    # Kubernetes, the API
    (10250, OPTIONAL, V13, ["h2", "http/1.1"], None),   # Kubernetes, a kubelet
    (5986, OPTIONAL, V12, [], None),                    # WinRM
    (2484, NONE, V12, [], "AES256-GCM-SHA384"),         # Oracle TCPS, as an older wallet has it
    (2575, REQUIRED, V13, [], None),                    # HL7 (MLLP)
    (5432, NONE, V13, ["postgresql"], None),            # PostgreSQL 17, sslnegotiation=direct alone
]


def context_of(wanted, highest, protocols, suites):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = wanted
    context.minimum_version, context.maximum_version = V12, highest
    if protocols:
        context.set_alpn_protocols(protocols)
    if suites:
        context.set_ciphers(suites)
    return context


def serve(client, context):
    try:
        client.settimeout(5)
        with context.wrap_socket(client, server_side=True):
            pass
    except OSError:
        pass
    finally:
        client.close()


def accept(listener, context):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, context), daemon=True).start()


threads = []
for port, *how in ROWS:
    listener = socket.create_server((address, port), backlog=64)
    threads.append(threading.Thread(target=accept, args=(listener, context_of(*how)), daemon=True))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
