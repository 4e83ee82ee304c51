# SPDX-License-Identifier: MIT
"""What keeps a healthy run from being read is named as what it is, and never left out by --skip-bad."""
import os
import resource
import shutil
import signal
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import LONG_AGO, overwrite


def age(path):
    os.utime(path, (LONG_AGO, LONG_AGO))


def refused(setting, *words, times=1):
    """plan, the job and --skip-bad end alike."""
    for command in (("plan",), (), ("--skip-bad",)):
        done = setting.run(*command)
        assert done.code == 1 and "damaged merged runs" not in done.err, done
        for word in words:
            assert done.err.count(word) == times, done
        assert not list(setting.harmonic.glob("run_*")), done
    return done


def compress(path, kind, event=3):
    with h5py.File(path, "r+", libver=("earliest", "v108")) as file:
        place = file[f"events/event_{event}"]
        old = place["get_traces"]
        values, attributes = old[()], dict(old.attrs)
        del place["get_traces"]
        new = place.create_dataset("get_traces", data=values, chunks=values.shape, compression=kind)
        new.attrs.update(attributes)
    age(path)


# ---- filters

def test_a_filter_that_is_not_installed(setting):
    compress(setting.make(1, "1.0"), "lzf")
    setting.make(2, "1.0")
    done = refused(setting, "merged run 1: events/event_3/get_traces: needs the HDF5 filter lzf (32000)", "HDF5_PLUGIN_PATH")
    assert "h5repack" in done.err and "merged run 2" not in done.err


def test_a_filter_that_no_chunk_went_through(setting):
    """Whoever wrote the chunk lacked the filter, and left it out, as an optional one may be."""
    path = setting.make(1, "1.0")
    with h5py.File(path, "r+", libver=("earliest", "v108")) as file:
        place = file["events/event_3"]
        values, attributes = place["get_traces"][()], dict(place["get_traces"].attrs)
        del place["get_traces"]
        new = place.create_dataset("get_traces", shape=values.shape, dtype="<i2", chunks=values.shape, compression="lzf")
        new.id.write_direct_chunk((0, 0), values.astype("<i2").tobytes(), filter_mask=1)
        new.attrs.update(attributes)
    age(path)
    setting.harmonize()
    with h5py.File(setting.harmonic / "run_0000.h5") as file:
        assert np.array_equal(file["events/event_3/get_traces"][()], values)


def test_a_filter_of_a_nested_dataset(setting):
    path = setting.make(1, "1.0")
    with h5py.File(path, "r+", libver=("earliest", "v108")) as file:
        file.create_dataset("events/event_2/extra/deep", data=np.arange(100), chunks=(100,), compression="lzf")
    age(path)
    refused(setting, "needs the HDF5 filter lzf (32000)")


# ---- versions

def test_a_newer_hdf5_wrote_it(setting):
    path = setting.make(1, "1.0")
    newer = path.with_suffix(".new")
    with h5py.File(path) as old, h5py.File(newer, "w", libver="latest") as new:
        old.copy("events", new)
        old.copy("scalers", new)
        place = new["events/event_3"]
        values, attributes = place["get_traces"][()], dict(place["get_traces"].attrs)
        del place["get_traces"]
        place.create_dataset("get_traces", data=values, compression="gzip").attrs.update(attributes)
    newer.replace(path)
    age(path)
    if os.environ.get("HARMONIZER_HDF5", "1.10").startswith("2"):
        setting.harmonize()  # this one knows the form
    else:
        refused(setting, "a newer HDF5 than", "h5repack --high")


def test_an_unknown_version_in_a_header_of_a_merger_is_damage(setting):
    """No newer HDF5 writes such headers: it is a changed byte."""
    path = setting.make(1, "1.0")
    with h5py.File(path) as file:
        at = h5py.h5o.get_info(file["events/event_3/frib_physics/977"].id).addr
    data = path.read_bytes()
    layout = data.index(b"\x08\x00\x18\x00", at)  # the message of the layout, 24 bytes
    overwrite(path, layout + 8, b"\x07")
    done = setting.run()
    assert done.code == 1 and "newer HDF5" not in done.err and "damaged merged runs" in done.err, done
    assert setting.run("--skip-bad").code == 3


