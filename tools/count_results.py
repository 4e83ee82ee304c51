#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts test cases: count_results.py meson LOGDIR/testlog.json | pytest JUNIT.xml

Prints "PASSED FAILED" on the first line, then a line per failed case. A skipped case is a failed one. A meson
test that speaks TAP counts case by case, another one as one case; one that died, ran too long or stopped
before its plan was through counts one failed case more. No file, or one with nothing in it: "0 0".
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TAP_LINE = re.compile(r"(ok|not ok) \d+\s*(?:- )?([^#]*)(#\s*(?:skip|todo))?", re.IGNORECASE)


def told(text):
    """What a failed test says first, without the cases that passed."""
    lines = [line for line in text.strip().splitlines() if line and not re.match(r"ok \d|1\.\.\d", line)]
    return ["    " + line for line in lines[:12]]


def count_meson(path):
    """(passed, failure lines, failed count) of the tests in a testlog.json, one JSON record per line."""
    passed, failures, failed = 0, [], 0
    for record in map(json.loads, path.read_text().splitlines()):
        name, result, output = record["name"], record["result"], record.get("stdout", "")
        cases = [TAP_LINE.match(line) for line in output.splitlines()]
        cases = [case for case in cases if case]
        bad = [case for case in cases if case[1].lower() != "ok" or case[3]]
        passed += len(cases) - len(bad)
        failed += len(bad)
        failures += [f"{name}: {case[0].strip()}" for case in bad]
        if not cases and result == "OK":
            passed += 1
        elif result != "OK" and not bad:
            failed += 1
            failures.append(f"{name}: {result}, exit status {record.get('returncode')}")
        if result != "OK":
            failures += told(output + "\n" + record.get("stderr", ""))
    return passed, failures, failed


def count_pytest(path):
    """The same of a JUnit file of pytest."""
    passed, failures, failed = 0, [], 0
    for case in ElementTree.parse(path).iter("testcase"):
        faults = [entry for entry in case if entry.tag in ("failure", "error", "skipped")]
        if not faults:
            passed += 1
            continue
        failed += 1
        fault = faults[0]
        failures.append(f"{case.get('classname')}::{case.get('name')}: {fault.tag}")
        failures += told(fault.get("message") or fault.text or "")
    return passed, failures, failed


def main():
    kind, path = sys.argv[1], Path(sys.argv[2])
    count = {"meson": count_meson, "pytest": count_pytest}[kind]
    passed, failures, failed = count(path) if path.exists() and path.stat().st_size else (0, [], 0)
    print(passed, failed)
    for line in failures:
        print(line)


if __name__ == "__main__":
    main()
