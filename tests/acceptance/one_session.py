#!/usr/bin/python3
"""one_session.py ADDRESS PORT COUNT CERTIFICATE KEY HOW FILE: a device of COUNT ports. HOW is stops (the first connection is served, all
later ones are reset) or holds (each connection waits a second for another one to come beside it, then is served). At its end by SIGTERM
the largest number of connections that were open at once goes to FILE."""
import signal
import socket
import ssl
import struct
import sys
import threading

address, port, count, certificate, key, how, file = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
changed = threading.Condition()
ESTABLISHED = 1     # tcpi_state
served = most = 0
open_now = set()


def serve(connection):
    try:
        connection.settimeout(5)
        with context.wrap_socket(connection, server_side=True) as inside:
            inside.recv(1)
    except OSError:
        connection.close()


def stops(connection):
    global served
    served += 1
    if served == 1:
        serve(connection)
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def at_once():        # those that the other side has closed do not count, though we have not come to see it
    return sum(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED for c in open_now)


def holds(connection):
    global most
    with changed:
        open_now.add(connection)
        most = max(most, at_once())
        changed.notify_all()
        changed.wait_for(lambda: at_once() > 1, 1)
        open_now.discard(connection)
        beside = connection.dup()
        open_now.add(beside)
    serve(connection)
    with changed:
        open_now.discard(beside)
        beside.close()


def listen(listener):
    while True:
        threading.Thread(target=globals()[how], args=(listener.accept()[0],), daemon=True).start()


def end(*_):
    with open(file, "w") as out:
        print(most, file=out)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
for at in range(int(port), int(port) + int(count)):
    threading.Thread(target=listen, args=(socket.create_server((address, at)),), daemon=True).start()
print("ready", flush=True)
signal.pause()
