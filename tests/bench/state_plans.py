#!/usr/bin/env python3
"""state_plans.py LOG...: reads the plans that auto_explain logged as JSON, and fails where a nested loop had more than
10,000 outer rows or an estimate was off by more than 1,000 times (of at least 10,000 rows). A node of which fewer than ten rows
were taken proves nothing: EXISTS, a LIMIT, or a join whose other side is empty, ends it early; what a bitmap of an index counts are no
rows."""
import json
import re
import sys

OUTER_MAX = 10000
OFF_MAX = 1000
ROWS_MIN = 10000
TAKEN_MIN = 10
BLOCKING = ("Sort", "Incremental Sort", "Aggregate", "Hash", "Materialize", "SetOp", "CTE Scan")


def plans(path):
    """Each JSON document that follows "plan:" in a log; its lines begin with a tab."""
    lines, reading = [], False
    for line in open(path, errors="replace"):
        if reading and line.startswith("\t"):
            lines.append(line[1:])
            continue
        if lines:
            yield "".join(lines)
        lines, reading = [], re.search(r"duration: .* plan:\s*$", line) is not None
    if lines:
        yield "".join(lines)


def nodes(node, is_cut=False):
    """Each node, and whether a LIMIT above it may have taken fewer rows than there were: it reaches down to what must read all of its
    input before it gives a row."""
    yield node, is_cut
    reaches = node["Node Type"] == "Limit" or (is_cut and node["Node Type"] not in BLOCKING)
    for child in node.get("Plans", []):
        yield from nodes(child, reaches and child.get("Parent Relationship") in ("Outer", "Subquery", "Member", "Inner"))


def faults(plan):
    for node, is_cut in nodes(plan):
        actual = node.get("Actual Rows", 0) * node.get("Actual Loops", 1)
        planned = max(node.get("Plan Rows", 1), 1) * max(node.get("Actual Loops", 1), 1)
        if max(actual, planned) >= ROWS_MIN and actual >= TAKEN_MIN and not OFF_MAX >= max(actual, 1) / planned >= 1 / OFF_MAX:
            if (node.get("Actual Loops", 1) > 0 and not node["Node Type"] in ("Limit", "Bitmap Index Scan")
                    and not (is_cut and actual < planned)):
                yield f"{node['Node Type']}: {planned} rows planned, {actual} came"
        if node["Node Type"] == "Nested Loop":
            outer = node["Plans"][0]
            rows = outer.get("Actual Rows", 0) * outer.get("Actual Loops", 1)
            inner = node["Plans"][1]
            if rows > OUTER_MAX and inner.get("Actual Loops", 1) > OUTER_MAX:
                yield f"nested loop over {rows} outer rows"


def main():
    seen, bad = 0, {}
    for path in sys.argv[1:]:
        try:
            documents = list(plans(path))
        except OSError:
            continue
        for text in documents:
            try:
                document = json.loads(text)
            except ValueError:
                continue
            seen += 1
            for fault in faults(document["Plan"]):
                bad.setdefault(document.get("Query Text", "?").strip()[:400], set()).add(fault)
    print(f"{seen} plans read, {len(bad)} statements at fault")
    for query, found in bad.items():
        print("-----\n" + query)
        for fault in sorted(found)[:8]:
            print("  ! " + fault)
    return 1 if bad or seen == 0 else 0


sys.exit(main())
