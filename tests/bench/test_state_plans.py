#!/usr/bin/env python3
"""test_state_plans.py: does the gate of plans (state_plans.py) see what it is there for? plans/ has what auto_explain logged of six
statements over two tables of 20,000 rows: two are as they should be, each other has one fault."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FAULTS = {
    "good": None,
    "outer_rows": "nested loop over 20000 outer rows of Index Only Scan",
    "estimate": "Function Scan: 1 rows planned, 20000 came",
    "computed": None,
    "looked_up": "nested loop over 20000 outer rows of Result",
    "rescans": "nested loop over 600 outer rows read 12000000 rows",
}


def gate(*names):
    logs = [os.path.join(HERE, "plans", name + ".log") for name in names]
    told = subprocess.run([sys.executable, os.path.join(HERE, "state_plans.py"), *logs], capture_output=True, text=True, check=False)
    return told.returncode, told.stdout


def main():
    for name, fault in FAULTS.items():
        code, told = gate(name)
        assert code == (0 if fault is None else 1), (name, code, told)
        faults = [line.strip()[2:] for line in told.splitlines() if line.startswith("  !")]
        assert faults == ([] if fault is None else [fault]), (name, told)
    code, told = gate(*FAULTS)
    assert code == 1 and told.startswith("6 plans read, 4 statements at fault"), told
    code, told = gate()                         # where nothing was logged, nothing was proved
    assert code == 1 and told.startswith("0 plans read"), told
    code, told = gate("none")
    assert code == 1, told


main()
