#!/usr/bin/env python3
"""gcd_moduli.py first|later|planted COUNT: rows of public_key for COPY; planted: the SHA-256 of each modulus that shares a prime. Odd moduli of 2,048 bits without a small factor, drawn by a fixed
seed; among the first COUNT ten pairs share a prime of 1,024 bits, among the later ones one has that of the first pair's second key."""
import hashlib
import math
import random
import sys

SMALL = math.prod(p for p in range(3, 7000, 2) if all(p % q for q in range(3, int(p ** 0.5) + 1, 2)))


def prime(draw, bits=1024):
    """A probable prime, with its two highest bits set."""
    while True:
        n = draw.getrandbits(bits) | 3 << (bits - 2) | 1
        if math.gcd(n, SMALL) == 1 and all(pow(a, n - 1, n) == 1 for a in (2, 3)):
            return n


def modulus(draw):
    while True:
        n = draw.getrandbits(2048) | 1 << 2047 | 1
        if math.gcd(n, SMALL) == 1:
            return n


def row(n):
    octets = n.to_bytes(256, "big")
    return "\\\\x%s\t\\\\x%s\t\\\\x%s" % (hashlib.sha256(b"key" + octets).hexdigest(), octets.hex(), hashlib.sha256(octets).hexdigest())


def main():
    which, count = sys.argv[1], int(sys.argv[2])
    planted, draw = random.Random(1), random.Random(2 if which == "first" else 3)
    shared = [prime(planted) for _ in range(10)]
    others = [prime(planted) for _ in range(21)]
    first, later = [shared[i // 2] * others[i] for i in range(20)], [others[1] * others[20]]
    if which == "planted":
        for n in first + later:
            print(hashlib.sha256(n.to_bytes(256, "big")).hexdigest())
        return
    made = first if which == "first" else later
    for n in made + [modulus(draw) for _ in range(count - len(made))]:
        print(row(n))


main()
