# SPDX-License-Identifier: MIT
"""What a power cut may leave is decided by the order of a few calls; a trace of all processes shows it. Each output:
all its data, fsync, then the rename to its final name, then fsync of the folder; the manifest after all others are
safe; the state folder goes after the manifest."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from conftest import PROGRAM, Setting  # noqa: E402

CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,rmdir"
OUTPUTS = ["run_0000.h5", "run_0001.h5", "run_0002.h5", "scalers.parquet", "events.parquet", "runs.parquet"]


def parse(lines):
    """(call, paths) of all processes, each where it ended."""
    begun = {}
    for line in lines:
        pid, _, rest = line.partition(" ")
        rest = rest.strip()
        if rest.endswith("<unfinished ...>"):
            begun[pid] = rest
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
        if resumed:
            rest = begun.pop(pid) + resumed.group(1)
        call = re.match(r"(\w+)\((.*)", rest)
        if not call or not re.search(r"= \d+\s*(<.*)?$", rest):
            continue
        head = call.group(2)
        opened = re.match(r"\d+<([^>]*)>", head)
        by_name = call.group(1).startswith(("rename", "unlink", "rmdir"))
        named = re.findall(r'(?:<([^>]*)>, )?"([^"]*)"', head)
        yield call.group(1), [opened.group(1)] if opened and not by_name else [os.path.join(*name) for name in named]


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    setting = Setting(tmp_path_factory.mktemp("order")).configure(harmonic_count=3)
    for run, layout in enumerate(("0.1.0", "1.0", "2.0"), start=1):
        setting.make(run, layout, "--events", 5, "--samples", 16)
    log = setting.root / "trace"
    subprocess.run(["strace", "-f", "-y", "-qq", "-s", "1", "-o", log, "-e", f"trace={CALLS}", PROGRAM, "-q", "-j", "1",
                    "-c", setting.config], check=True, timeout=120)
    return setting.harmonic, list(parse(log.read_text().splitlines()))


def only(found):
    assert len(found) == 1, found
    return found[0]


def renamed(calls, final):
    return only([i for i, (call, paths) in enumerate(calls) if call.startswith("rename") and paths[-1] == str(final)])


def folder_synced(calls, folder, after):
    return min(i for i, (call, paths) in enumerate(calls) if i > after and call == "fsync" and paths == [str(folder)])


@pytest.mark.parametrize("name", [*OUTPUTS, "manifest.json"])
def test_data_then_sync_then_name(trace, name):
    folder, calls = trace
    at = renamed(calls, folder / name)
    part = calls[at][1][0]
    assert Path(part).parent == folder / ".harmonizer"
    touched = [i for i, (call, paths) in enumerate(calls)
               if call in ("write", "pwrite64", "ftruncate", "fallocate") and paths == [part]]
    synced = [i for i, (call, paths) in enumerate(calls) if call == "fsync" and paths == [part]]
    assert touched and synced and max(touched) < max(synced) < at
    assert not [call for call, paths in calls if paths == [str(folder / name)] and not call.startswith(("rename", "fsync"))]


def test_manifest_when_all_others_are_safe(trace):
    folder, calls = trace
    manifest = renamed(calls, folder / "manifest.json")
    for name in OUTPUTS:
        assert folder_synced(calls, folder, renamed(calls, folder / name)) < manifest, name


def test_state_goes_when_the_manifest_is_safe(trace):
    folder, calls = trace
    safe = folder_synced(calls, folder, renamed(calls, folder / "manifest.json"))
    removed = [i for i, (call, paths) in enumerate(calls) if call in ("unlink", "unlinkat", "rmdir")
               and any(os.path.basename(path).startswith(("plan", "written_", "index_")) for path in paths)]
    assert removed and min(removed) > safe


def test_note_before_the_name(trace):
    """written_NNNN is safe before its harmonic run has a name: a run under its final name is always known."""
    folder, calls = trace
    for number in range(3):
        note = renamed(calls, folder / ".harmonizer" / f"written_{number:04d}")
        assert folder_synced(calls, folder / ".harmonizer", note) < renamed(calls, folder / f"run_{number:04d}.h5")
