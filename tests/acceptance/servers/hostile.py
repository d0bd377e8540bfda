#!/usr/bin/python3
"""hostile.py ADDRESS PORT CERTIFICATE KEY: servers that mean no good to who asks them in a dialect, a port each from PORT on. Prints
a line each, "PORT NAME", then "ready". Those named cleartext agree to TLS (SMTP) and put something in the clear before it."""
import socket
import ssl
import sys
import threading
import time

HEADS = [b"220-", b"* OK ", b"+OK ", b"RFB 003.008\n", b"\x04\x01\x10\x00\0\0\0\0", b"\0\x0e\x40", b"HTTP/1.1 101 Go\r\nA: ", b":x CAP * LS * :",
         b"OK STARTTLS", b"<stream:stream><a", b"\x30\x84\x7f\xff\xff\xff", b"\x0a\0\0\0\x0a8", b"\x03\0\xff\xff", b"S", b'"A" {99999}\r\n',
         b"200 x\r\n382 "]


def flood(connection, data):
    while True:
        connection.sendall(data)


def endless_lines(connection, _):
    flood(connection, b"220-more of it\r\n" * 100)


def no_line_end(connection, _):
    flood(connection, b"220 x" * 1000)


def zeros(connection, _):
    flood(connection, bytes(4096))


def ones(connection, _):
    flood(connection, b"\xff" * 4096)


def drip(connection, _):
    while True:
        connection.sendall(b"2")
        time.sleep(0.2)


def head(start):
    def begun_and_never_ended(connection, _):
        connection.sendall(start)
        flood(connection, start * 64)
    return begun_and_never_ended


def echo(connection, _):
    while True:
        connection.sendall(connection.recv(4096) or exit_thread())


def exit_thread():
    raise EOFError


def smtp(connection):
    connection.sendall(b"220 mail.example ESMTP\r\n")
    connection.recv(4096)
    connection.sendall(b"250 STARTTLS\r\n")
    connection.recv(4096)


def cleartext_before(connection, context):
    smtp(connection)
    connection.sendall(b"220 go\r\n250 injected\r\n")
    context.wrap_socket(connection, server_side=True).recv(1)


def cleartext_record(connection, context):       # a record of TLS is no better: it answers nothing
    smtp(connection)
    connection.sendall(b"220 go\r\n\x15\x03\x03\0\x02\x02\x28")
    context.wrap_socket(connection, server_side=True).recv(1)


def cleartext_instead(connection, _):
    smtp(connection)
    connection.sendall(b"220 go\r\n")
    connection.recv(4096)
    connection.sendall(b"500 I did not mean it\r\n")


def serve(listener, behave, context):
    def talk(connection):
        with connection:
            try:
                connection.settimeout(20)
                behave(connection, context)
            except (OSError, EOFError):
                pass
    while True:
        threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    servers = [endless_lines, no_line_end, zeros, ones, drip, echo, cleartext_before, cleartext_record, cleartext_instead]
    servers += [head(start) for start in HEADS]
    for at, behave in enumerate(servers):
        listener = socket.create_server((sys.argv[1], int(sys.argv[2]) + at))
        threading.Thread(target=serve, args=(listener, behave, context), daemon=True).start()
        print(int(sys.argv[2]) + at, behave.__name__, flush=True)
    print("ready", flush=True)
    while True:
        time.sleep(3600)


main()
