#!/usr/bin/env python3
"""Compares what the rooms use with what they may use.

    check_rooms.py SOURCE BUILD

An arrow is a quoted #include, or a symbol that one object leaves undefined and another defines (nm). It fails on an
arrow that arrows.txt does not allow, on files that call each other in a circle, on a room that the table does not
name, and on a room without a README.
"""
import os
import re
import subprocess
import sys

FOLDERS = ("probes", "inventory", "reports", "scanner")


def read_table(path):
    """room -> set of rooms that it may use; each must be listed above the first that uses it, so no circle fits."""
    table = {}
    faults = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        room, uses = (part.strip() for part in line.split(":", 1))
        for used in uses.split():
            if used not in table:
                faults.append(f"arrows.txt:{number}: {room} may not use {used}, which is not listed above it")
        table[room] = set(uses.split())
    return table, faults


def sources(root):
    for folder in FOLDERS:
        for place, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(place, name), root)


def include_arrows(root):
    files = set(sources(root))
    for path in sorted(files):
        with open(os.path.join(root, path), encoding="utf-8") as text:
            for included in re.findall(r'^\s*#\s*include "([^"]+)"', text.read(), re.M):
                if included in files:
                    yield path, included


def objects(build):
    """(source file, object file) of everything that is not a test. From build.ninja: a folder keeps old objects too."""
    with open(os.path.join(build, "build.ninja"), encoding="utf-8") as text:
        paths = re.findall(r"^build ((?:%s)/\S+\.c\.o):" % "|".join(FOLDERS), text.read(), re.M)
    for path in paths:
        room, _, inner = path.partition("CMakeFiles/")
        yield os.path.normpath(os.path.join(room, inner.partition("/")[2][:-2])), os.path.join(build, path)


def symbol_arrows(build):
    source_of = {path: source for source, path in objects(build)}
    if not source_of:
        return
    defined, wanted = {}, []
    lines = subprocess.run(["nm", "-P", "-g", "-A", *source_of], check=True, capture_output=True, text=True).stdout
    for line in lines.splitlines():
        path, name, kind = line.split()[:3]
        source = source_of[path.removesuffix(":")]
        if kind in ("U", "w"):
            wanted.append((source, name))
        else:
            defined[name] = source
    for source, name in wanted:
        if name in defined and defined[name] != source:
            yield source, defined[name], name


def circles(graph):
    """The strongly connected parts of more than one file (Tarjan), without recursion."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []
    for start in sorted(graph):
        if start in index:
            continue
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(graph.get(other, ())))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.append(member)
                        if member == node:
                            break
                    if len(part) > 1:
                        found.append(sorted(part))
    return found


def main():
    root, build = sys.argv[1:]
    table, faults = read_table(os.path.join(os.path.dirname(os.path.abspath(__file__)), "arrows.txt"))

    for room in sorted({os.path.dirname(path) for path in sources(root)}):
        if room not in table:
            faults.append(f"{room}: not in arrows.txt")
        if not os.path.exists(os.path.join(root, room, "README.md")):
            faults.append(f"{room}: no README.md")

    def judge(user, used, why):
        a, b = os.path.dirname(user), os.path.dirname(used)
        if a != b and b not in table.get(a, ()):
            faults.append(f"{user} uses {used} ({why}): {a} may not use {b}")

    for user, used in include_arrows(root):
        judge(user, used, "#include")
    graph = {}
    count = 0
    for user, used, symbol in symbol_arrows(build):
        # What the build generates (embedded texts, the list of commands) is not in the tree and calls nothing of it.
        if not os.path.exists(os.path.join(root, user)) or not os.path.exists(os.path.join(root, used)):
            continue
        count += 1
        judge(user, used, symbol)
        graph.setdefault(user, set()).add(used)
        graph.setdefault(used, set())
    if count == 0:
        faults.append(f"{build}: no objects with symbols; build first")
    found = {" ".join(circle) for circle in circles(graph)}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "circles.txt"), encoding="utf-8") as text:
        known = {line.strip() for line in text if line.strip() and not line.startswith("#")}
    faults += ["call each other in a circle: " + circle for circle in found - known]
    faults += ["circles.txt names a circle that is no more, delete its line: " + circle for circle in known - found]

    for fault in sorted(set(faults)):
        print(fault)
    print(f"{count} calls between files, {len(set(faults))} faults")
    return 1 if faults else 0


sys.exit(main())
