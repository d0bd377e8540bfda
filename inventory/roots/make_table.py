#!/usr/bin/env python3
"""make_table.py FOLDER... > root_programmes.tsv

Makes the table of root programmes from snapshots of the trust_stores_observatory project (github.com/nabla-c0d3/trust_stores_observatory,
MIT), as releases of sslyze carry them: each FOLDER has apple.yaml, google_aosp.yaml, microsoft_windows.yaml, mozilla_nss.yaml, openjdk.yaml.
Each file is one programme's list on one day, with the place it was read from. Only hashes, names, days and versions are taken. What a
programme no longer trusts for certificates issued after a day is not in these lists: those lines are kept from the table that is there (distrust).
"""
import os
import re
import sys

FILES = {"apple.yaml": "Apple", "google_aosp.yaml": "Android", "microsoft_windows.yaml": "Microsoft", "mozilla_nss.yaml": "Mozilla",
         "openjdk.yaml": "OpenJDK"}
ENTRY = re.compile(r"subject_name: (.*)\n\s+fingerprint: ([0-9a-f]{64})|fingerprint: ([0-9a-f]{64})\s*\n\s+subject_name: (.*)")


def member(text, name):
    value = re.search(rf"^{name}: *(.*)$", text, re.M).group(1).strip().strip("'\"")
    return "" if value == "null" else value


def read(path):
    text = open(path, encoding="utf-8").read()
    trusted = re.split(r"^trusted_certificates:", text, flags=re.M)[1]
    trusted = re.split(r"^\w", trusted, flags=re.M)[0]
    roots = {}
    for name, sha256, sha256_first, name_last in ENTRY.findall(trusted):
        roots[sha256 or sha256_first] = " ".join((name or name_last).strip().strip("'\"").split())
    return member(text, "date_fetched"), member(text, "version"), member(text, "url"), roots


def main():
    snapshots = {programme: {} for programme in FILES.values()}
    for folder in sys.argv[1:]:
        for file, programme in FILES.items():
            day, version, url, roots = read(os.path.join(folder, file))
            snapshots[programme][day] = (version, url, roots)
    names, lists = {}, {}
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "root_programmes.tsv")
    old = open(here, encoding="utf-8").read().splitlines() if os.path.exists(here) else []
    print("# Made by make_table.py, which says from what; lines \"distrust\" by hand. See root_programmes.h.")
    for programme in sorted(snapshots):
        for number, day in enumerate(sorted(snapshots[programme])):
            version, url, roots = snapshots[programme][day]
            print("\t".join(("list", programme, str(number), day, version, url)))
            for sha256, name in roots.items():
                names[sha256] = name
                lists.setdefault((sha256, programme), []).append(number)
    for line in old:
        if line.startswith("distrust\t"):
            print(line)
    for sha256 in sorted(names):
        held = [f"{programme} {min(lists[sha256, programme])} {max(lists[sha256, programme])}"
                for programme in sorted(snapshots) if (sha256, programme) in lists]
        print("\t".join(["root", sha256, names[sha256]] + held))


main()
