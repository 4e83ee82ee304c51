# SPDX-License-Identifier: MIT
"""find: from the tables alone, both ways, one event or many."""
import json
import os
import random
import signal
import subprocess
import time

import h5py
import pytest
from conftest import PROGRAM


def places_of(setting):
    """What the harmonic runs themselves say: (run, event) and where it lies."""
    seen = []
    for path in sorted(setting.harmonic.glob("run_*.h5")):
        with h5py.File(path) as file:
            for name, event in file["events"].items():
                seen.append(((int(event.attrs["orig_run"]), int(event.attrs["orig_event"])),
                             (int(path.stem[4:]), int(name[6:]))))
    return seen


def lines(pairs):
    return "".join(f"{first} {second}\n" for first, second in pairs)


@pytest.fixture(name="found")
def fixture_found(setting):
    """Three layouts, runs that begin late, holes; the merged runs are gone."""
    setting.make(1, "0.2.0", "--events", 14, "--holes", "3,9", "--frib-tail", 2)
    setting.make(2, "2.0", "--events", 11, "--first-event", 5000000000)
    setting.make(12, "1.0", "--events", 9)
    setting.configure(harmonic_count=4).harmonize()
    for path in setting.merged.iterdir():
        path.unlink()
    setting.merged.rmdir()
    return setting, places_of(setting)


def test_one_event(found):
    setting, places = found
    for original, (run, event) in places:
        assert setting.run("find", *map(str, original)).out == f"run_{run:04}.h5 event_{event}\n"
        assert setting.run("find", "--harmonic", str(run), str(event)).out == lines([original])
    told = json.loads(setting.run("find", *map(str, original), "--json").out)
    assert told == {"file": f"run_{run:04}.h5", "harmonic_run": run, "harmonic_event": event}
    told = json.loads(setting.run("find", "--harmonic", str(run), str(event), "--json").out)
    assert told == {"run": original[0], "event": original[1]}


def test_what_is_not_there(found):
    setting, _ = found
    for run, event in ("12", "999"), ("77", "0"), ("1", "3"):  # the last is a hole
        done = setting.run("find", run, event)
        assert done.code == 1 and done.out == "" and f"no event {event} of merged run {run}" in done.err
    done = setting.run("find", "--harmonic", "4", "0")
    assert done.code == 1 and done.out == "" and "holds no run_0004.h5" in done.err
    done = setting.run("find", "--harmonic", "1", "500")
    assert done.code == 1 and done.out == "" and "events in run_0001.h5, from 0 on: there is no event 500" in done.err
    for words in ["1", "x"], ["1.0", "1"], ["--harmonic", "0", "-1"], ["-", "-"], ["--harmonic", "run_0001.h5", "event_2"]:
        assert setting.run("find", *words).code == 2


def test_many_at_once(found):
    setting, places = found
    asked = [random.Random(5).choice(places) for _ in range(400)]
    done = setting.run("find", "-", input=lines(original for original, _ in asked))
    assert done.code == 0 and done.out == "".join(f"run_{run:04}.h5 event_{event}\n" for _, (run, event) in asked)
    done = setting.run("find", "--harmonic", "-", input=lines(place for _, place in asked))
    assert done.code == 0 and done.out == lines(original for original, _ in asked)
    done = setting.run("find", "-", input="1 0\n\t1\t3 \r\n1 1")
    assert done.code == 1 and done.out == "run_0000.h5 event_0\n-\nrun_0000.h5 event_1\n"
    assert "no such event for 1 of 3 lines" in done.err
    done = setting.run("find", "-", "--json", input="1 0\n1 3\n")
    assert [json.loads(line) for line in done.out.splitlines()] == \
        [{"file": "run_0000.h5", "harmonic_run": 0, "harmonic_event": 0}, None]
    done = setting.run("find", "-", input="")
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize("text, line", [("1 2\n1\n", 2), ("1 2\n\n", 2), ("1 2 3\n", 1), ("1 x\n", 1), ("-1 2\n", 1),
                                        ("1 2\n1 18446744073709551616\n", 2), ("1 2\0\n", 1)])
def test_a_line_that_is_no_pair_is_named(found, text, line):
    done = found[0].run("find", "-", input=text)
    assert done.code == 2 and done.out == "" and f"standard input, line {line}: " in done.err


def wait_until_caught(pid, number):
    """Before, the signal would be that of an interpreter that is not this program yet."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        status = dict(line.split(":\t", 1) for line in open(f"/proc/{pid}/status", encoding="ascii").read().splitlines())
        if int(status["SigCgt"], 16) >> (number - 1) & 1 and os.readlink(f"/proc/{pid}/exe") == str(PROGRAM.resolve()):
            return
        time.sleep(0.01)
    raise AssertionError("it does not catch the signal")


def test_a_signal_ends_the_wait_for_input(found):
    with subprocess.Popen([PROGRAM, "-c", found[0].config, "find", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        wait_until_caught(child.pid, signal.SIGTERM)
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        _, told = child.communicate(timeout=2)
    assert child.returncode == 128 + signal.SIGTERM and "ended by signal" in told


def test_the_table_is_the_one_that_the_manifest_lists(found, another):
    """A table of another set, or one with a changed bit, gives no answer rather than a false one."""
    setting, _ = found
    table = setting.harmonic / "events.parquet"
    right = table.read_bytes()
    other = another("other")
    other.make(1, "1.0", "--events", 40)
    other.configure(harmonic_count=2).harmonize()
    table.write_bytes((other.harmonic / "events.parquet").read_bytes())
    done = setting.run("find", "1", "0")
    assert done.code == 1 and done.out == "" and "events.parquet is not the file that the manifest lists" in done.err
    table.write_bytes(right[:100] + bytes([right[100] ^ 1]) + right[101:])
    assert setting.run("find", "1", "0").code == 1
    table.unlink()
    done = setting.run("find", "1", "0")
    assert done.code == 1 and f"{table}: is missing" in done.err
    os.symlink("/dev/zero", table)
    done = setting.run("find", "1", "0", timeout=10)
    assert done.code == 1 and "is no regular file" in done.err


def test_harmonic_runs_are_not_needed(found):
    setting, places = found
    for path in setting.harmonic.glob("run_*.h5"):
        path.unlink()
    original, (run, event) = places[-1]
    assert setting.run("find", *map(str, original)).out == f"run_{run:04}.h5 event_{event}\n"


def test_a_hundred_thousand_lines(setting):
    setting.make(1, "1.0", "--events", 3000, "--traces", "1:2", "--samples", 2)
    setting.configure(harmonic_count=7).harmonize()
    asked = [random.Random(1).randrange(3000) for _ in range(100_000)]
    began = time.process_time() + sum(os.times()[2:4])
    done = setting.run("find", "-", input=lines((1, event) for event in asked))
    assert done.code == 0 and done.out.count("\n") == len(asked)
    assert time.process_time() + sum(os.times()[2:4]) - began < 1
