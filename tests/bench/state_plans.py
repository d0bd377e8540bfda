#!/usr/bin/env python3
"""state_plans.py LOG...: reads the plans that auto_explain logged as JSON, and fails where a nested loop had more than 10,000 outer rows
or read more than 5,000,000 rows of its inner side again and again, or an estimate was off by more than 1,000 times (of at least 10,000
rows). A node of which fewer than ten rows were taken proves nothing: EXISTS, a LIMIT, or a join whose other side is empty, ends it
early; what a bitmap of an index counts are no rows; the estimate of a whole statement decides nothing. What is no fault is told by the
plan's shape (is_*() below), never by the statement."""
import json
import re
import sys

OUTER_MAX = 10000
OFF_MAX = 1000
ROWS_MIN = 10000
TAKEN_MIN = 10
READ_MAX = 5000000
JOINS = ("Nested Loop", "Hash Join", "Merge Join")
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


def is_ended_early(child):
    """EXISTS beside OR is a SubPlan, run for each row, of which one row is taken. (A hashed one runs once and is read to its end.)"""
    return child.get("Parent Relationship") == "SubPlan" and child.get("Actual Loops", 0) > 1 and child.get("Actual Rows", 0) <= 1


def nodes(node, is_cut=False):
    """Each node, and whether a LIMIT above it may have taken fewer rows than there were: it reaches down to what must read all of its
    input before it gives a row."""
    yield node, is_cut
    reaches = node["Node Type"] == "Limit" or (is_cut and node["Node Type"] not in BLOCKING)
    for child in node.get("Plans", []):
        yield from nodes(child, is_ended_early(child) or
                         (reaches and child.get("Parent Relationship") in ("Outer", "Subquery", "Member", "Inner")))


def is_by_places(node):
    """Rows taken by their places, which a query collected: the planner takes any such array for ten, and there is no way to tell it. A
    place gives one row and is read once, so nothing is multiplied."""
    while node["Node Type"] == "Hash":
        node = node["Plans"][0]
    return node["Node Type"] == "Tid Scan" and re.search(r"= ANY \(\$\d+\)", node.get("TID Cond", "")) is not None


def is_joined_by_places(node):
    """A join of such rows with the places: no more can come than the other side has, whose estimate is tested by itself."""
    if node["Node Type"] not in JOINS:
        return False
    for places, other in (node["Plans"][:2], node["Plans"][1::-1]):
        if is_by_places(places) and node.get("Actual Rows", 0) <= other.get("Actual Rows", 0):
            return True
    return False


def is_one_row(inner):
    """The only row of a table, read once and kept, for a condition that is no equality (a setting, the policy in force): there is nothing
    to hash or to look up, and each outer row costs as much as by a filter."""
    return (inner["Node Type"] == "Materialize" and inner.get("Plan Rows", 0) <= 1 and inner.get("Actual Rows", 0) <= 1
            and inner["Plans"][0].get("Actual Loops", 0) == 1 and inner["Plans"][0].get("Actual Rows", 0) <= 1)


def is_computed(inner):
    """Values made of the outer row alone (LATERAL with OFFSET 0, so that they are computed once): what they read beside it, if anything, is read
    for few of the rows (a condition that is tested before) or once for all."""
    return inner["Node Type"] == "Result" and all(child.get("Actual Loops", 0) <= OUTER_MAX for child in inner.get("Plans", []))


def rows_read(inner):
    """How many rows the inner side of a nested loop has read in all of its loops, other than by an index."""
    kind, loops = inner["Node Type"], inner.get("Actual Loops", 0)
    if kind in ("Materialize", "Seq Scan", "CTE Scan", "Subquery Scan", "Function Scan") and loops > 1:
        own = (inner.get("Actual Rows", 0) + inner.get("Rows Removed by Filter", 0)) * loops
    else:
        own = 0
    return max([own] + [rows_read(child) for child in inner.get("Plans", [])])


def faults(plan):
    for node, is_cut in nodes(plan):
        loops = node.get("Actual Loops", 1)
        actual = node.get("Actual Rows", 0) * loops
        planned = max(node.get("Plan Rows", 1), 1) * max(loops, 1)
        if node is not plan and max(actual, planned) >= ROWS_MIN and actual >= TAKEN_MIN and not OFF_MAX >= max(actual, 1) / planned >= 1 / OFF_MAX:
            if (loops > 0 and not node["Node Type"] in ("Limit", "Bitmap Index Scan") and not (is_cut and actual < planned)
                    and not is_by_places(node) and not is_joined_by_places(node)):
                yield f"{node['Node Type']}: {planned} rows planned, {actual} came"
        if node["Node Type"] == "Nested Loop":
            outer, inner = node["Plans"][:2]
            rows = outer.get("Actual Rows", 0) * outer.get("Actual Loops", 1)
            if rows > OUTER_MAX and inner.get("Actual Loops", 1) > OUTER_MAX and not is_one_row(inner) and not is_computed(inner):
                yield f"nested loop over {rows} outer rows of {inner['Node Type']}"
            if rows_read(inner) > READ_MAX:
                yield f"nested loop over {rows} outer rows read {rows_read(inner)} rows"


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
