#!/usr/bin/python3
"""hostile_talk.py ADDRESS PORT COUNT: servers that talk TLS for as long as they are listened to, COUNT ports each from PORT on. Prints
a line each, "FIRST-LAST NAME OUTCOMES" (a regular expression of outcome and detail), then "ready". What a server can make its asker work
for: records, messages, certificates and single bytes."""
import socket
import struct
import sys
import threading
import time


def record(kind, body):
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def message(kind, body):
    return struct.pack(">I", kind << 24 | len(body)) + body


HELLO = message(2, b"\3\3" + bytes(32) + b"\0\0\x2f\0")


def certificate(list_bytes):
    return message(11, len(list_bytes).to_bytes(3, "big") + list_bytes)


def entry(der):
    return len(der).to_bytes(3, "big") + der


def records(body, size=16384):
    return b"".join(record(22, body[at:at + size]) for at in range(0, len(body), size))


def one_by_one(connection, data):
    for at in range(len(data)):
        connection.send(data[at:at + 1])


def flood(connection, data, at_once=1):
    while True:
        connection.sendall(data * at_once)


def warnings(connection):
    flood(connection, record(21, b"\1\x70"))


def empty_records(connection):
    flood(connection, record(22, b""))


def empty_records_at_once(connection):
    flood(connection, record(22, b""), 1000)


def heartbeats(connection):
    flood(connection, record(24, b"\1\0\0"), 100)


def hello_requests(connection):
    connection.sendall(record(22, HELLO))
    flood(connection, record(22, message(0, b"")))


def hello_requests_at_once(connection):
    connection.sendall(record(22, HELLO))
    flood(connection, record(22, message(0, b"")), 1000)


def change_cipher_specs(connection):
    connection.sendall(record(22, HELLO))
    flood(connection, record(20, b"\1"), 100)


def byte_by_byte(connection):
    one_by_one(connection, records(HELLO) + records(certificate(entry(bytes(60000)))))


def byte_records(connection):
    one_by_one(connection, records(HELLO + certificate(entry(bytes(60000))), 1))


def byte_records_at_once(connection):
    connection.sendall(records(HELLO + certificate(entry(bytes(60000))), 1))


def large_certificate(connection):
    connection.sendall(records(HELLO + certificate(entry(bytes(1 << 20)[:1000000])) + message(14, b"")))


def many_certificates(connection):
    connection.sendall(records(HELLO + certificate(entry(b"x") * 260000) + message(14, b"")))


def many_messages(connection):
    connection.sendall(records(HELLO))
    flood(connection, records(message(4, bytes(100000))))


def many_handshakes(connection):
    flood(connection, record(22, HELLO + HELLO), 100)


def half_closed(connection):
    connection.shutdown(socket.SHUT_WR)
    time.sleep(20)


def serve(listener, behave):
    def talk(connection):
        with connection:
            try:
                connection.settimeout(20)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.recv(4096)
                behave(connection)
                connection.recv(1)
            except OSError:
                pass
    while True:
        threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()


ENDLESS = 'too_large "records or messages without end"'
# bytes that wait in a socket come as one read: on a crowded machine the whole flight may arrive, or its last records count instead
DRIBBLED = 'too_large "(bytes one by one|records or messages) without end"|certificate .*'
TALKERS = {
    warnings: ENDLESS,
    empty_records: ENDLESS,
    empty_records_at_once: ENDLESS,
    heartbeats: ENDLESS,
    hello_requests: ENDLESS,
    hello_requests_at_once: ENDLESS,
    change_cipher_specs: ENDLESS,
    byte_by_byte: DRIBBLED,
    byte_records: DRIBBLED,
    byte_records_at_once: ENDLESS,
    large_certificate: "certificate null",
    many_certificates: 'certificate "more than 256 certificates: the first are kept"',
    many_messages: ENDLESS,
    many_handshakes: 'tls_error "second ServerHello"',
    half_closed: "closed null",
}


def main():
    address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for behave, outcomes in TALKERS.items():
        for at in range(port, port + count):
            listener = socket.create_server((address, at))
            threading.Thread(target=serve, args=(listener, behave), daemon=True).start()
        print(f"{port}-{port + count - 1} {behave.__name__} {outcomes}", flush=True)
        port += count
    print("ready", flush=True)
    while True:
        time.sleep(3600)


main()
