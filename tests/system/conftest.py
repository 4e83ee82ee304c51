# SPDX-License-Identifier: MIT
"""What every system test needs: the program, the fixture maker, a folder with merged runs and a harmonic_path."""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

sys.path.insert(0, str(Path(__file__).parent))
BUILD = Path(os.environ["HARMONIZER_BUILD"]).resolve()
PROGRAM = BUILD / "cli" / "harmonizer"
MKRUN = BUILD / "tests" / "gen" / "mkrun"
LONG_AGO = 1_700_000_000  # runs of long ago are not warned about


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Setting:
    """A folder of merged runs, a harmonic_path, a configuration."""

    program = PROGRAM

    def __init__(self, root, harmonic="harmonic"):
        self.root = Path(root)
        self.merged = self.root / "merged"
        self.harmonic = self.root / harmonic
        self.config = self.root / f"{harmonic}.yml"
        self.merged.mkdir(exist_ok=True)
        self.harmonic.mkdir(exist_ok=True)
        self.configure()

    def configure(self, **keys):
        values = dict(merger_path=str(self.merged), harmonic_path=str(self.harmonic), min_run=0, max_run=99)
        if "harmonic_count" not in keys:
            values["harmonic_size_gb"] = 0.001
        values.update(keys)
        self.low, self.high = values["min_run"], values["max_run"]
        self.skip = values.get("skip_runs", [])
        self.config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
        return self

    def make(self, run, layout, *options):
        path = self.merged / f"run_{run:04d}.h5"
        subprocess.run([MKRUN, path, "--run", str(run), "--layout", layout, *map(str, options)], check=True)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    def run(self, *words, quiet=True, timeout=300, **options):
        command = [self.program, "-c", self.config, *words] + (["-q"] if quiet else [])
        return Result(subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                                     cwd=self.root, check=False, **options))

    def harmonize(self, *words, **options):
        done = self.run(*words, **options)
        assert done.code == 0, done
        return done

    def files(self):
        return sorted(path.name for path in self.harmonic.iterdir())

    def hashes(self):
        """Of everything but the manifest."""
        return {name: hashlib.sha256((self.harmonic / name).read_bytes()).hexdigest()
                for name in self.files() if name != "manifest.json"}

    def manifest(self):
        return json.loads((self.harmonic / "manifest.json").read_text())

    def assert_whole(self, leave_out=()):
        import judge
        found = judge.compare_set(self.merged, self.harmonic, self.low, self.high, self.skip, leave_out)
        assert not found, "\n".join(found[:20])


def break_chunk(path, dataset):
    """Changes stored bytes of a deflated dataset: its metadata stay right, its data cannot be inflated."""
    with h5py.File(path) as file:
        chunk = file[dataset].id.get_chunk_info(0)
    with open(path, "r+b") as file:
        file.seek(chunk.byte_offset + chunk.size // 2)
        file.write(b"\xa5" * 16)
    os.utime(path, (LONG_AGO, LONG_AGO))


def overwrite(path, at, new):
    data = bytearray(path.read_bytes())
    data[at:at + len(new)] = new
    path.write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))


def address_of(path, name):
    """Where the header of an object lies."""
    with h5py.File(path) as file:
        return h5py.h5o.get_info(file[name].id).addr


def damage_data(path, event):
    """Damage that only the copy can find, in a run that was not compressed."""
    place = f"events/event_{event}/get_traces"
    with h5py.File(path, "a") as file:
        attributes = dict(file[place].attrs)
        values = file[place][:]
        del file[place]
        data = file.create_dataset(place, data=values, chunks=values.shape, compression="gzip")
        data.attrs.update(attributes)
    break_chunk(path, place)


@pytest.fixture
def setting(tmp_path):
    return Setting(tmp_path)


@pytest.fixture
def another(setting):
    """The same merged runs, another harmonic_path."""
    return lambda name: Setting(setting.root, name)


def mixed_runs(setting):
    """Runs of every layout with what real ones have, and more."""
    setting.make(1, "0.1.0", "--events", 12, "--holes", 3, "--frib-tail", 2, "--frib-only", 4, "--get-only", 5,
                 "--zero-rows", 6, "--extra-datasets", "--scaler-values", "0,11,12,13,32", "--scalers", 7,
                 "--scaler-max")
    setting.make(2, "0.2.0", "--events", 12, "--frib-tail", 3, "--empty-events", 2, "--extra-attributes",
                 "--extra-datasets", "--extra-top")
    setting.make(3, "1.0", "--events", 30, "--first-event", 5, "--with-1904", "all", "--with-1905", "6,7",
                 "--with-1906", "all", "--no-1903", 8, "--scaler-values", "12,40", "--scaler-holes", 1)
    setting.make(5, "2.0", "--events", 25, "--extra-attributes", "--extra-datasets", "--zero-rows", "0,3",
                 "--coincidence-high", 3, "--get-only", 7, "--frib-only", 9, "--frib-tail", 2)
    setting.make(6, "synchronizer", "--events", 0)
    setting.make(7, "1.0", "--events", 4, "--no-frib", "--damage", "unwritten:2")
    setting.make(8, "0.1.0", "--events", 5, "--unclosed", "--no-frib")
    setting.make(9, "0.1.0", "--events", 1)
    return setting


@pytest.fixture
def mixed(setting):
    return mixed_runs(setting)
