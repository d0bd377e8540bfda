#!/usr/bin/env python3
"""Captures a program's first ClientHello as rows for inventory/server_test/clients_table.c.

    client_hello.py NUMBER NAME YEAR LIBRARY COMMAND...

Listens on a port of 127.0.0.1, runs the command with {port} and {url} (https://127.0.0.1:PORT/, or https://localhost:PORT/ for {named}) in its
arguments, and prints the lists that the hello offers, without GREASE (RFC 8701) and signalling suites. The first hello counts. The command
ends with this script.
"""
import socket
import subprocess
import sys


def numbers(data):
    return [int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data) - 1, 2)]


def is_real(number):
    return (number & 0x0f0f) != 0x0a0a and number not in (0x00ff, 0x5600)


def vector(data, at, width):
    length = int.from_bytes(data[at:at + width], "big")
    return data[at + width:at + width + length], at + width + length


def read_hello(connection):
    """The ClientHello's body, over as many records as it takes (RFC 8446, 5.1)."""
    data, message = b"", b""
    while len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
        more = connection.recv(65536)
        if not more:
            return None
        data += more
        while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
            if data[0] != 22:
                return None
            end = 5 + int.from_bytes(data[3:5], "big")
            message, data = message + data[5:end], data[end:]
    return message[4:] if message[0] == 1 else None


def parse(body):
    version, at = numbers(body[:2])[0], 34
    _, at = vector(body, at, 1)
    suites, at = vector(body, at, 2)
    _, at = vector(body, at, 1)
    extensions, lists = {}, {}
    if at < len(body):
        rest, _ = vector(body, at, 2)
        at = 0
        while at < len(rest):
            kind = numbers(rest[at:at + 2])[0]
            extensions[kind], at = vector(rest, at + 2, 2)
    lists["suites"] = numbers(suites)
    lists["versions"] = numbers(vector(extensions[43], 0, 1)[0]) if 43 in extensions else None
    lists["groups"] = numbers(vector(extensions[10], 0, 2)[0]) if 10 in extensions else None
    lists["schemes"] = numbers(vector(extensions[13], 0, 2)[0]) if 13 in extensions else None
    return version, {key: None if value is None else [n for n in value if is_real(n)] for key, value in lists.items()}


def print_list(name, values):
    line = "static const uint16_t %s[] = {" % name
    for value in values + [None]:
        word = "0};" if value is None else "0x%04x, " % value
        if len(line) + len(word.rstrip()) > 119:
            print(line.rstrip())
            line = "    "
        line += word
    print(line)


def main():
    number, name, year, library, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(40)
    port = str(listener.getsockname()[1])
    words = [w.replace("{url}", "https://127.0.0.1:%s/" % port).replace("{named}", "https://localhost:%s/" % port).replace("{port}", port)
             for w in command]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    body = None
    try:
        while body is None:
            connection, _ = listener.accept()
            connection.settimeout(5)
            try:
                body = read_hello(connection)
            except OSError:
                body = None
            connection.close()
    except socket.timeout:
        process.kill()
        sys.exit("%s: no hello came: %s" % (name, process.stderr.read(2000)))
    process.kill()
    version, lists = parse(body)
    for key, values in lists.items():
        if values is not None:
            print_list("%s_%s" % (key, number), values)
    print('ROW    {"%s", "%s", "%s", 0x%04x, %s},' % (name, year, library, version, ", ".join(
        "NULL" if lists[key] is None else "%s_%s" % (key, number) for key in ("versions", "suites", "groups", "schemes"))))


if __name__ == "__main__":
    main()
