# SPDX-License-Identifier: MIT
"""The same merged runs give the same bytes, whichever libhdf5 reads and writes: HARMONIZER_BUILD, made with the one
of HARMONIZER_HDF5, against HARMONIZER_REFERENCE, made with this machine's."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from conftest import BUILD, LONG_AGO, MKRUN, PROGRAM, Setting, mixed_runs  # noqa: E402

VERSION = os.environ["HARMONIZER_HDF5"]
REFERENCE = Path(os.environ["HARMONIZER_REFERENCE"]).resolve()
GENUINE = Path(__file__).parents[1] / "genuine"
GENUINE_VERSIONS = ["v0.1.0", "v0.2.0", "v0.2.1", "v0.3.1", "main-2026-02"]
LAYOUTS = ["0.1.0", "0.2.0", "1.0", "2.0", "synchronizer"]


# ---- that they are two

def library_of(program):
    """The libhdf5 that the loader finds for it, and the version that this says of itself."""
    loaded = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = re.findall(r"=> (\S*/libhdf5\S*)", loaded)
    assert len(paths) == 1, loaded
    ask = ("import ctypes, sys; n = [ctypes.c_uint() for _ in range(3)];"
           "ctypes.CDLL(sys.argv[1]).H5get_libversion(*map(ctypes.byref, n)); print(*(k.value for k in n), sep='.')")
    return subprocess.run([sys.executable, "-c", ask, paths[0]], capture_output=True, text=True,
                          check=True).stdout.strip()


def headers_of(build):
    """The version that the program was compiled for."""
    found = json.loads((build / "meson-info" / "intro-dependencies.json").read_text())
    return {entry["version"] for entry in found if "hdf5" in entry["name"].lower()}


@pytest.mark.parametrize("program", ["cli/harmonizer", "tests/gen/mkrun"])
def test_two_versions_are_compared(program):
    assert library_of(BUILD / program) == VERSION and headers_of(BUILD) == {VERSION}
    of_reference = library_of(REFERENCE / program)
    assert of_reference != VERSION and headers_of(REFERENCE) == {of_reference}


# ---- same runs, same bytes

class OfReference(Setting):
    program = REFERENCE / "cli" / "harmonizer"


class Both:
    """One folder of merged runs, harmonized by both."""

    def __init__(self, root):
        self.tested = Setting(root, "tested")
        self.reference = OfReference(root, "reference")
        self.make, self.merged = self.tested.make, self.tested.merged

    def configure(self, **keys):
        self.tested.configure(**keys)
        self.reference.configure(**keys)
        return self

    def age(self):
        for path in self.merged.iterdir():
            os.utime(path, (LONG_AGO, LONG_AGO))

    def assert_same(self, *words, code=0):
        self.age()
        plans = []
        for setting in (self.reference, self.tested):
            done = setting.run("plan", "--json", *words)
            assert done.code == code, done
            plans.append(json.loads(done.out)["files"])
            done = setting.run(*words)
            assert done.code == code, done
        assert plans[0] == plans[1]
        self.assert_same_bytes()
        self.reference.program = PROGRAM  # reads what the other wrote
        assert self.reference.run("verify").code == code

    def assert_same_bytes(self):
        wanted, found = self.reference.hashes(), self.tested.hashes()
        assert wanted.keys() == found.keys() and "events.parquet" in wanted
        assert [name for name in wanted if wanted[name] != found[name]] == []
        assert self.reference.manifest()["outputs"] == self.tested.manifest()["outputs"]


@pytest.fixture
def both(tmp_path):
    return Both(tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_made_runs_are_the_same(tmp_path, layout):
    """What other tests take for the merged runs of the merger depends on the library no more than its own do."""
    everything = ["--run", "3", "--layout", layout, "--frib-only", "2", "--zero-rows", "3", "--extra-attributes",
                  "--extra-datasets", "--extra-exotic", "--extra-top"]
    subprocess.run([MKRUN, tmp_path / "tested", *everything], check=True)
    subprocess.run([REFERENCE / "tests/gen/mkrun", tmp_path / "reference", *everything], check=True)
    assert (tmp_path / "tested").read_bytes() == (tmp_path / "reference").read_bytes()


@pytest.mark.parametrize("version", GENUINE_VERSIONS)
@pytest.mark.parametrize("mode", ["copy", "link"])
def test_genuine_runs(both, version, mode):
    for path in (GENUINE / version).glob("*.h5"):
        shutil.copy(path, both.merged)
    both.configure(harmonic_count=3, mode=mode)
    if mode == "link" and version == "v0.1.0":
        assert both.tested.run().code == 2 and both.reference.run().code == 2
    else:
        both.assert_same()


def test_all_genuine_versions_in_one_range(both):
    for k, version in enumerate(GENUINE_VERSIONS):
        for path in (GENUINE / version).glob("*.h5"):
            shutil.copy(path, both.merged / f"run_{20 * k + int(path.stem[4:]):04d}.h5")
    both.configure(harmonic_size_gb=0.002).assert_same()


def test_every_layout_with_everything_unusual(both):
    mixed_runs(both)
    both.configure(harmonic_count=7).assert_same()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mode", ["copy", "link"])
def test_unknown_attributes_compounds_and_nested_groups(both, layout, mode):
    """Attributes and types that are carried over as they are, and objects by H5Ocopy."""
    if mode == "link" and layout == "0.1.0":
        layout = "1.0"  # no links into these: the test before says so
    both.make(1, layout, "--events", 12, "--extra-datasets", "--extra-exotic", "--extra-attributes", "--frib-only", 4)
    both.make(2, layout, "--events", 3, "--extra-attributes", "--zero-rows", 1)
    both.configure(harmonic_count=2, mode=mode).assert_same()


def repack(both, *how):
    for path in both.merged.iterdir():
        packed = path.with_suffix(".packed")
        subprocess.run(["h5repack", *how, path, packed], check=True)
        packed.replace(path)


@pytest.mark.parametrize("how", [["-f", "SHUF", "-f", "GZIP=4"], ["-l", "CHUNK=7x100"], ["--low=1"],
                                 ["--low=2", "-f", "GZIP=1"]], ids=["deflated", "chunked", "1.8", "1.10"])
@pytest.mark.parametrize("mode", ["copy", "link"])
def test_packed_runs(both, how, mode):
    """Only libhdf5 can read these, and each has its own code for filters, indexes of chunks, and new-style groups."""
    exotic = [] if "--low=2" in how else ["--extra-exotic"]  # H5Ocopy takes no object of 1.10's form into a run of 1.8's
    for run, layout in enumerate(["1.0", "2.0"]):
        both.make(run, layout, "--events", 9, "--traces", 9, "--extra-attributes", "--extra-datasets", *exotic)
    both.age()
    repack(both, *how)
    both.configure(harmonic_count=2, mode=mode).assert_same()


def test_runs_in_the_other_byte_order(both):
    path = both.make(1, "1.0", "--events", 6)
    with h5py.File(path, "r+") as file:
        for event in file["events"].values():
            for group, name in [(event, "get_traces"), (event["frib_physics"], "1903")]:
                values, attrs = group[name][()], {key: (value, value.dtype) for key, value in group[name].attrs.items()}
                del group[name]
                new = group.create_dataset(name, data=values.astype(values.dtype.newbyteorder(">")))
                for key, (value, dtype) in attrs.items():
                    new.attrs.create(key, value, dtype=dtype)
    both.configure(harmonic_count=2).assert_same()


@pytest.mark.parametrize("mode", ["copy", "link"])
def test_many_events(both, mode):
    """Where a group has grown through several sizes of its heap and levels of its tree."""
    both.make(1, "2.0", "--events", 2500, "--traces", "0:1", "--samples", 1)
    both.make(2, "1.0", "--events", 500, "--traces", "0:1", "--samples", 1)
    both.configure(harmonic_count=1, mode=mode).assert_same()


def test_damaged_events_left_out(both):
    both.make(1, "1.0", "--events", 9, "--damage", "columns:3")
    both.make(2, "2.0", "--events", 9, "--damage", "soft-link:5")
    both.configure(harmonic_count=3).assert_same("--skip-bad", code=3)


def test_one_job_by_two_libraries(both):
    """A set that one began and the other ended: neither can tell."""
    mixed_runs(both)
    both.configure(harmonic_count=6)
    both.reference.harmonize()
    for words, program in [(["prepare"], PROGRAM), (["write", "--shard", "1/2"], OfReference.program),
                           (["write", "--shard", "2/2"], PROGRAM), (["finish"], OfReference.program)]:
        both.tested.program = program
        both.tested.harmonize(*words)
    both.assert_same_bytes()
