# SPDX-License-Identifier: MIT
"""test.sh is green only because these two tools say so: what they must never let through."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def counted(kind, path):
    """(passed, failed, lines about failures) as the tool prints them."""
    done = subprocess.run(
        [sys.executable, TOOLS / "count_results.py", kind, path], check=True, capture_output=True, text=True
    )
    first, *lines = done.stdout.splitlines()
    passed, failed = map(int, first.split())
    return passed, failed, lines


def meson_log(folder, *records):
    path = folder / "testlog.json"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def meson_record(name, result, stdout="", returncode=0):
    return {"name": name, "result": result, "stdout": stdout, "returncode": returncode}


@pytest.mark.parametrize(
    "record, passed, failed",
    [
        (meson_record("tap", "OK", "1..2\nok 1 - a\nok 2 - b\n# ok - tap\n"), 2, 0),
        (meson_record("tap", "FAIL", "1..2\nok 1 - a\nnot ok 2 - b\n# why\n"), 1, 1),
        (meson_record("tap", "OK", "1..2\nok 1 - a\nok 2 - b # SKIP no disk\n"), 1, 1),
        (meson_record("died", "ERROR", "1..3\nok 1 - a\n", -11), 1, 1),
        (meson_record("hangs", "TIMEOUT", "1..3\nok 1 - a\n", -15), 1, 1),
        (meson_record("leaks", "FAIL", "1..1\nok 1 - a\n", 1), 1, 1),
        (meson_record("plain", "OK", "ok so far\n"), 1, 0),
        (meson_record("plain", "FAIL", "", 1), 0, 1),
        (meson_record("plain", "SKIP", "", 77), 0, 1),
    ],
)
def test_meson_records(tmp_path, record, passed, failed):
    got = counted("meson", meson_log(tmp_path, record))
    assert got[:2] == (passed, failed)
    assert bool(got[2]) == bool(failed)


def test_meson_records_add_up(tmp_path):
    ok = meson_record("one", "OK", "1..1\nok 1 - a\n")
    bad = meson_record("two", "FAIL", "1..2\nok 1 - a\nnot ok 2 - b\n", 1)
    passed, failed, lines = counted("meson", meson_log(tmp_path, ok, bad))
    assert (passed, failed) == (2, 1)
    assert lines[0] == "two: not ok 2 - b"


@pytest.mark.parametrize("kind", ["meson", "pytest"])
def test_no_results_are_no_tests(tmp_path, kind):
    assert counted(kind, tmp_path / "absent")[:2] == (0, 0)
    (tmp_path / "empty").touch()
    assert counted(kind, tmp_path / "empty")[:2] == (0, 0)


def test_pytest_cases(tmp_path):
    source = tmp_path / "test_four.py"
    source.write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 1 == 2\n"
        "@pytest.mark.skip\n"
        "def test_skipped(): pass\n"
        "@pytest.mark.xfail\n"
        "def test_hidden(): assert False\n"
        "@pytest.fixture\n"
        "def broken():\n    yield\n    raise OSError('teardown')\n"
        "def test_teardown(broken): pass\n"
    )
    junit = tmp_path / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={junit}", source]
    assert subprocess.run(command, capture_output=True, check=False, cwd=tmp_path).returncode == 1
    passed, failed, lines = counted("pytest", junit)
    assert (passed, failed) == (1, 4)
    assert any("assert 1 == 2" in line for line in lines)


def listed(folder, body_lines, limit):
    source = folder / "some.c"
    body = "".join(f"    x += {number};\n" for number in range(body_lines))
    source.write_text(f"struct s {{\n    int a;\n}};\n\nstatic int f(int x,\n             int y)\n{{\n{body}}}\n")
    command = ["awk", "-v", f"limit={limit}", "-f", TOOLS / "long_functions.awk", source]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_long_functions_are_listed(tmp_path):
    # Two lines of signature, two braces.
    assert listed(tmp_path, 56, 60).returncode == 0
    long = listed(tmp_path, 57, 60)
    assert long.returncode == 1
    assert "some.c:5: 61 lines, at most 60: static int f(int x," in long.stdout


def test_no_function_at_all_is_a_finding(tmp_path):
    source = tmp_path / "empty.c"
    source.write_text("int x;\n")
    command = ["awk", "-v", "limit=60", "-f", TOOLS / "long_functions.awk", source]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
