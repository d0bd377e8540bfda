#!/usr/bin/env python3
"""capture.py ADDRESS PORT CERTIFICATE...: on standard output a capture (pcap) of one TLS 1.2 handshake, a packet each way.

The certificates are PEM files, the leaf first. Nothing is sent anywhere: the packets are written as they would have been seen, now.
"""
import socket
import ssl
import struct
import sys
import time


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source, target, sequence, acknowledged, flags, payload=b""):
    """Ethernet, IPv4 (RFC 791), TCP (RFC 9293)."""
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], sequence, acknowledged, 5 << 4, flags, 65535, 0, 0) + payload
    pseudo = addresses + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + addresses
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp


def message(kind, body):
    return struct.pack("!B", kind) + struct.pack("!I", len(body))[1:] + body


def record(body):
    return b"\x16\x03\x03" + struct.pack("!H", len(body)) + body


def hellos(files):
    """ClientHello; ServerHello, Certificate, ServerHelloDone (RFC 5246, 7.4)."""
    suites = struct.pack("!HHH", 4, 0xC02B, 0xC02F)
    client = message(1, b"\x03\x03" + bytes(32) + b"\0" + suites + b"\1\0")
    server = message(2, b"\x03\x03" + bytes(range(32)) + b"\0" + struct.pack("!HB", 0xC02B, 0))
    chain = b""
    for name in files:
        with open(name, encoding="ascii") as pem:
            der = ssl.PEM_cert_to_DER_cert(pem.read())
        chain += struct.pack("!I", len(der))[1:] + der
    certificate = message(11, struct.pack("!I", len(chain))[1:] + chain)
    return record(client), record(server + certificate + message(14, b""))


def main():
    server, client = (sys.argv[1], int(sys.argv[2])), ("127.74.1.1", 40000)
    asked, told = hellos(sys.argv[3:])
    packets = [packet(client, server, 1000, 0, 0x02), packet(server, client, 5000, 1001, 0x12), packet(client, server, 1001, 5001, 0x10),
               packet(client, server, 1001, 5001, 0x18, asked), packet(server, client, 5001, 1001 + len(asked), 0x18, told),
               packet(client, server, 1001 + len(asked), 5001 + len(told), 0x11)]
    out = sys.stdout.buffer
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for number, each in enumerate(packets):
        out.write(struct.pack("<IIII", int(time.time()), number, len(each), len(each)) + each)


main()