def test_a_superblock_that_no_version_knows(setting):
    path = setting.make(1, "1.0")
    overwrite(path, 8, b"\x09")
    done = setting.run()
    assert done.code == 1 and "newer HDF5" not in done.err, done
    with h5py.File(path, "w", libver="latest") as file:
        file["events"] = 1
    overwrite(path, 8, b"\x09")
    refused(setting, "a newer HDF5 than")


# ---- a file that its writer has not closed

@pytest.mark.parametrize("swmr", [False, True])
def test_a_file_that_is_marked_as_open_for_writing(setting, swmr):
    """Superblock version 3 says so, until the writer closes the file. The mergers write version 0, which does not."""
    path = setting.make(1, "1.0")
    setting.make(2, "1.0")
    marked = path.with_suffix(".new")
    write = ("import h5py, os, sys\n"
             "old = h5py.File(sys.argv[1]); new = h5py.File(sys.argv[2], 'w', libver=('v110', 'v110'))\n"
             "old.copy('events', new); old.copy('scalers', new)\n"
             f"if {swmr}: new.swmr_mode = True\n"
             "new.flush(); os._exit(0)\n")
    subprocess.run([sys.executable, "-c", write, path, marked], check=True)
    marked.replace(path)
    age(path)
    refused(setting, "merged run 1: is marked as open for writing", "h5clear")
    assert path.read_bytes()[8] == 3


# ---- limits of the process

def test_a_limit_of_the_length_of_files(setting):
    setting.make(1, "1.0", "--events", 20, "--traces", "100:100")
    setting.configure(harmonic_count=1)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    for words in ((), ("--skip-bad",), ("plan",)):
        done = setting.run(*words, preexec_fn=limit)
        assert done.code == 1 and "harmonic run 0 would have" in done.err and "ulimit -f" in done.err, done
        assert "100 kB" in done.err and "run the same command again" not in done.err, done
    setting.harmonize()


def test_a_limit_that_shows_only_when_it_is_met(setting):
    """Shorter than what the prediction allows for."""
    setting.make(1, "1.0", "--events", 20, "--traces", "100:100")
    setting.configure(harmonic_count=1)
    setting.harmonize()
    length = (setting.harmonic / "run_0000.h5").stat().st_size - 1

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (length, length))
    done = setting.run("--force", preexec_fn=limit)
    assert done.code == 1 and "File too large" in done.err and f"{length} bytes" in done.err, done


def test_a_limit_of_processor_time(setting):
    setting.make(1, "1.0", "--events", 100_000, "--traces", "1:1", "--no-frib")

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (1, 60))
    done = setting.run("--skip-bad", "--jobs", "1", preexec_fn=limit)
    assert done.code in (1, 128 + signal.SIGXCPU), done
    if done.code == 1:
        assert "limit of processor time" in done.err and "damage" not in done.err.replace("no damage", ""), done


# ---- the same run

def test_another_inode_is_no_change(setting):
    """File systems that make up inode numbers have another one after a remount, or on another node."""
    path = setting.make(1, "1.0", "--events", 30)
    assert setting.run("prepare").code == 0
    copy = path.with_suffix(".copy")
    shutil.copy2(path, copy)
    assert copy.stat().st_ino != path.stat().st_ino
    copy.replace(path)
    assert setting.run("write", "--shard", "1/1").code == 0
    assert setting.run("finish").code == 0
    shutil.copy2(path, copy)
    copy.replace(path)
    done = setting.run(quiet=False)
    assert done.code == 0 and "already complete" in done.err, done
    setting.assert_whole()
