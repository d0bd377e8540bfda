#!/usr/bin/env python3
"""gcd_moduli.py first|later|planted COUNT: rows of public_key for COPY; planted: the SHA-256 of each modulus that shares a prime. Among
the first COUNT ten pairs share a prime of 1,024 bits, among the later ones one has that of the first pair's second key. Each of the others is
the product of 40 primes that no other has: real ones have two, which would take hours to draw, and random numbers share small factors."""
import hashlib
import itertools
import math
import random
import sys

FACTORS = 40
FIRST = {"first": int(2 ** (2047.5 / FACTORS)), "later": int(2 ** (2047.6 / FACTORS))}      # 40 primes from here have 2,048 bits
SEGMENT = 1 << 28       # odd numbers sieved at once
SMALL = math.prod(p for p in range(3, 7000, 2) if all(p % q for q in range(3, int(p ** 0.5) + 1, 2)))


def odd_primes(end):
    """The odd primes below `end`."""
    is_prime = bytearray([1]) * (end // 2)
    is_prime[0] = 0
    for i in range(1, math.isqrt(end) // 2 + 1):
        if is_prime[i]:
            is_prime[2 * i * (i + 1)::2 * i + 1] = bytes(len(range(2 * i * (i + 1), len(is_prime), 2 * i + 1)))
    return list(itertools.compress(range(1, end, 2), is_prime))


def primes_from(first, count):
    """At least `count` primes in order, from `first` on: sieved by segments, as far as their density needs."""
    start = first | 1
    segment = min(SEGMENT, count * 20 + 100000)
    small = odd_primes(math.isqrt(start) + 10000)        # enough for 10^11 numbers behind the first
    while True:
        is_prime = bytearray([1]) * segment
        for p in small:
            i = -start % p
            i = (i if i % 2 == 0 else i + p) // 2
            if i < segment:
                is_prime[i::p] = bytes(len(range(i, segment, p)))
        yield from itertools.compress(range(start, start + 2 * segment, 2), is_prime)
        start += 2 * segment


def prime(draw, bits=1024):
    """A probable prime, with its two highest bits set."""
    while True:
        n = draw.getrandbits(bits) | 3 << (bits - 2) | 1
        if math.gcd(n, SMALL) == 1 and all(pow(a, n - 1, n) == 1 for a in (2, 3)):
            return n


def moduli(which, count):
    primes = primes_from(FIRST[which], count * FACTORS)
    return (math.prod(itertools.islice(primes, FACTORS)) for _ in range(count))


def row(n):
    octets = n.to_bytes(256, "big")
    return "\\\\x%s\t\\\\x%s\t\\\\x%s" % (hashlib.sha256(b"key" + octets).hexdigest(), octets.hex(), hashlib.sha256(octets).hexdigest())


def main():
    which, count = sys.argv[1], int(sys.argv[2])
    planted = random.Random(1)
    shared = [prime(planted) for _ in range(10)]
    others = [prime(planted) for _ in range(21)]
    first, later = [shared[i // 2] * others[i] for i in range(20)], [others[1] * others[20]]
    if which == "planted":
        for n in first + later:
            print(hashlib.sha256(n.to_bytes(256, "big")).hexdigest())
        return
    made = first if which == "first" else later
    for n in itertools.chain(made, moduli(which, count - len(made))):
        print(row(n))


main()
