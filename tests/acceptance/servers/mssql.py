#!/usr/bin/python3
"""mssql.py ADDRESS PORT CERTIFICATE KEY: SQL Server's part of a PRELOGIN and of the TLS handshake inside TDS packets ([MS-TDS],
2.2.6.4 and 2.2.6.5), as a driver meets it up to TDS 7.4: TLS 1.2, records cut into small packets."""
import socket
import ssl
import struct
import sys
import threading

PRELOGIN, RESPONSE, LAST = 0x12, 0x04, 1


def exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_packet(connection):
    kind, _, length, _, _, _ = struct.unpack(">BBHHBB", exactly(connection, 8))
    return kind, exactly(connection, length - 8)


def write_packet(connection, kind, data, status=LAST):
    connection.sendall(struct.pack(">BBHHBB", kind, status, 8 + len(data), 0, 1, 0) + data)


def handshake(connection, context):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, True)
    while True:
        kind, data = read_packet(connection)
        assert kind == PRELOGIN
        incoming.write(data)
        try:
            tls.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        out = outgoing.read()
        for at in range(0, len(out), 500):
            write_packet(connection, PRELOGIN, out[at:at + 500], LAST if at + 500 >= len(out) else 0)
        if done:
            return


def serve(connection, context):
    with connection:
        try:
            kind, _ = read_packet(connection)
            assert kind == PRELOGIN
            options = bytes([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff]) + bytes([16, 0, 0, 0, 0, 0]) + bytes([1])
            write_packet(connection, RESPONSE, options)
            handshake(connection, context)
        except (EOFError, AssertionError, OSError, struct.error):
            pass                        # as a server: whoever talks nonsense is closed upon


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_server((sys.argv[1], int(sys.argv[2]))) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()


main()
