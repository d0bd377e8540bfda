"""What a plain search finds and collect did not: collect_recall.py LINES PATH...

LINES: what `certsweep collect --jsonl=LINES` wrote. Every PEM certificate that stands plainly in a file below the paths, and that
openssl reads, counts once a place. Prints how many there are, and how many of them collect missed; exits 1 where any is.
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys

BLOCK = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----\r?\n(.*?)-----END", re.S)


def told(path):
    places = {}
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        if row["inside"] is None:
            places.setdefault(row["path"], set()).update(c["sha256"] for c in row["certificates"])
    return places


def hash_by_openssl(der, known={}):
    if der not in known:
        run = subprocess.run(["openssl", "x509", "-inform", "DER", "-outform", "DER"], input=der, capture_output=True, check=False)
        known[der] = hashlib.sha256(run.stdout).hexdigest() if run.returncode == 0 else None
    return known[der]


def certificates(path):
    with open(path, "rb") as file:
        for body in BLOCK.findall(file.read()):
            try:
                yield hash_by_openssl(base64.b64decode(b"".join(body.split()), validate=True))
            except ValueError:
                pass        # prose about certificates


def main():
    places, total, missed = told(sys.argv[1]), 0, []
    search = subprocess.run(["grep", "-rlaE", "-e", "-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----", *sys.argv[2:]],
                            capture_output=True, check=False)
    for path in os.fsdecode(search.stdout).splitlines():
        if os.path.islink(path):
            continue
        for digest in certificates(path):
            if digest is not None:
                total += 1
                if digest not in places.get(os.path.realpath(path), ()):
                    missed.append((path, digest))
    print(f"recall: {total} certificates by grep and openssl, {len(missed)} of them not told")
    for path, digest in missed[:10]:
        print(f"  {path} {digest}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
