# SPDX-License-Identifier: MIT
"""What the user is told: texts of any bytes, numbers, paths, hints about runs."""
import json
import os
import re
import shutil
import subprocess

import h5py
import numpy as np
import pandas
import polars
import pytest

from conftest import LONG_AGO, PROGRAM, Setting, damage_data

# ---- texts ----

RED, CSI, LATIN = b"\x1b[31m", b"\x9b2J", b"caf\xe9"
EVIL = RED + CSI + LATIN + b"\r\x07"
SPELLED = "\\x1b[31m\\x9b2Jcafé\\x0d\\x07"


def call(setting, *words, cwd=None):
    """Exit code and bytes."""
    done = subprocess.run([PROGRAM, "-c", setting.config, *words], capture_output=True, cwd=cwd or setting.root, check=False)
    return done.returncode, done.stdout, done.stderr


def assert_harmless(*texts):
    """UTF-8, and nothing that a terminal would obey."""
    for text in texts:
        shown = text.decode("utf-8")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown), repr(shown)


def set_version(path, version):
    with h5py.File(path, "a") as file:
        del file["events"].attrs["version"]
        file["events"].attrs.create("version", np.bytes_(version))
    os.utime(path, (LONG_AGO, LONG_AGO))


def test_a_version_with_escape_sequences(setting):
    set_version(setting.make(1, "1.0"), EVIL)
    for words in (["plan"], [], ["verify"]):
        code, out, err = call(setting, *words)
        assert code == 0, err
        assert_harmless(out, err)
        assert words == ["verify"] or f'unknown version "{SPELLED}"' in (out + err).decode()
    assert polars.read_parquet(setting.harmonic / "runs.parquet")["version"].to_list() == [EVIL.decode("latin-1")]


def test_members_with_escape_sequences(setting):
    """Above the events, where they are left out, and within, where they are damage."""
    path = setting.make(1, "1.0")
    with h5py.File(path, "a") as file:
        file.create_group(b"/extra" + EVIL)
    other = setting.make(2, "1.0")
    with h5py.File(other, "a") as file:
        file.create_group(b"/events/notes" + EVIL)
    for each in (path, other):
        os.utime(each, (LONG_AGO, LONG_AGO))
    for words in (["plan"], []):
        code, out, err = call(setting, *words)
        assert code == 1 and f"notes{SPELLED}" in err.decode()
        assert_harmless(out, err)
    code, out, err = call(setting, "--skip-bad")
    assert code == 3, err
    assert_harmless(out, err, (setting.harmonic / "manifest.json").read_bytes())
    assert f"extra{SPELLED}" in err.decode() and f"notes{SPELLED}" in err.decode()
    assert SPELLED in json.loads((setting.harmonic / "manifest.json").read_text())["skipped"][0]["reason"]


def test_a_dataset_with_escape_sequences(setting):
    """That only the copy finds damaged; `verify` tells of it as JSON, too."""
    path = setting.make(1, "1.0", "--events", 5)
    with h5py.File(path, "a") as file:
        file["/events/event_2/frib_physics"].create_dataset(EVIL, data=np.arange(2000, dtype="u2"))
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert call(setting)[0] == 0
    harmonic = setting.harmonic / "run_0000.h5"
    with h5py.File(harmonic, "a") as file:
        del file["/events/event_2/frib_physics"][EVIL]
    for words in (["verify"], ["verify", "--json"]):
        code, out, err = call(setting, *words)
        assert code == 1 and "\\x1b[31m" in out.decode().replace("\\\\", "\\"), out
        assert_harmless(out, err)


@pytest.mark.parametrize("name", [b"data" + RED, b"data" + CSI, LATIN, b"line\nbreak", "da\u202eta".encode()])
def test_folders_with_any_name(setting, name):
    root = os.fsencode(setting.root)
    for part in (b"merged", b"harmonic"):
        os.rename(root + b"/" + part, root + b"/" + name + part)
    os.makedirs(root + b"/" + name)
    work = root + b"/" + name
    for part in (b"merged", b"harmonic"):
        os.rename(root + b"/" + name + part, work + b"/" + part)
    shown = "data/merged"
    setting.config = work + b"/c.yml"
    with open(setting.config, "wb") as file:
        file.write(b"merger_path: merged\nharmonic_path: harmonic\nharmonic_count: 1\nmin_run: 0\nmax_run: 9\n")
    told = [call(setting, *words, cwd=work) for words in ([], ["plan"])]
    subprocess.run([os.environ["HARMONIZER_BUILD"] + "/tests/gen/mkrun", work + b"/merged/run_0001.h5", "--run", "1",
                    "--layout", "1.0"], check=True)
    for words in (["plan"], [], [], ["plan"], ["verify"], ["find", "1", "99"], ["new"]):
        told.append(call(setting, *words, cwd=work))
    os.unlink(setting.config)
    told += [call(setting, cwd=work), call(setting, "new", cwd=work)]
    assert [code for code, _, _ in told] == [2, 2, 0, 0, 0, 0, 0, 1, 1, 2, 0]
    for _, out, err in told:
        assert_harmless(out, err)
    json.loads(open(work + b"/harmonic/manifest.json", encoding="utf-8").read())


def test_the_configuration_with_escape_sequences(setting):
    """In a key, a value, and where libyaml complains."""
    good = setting.config.read_bytes()
    for text in (b'"bad\\e[31m\\x9b": 1\n', b'merger_path: "\\e[31m/nowhere\\x9b"\n', b"merger_path: \xe9\n",
                 b"merger_path: \x1b[31m\n", b"mode: \xc2\x9b31m\n", b"*\xc2\x9b: x\n"):
        setting.config.write_bytes(text + (good if b"merger_path" not in text else good.split(b"\n", 1)[1]))
        code, out, err = call(setting)
        assert code == 2 and err.count(b"\n") == 1, err
        assert_harmless(out, err)


def test_words_of_the_command_line_with_escape_sequences(setting):
    for words in ([EVIL], [b"--" + EVIL], [b"-" + EVIL], [b"--jobs=" + EVIL], [b"find", EVIL, b"1"], [b"help", EVIL]):
        code, out, err = call(setting, *words)
        assert code == 2
        assert_harmless(out, err)


def test_a_reason_of_a_skipped_event_with_escape_sequences(setting):
    path = setting.make(1, "1.0", "--events", 5)
    with h5py.File(path, "a") as file:
        file["/events/event_3/frib_physics"][EVIL] = h5py.ExternalLink("nowhere.h5", "/x")
    os.utime(path, (LONG_AGO, LONG_AGO))
    code, out, err = call(setting, "--skip-bad")
    assert code == 3 and f"skipped: merged run 1: events/event_3/frib_physics/{SPELLED}" in err.decode()
    assert_harmless(out, err, (setting.harmonic / "manifest.json").read_bytes())


# ---- numbers ----

def test_a_spread_of_more_than_a_hundred_percent(setting):
    """One huge event among small ones."""
    setting.make(1, "1.0", "--events", 2, "--traces", "1:1")
    setting.make(2, "1.0", "--events", 1, "--traces", "400:400")
    setting.make(3, "1.0", "--events", 3, "--traces", "1:1")
    setting.configure(harmonic_count=5)
    code, out, _ = call(setting, "plan")
    found = re.search(r"spread (\S+) %", out.decode())
    assert code == 0 and re.fullmatch(r"\d{3}", found[1]), out
    code, _, err = call(setting)
    assert code == 0 and found[0] in err.decode()


# ---- the configuration ----

def configured(setting, **keys):
    values = dict(merger_path="merged", harmonic_path="harmonic", harmonic_count=1, min_run=0, max_run=9)
    values.update(keys)
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items())


@pytest.mark.parametrize("path, message", [
    ("data/merged", "data/merged (from here: HERE/data/merged): does not exist; expected the folder of the merged runs"),
    ("./data", "./data (from here: HERE/data): does not exist;"),
    ("../nowhere", "../nowhere (from here: HERE/../nowhere): does not exist;"),
    ("/nowhere/data", "/nowhere/data: does not exist;"),
    ("$HOME/data", "$HOME/data (from here: HERE/$HOME/data): does not exist ($ is not replaced: write the path out);"),
    ("/data/${USER}", "/data/${USER}: does not exist ($ is not replaced: write the path out);"),
    ("~/data", "~/data (from here: HERE/~/data): does not exist (~ is not replaced: write the path out);"),
    ("~me/data", "~me/data (from here: HERE/~me/data): does not exist (~ is not replaced: write the path out);"),
    ("harmonic.yml", "harmonic.yml (from here: HERE/harmonic.yml): is no directory;"),
])
def test_a_path_of_the_configuration_shows_where_it_leads(setting, path, message):
    setting.make(1, "1.0")
    for key in ("merger_path", "harmonic_path"):
        setting.config.write_text(configured(setting, **{key: path}))
        code, out, err = call(setting, "plan")
        wanted = message.replace("HERE", str(setting.root)).split(" expected")[0]
        assert code == 2 and out == b"" and f"{key}: {wanted}" in err.decode(), err


def test_a_path_with_a_dollar_or_a_tilde_that_exists_is_taken(setting):
    setting.make(1, "1.0")
    setting.merged.rename(setting.root / "$HOME")
    setting.harmonic.rename(setting.root / "~")
    setting.config.write_text(configured(setting, merger_path="$HOME", harmonic_path="~"))
    assert call(setting, "-q") == (0, b"", b"")
    assert (setting.root / "~" / "manifest.json").exists()


def test_a_range_without_runs_shows_where_the_folder_is(setting):
    setting.config.write_text(configured(setting))
    assert f"merged (from here: {setting.root}/merged): no run_NNNN.h5 at all" in call(setting)[2].decode()
    setting.make(50, "1.0")
    assert f"merged (from here: {setting.root}/merged): no merged run from 0 to 9" in call(setting)[2].decode()


FIFO = 'exec "$0" -c <(head -c 30 c.yml; sleep 0.05; tail -c +31 c.yml) "$@"'


@pytest.mark.parametrize("script", [FIFO, 'exec "$0" -c /dev/stdin "$@" < c.yml', 'cat c.yml | "$0" --config /dev/stdin "$@"',
                                    '"$0" -c /dev/fd/5 "$@" 5<<<"$(cat c.yml)"'])
def test_a_configuration_from_a_pipe(setting, script):
    setting.make(1, "1.0", "--events", 40)
    (setting.root / "c.yml").write_text(configured(setting, harmonic_count=2))
    for words in (["plan"], ["-q"], ["prepare"], ["verify"]):
        done = subprocess.run(["bash", "-c", script, PROGRAM, *words], capture_output=True, text=True, cwd=setting.root,
                              check=False, timeout=60)
        assert done.returncode == 0, done
    assert len(setting.manifest()["outputs"]) == 2 + 3


def test_waiting_for_a_configuration_can_be_interrupted(setting):
    os.mkfifo(setting.root / "pipe")
    keeper = os.open(setting.root / "pipe", os.O_RDWR)
    for keep in (True, False):
        if not keep:
            os.close(keeper)
        with subprocess.Popen([PROGRAM, "-c", "pipe"], cwd=setting.root, stderr=subprocess.PIPE, text=True) as process:
            caught = f"/proc/{process.pid}/status"
            while not any(line.startswith("SigCgt") and int(line.split()[1], 16) & 2 for line in open(caught)):
                pass
            for _ in range(100):  # the first may come just before it waits
                process.send_signal(2)
                try:
                    process.wait(timeout=0.1)
                    break
                except subprocess.TimeoutExpired:
                    pass
            assert process.returncode == 130 and "ended by signal 2" in process.stderr.read()


# ---- merged runs ----

NEAR = {"run_57.h5": 57, "run_057.h5": 57, "run_0057.hdf5": 57, "Run_0057.h5": 57, "RUN_0057.H5": 57, "run-0057.h5": 57,
        "run0057.h5": 57, "run_57.HDF": 57}


@pytest.mark.parametrize("name", NEAR)
def test_a_file_whose_name_is_nearly_that_of_a_missing_run(setting, name):
    """Named beside what is missing, and where there is no run at all."""
    setting.configure(min_run=55, max_run=60)
    setting.make(57, "1.0").rename(setting.merged / name)
    hint = f"; {name} is there: a merged run 57 is called run_0057.h5"
    for words in ([], ["plan"]):
        code, _, err = call(setting, *words)
        assert code == 2 and f"no run_NNNN.h5 at all; expected merged runs 55 to 60{hint}\n" in err.decode(), err
    setting.make(99, "1.0")
    assert f"no merged run from 55 to 60; the folder has run_0099 to run_0099, 1 run{hint}\n" in call(setting)[2].decode()
    setting.make(55, "1.0")
    for words in (["plan"], []):
        code, out, err = call(setting, *words)
        assert code == 0 and f"not found        5 of the range: 56 to 60\n                 but there is {name} (run_0057.h5?)\n" \
            in (out + err).decode()


def test_no_hint_where_there_is_nothing_to_hint_at(setting):
    """The run is there, skipped or out of the range, or the name is another thing."""
    setting.configure(min_run=55, max_run=60, skip_runs=[58])
    setting.make(55, "1.0")
    for name in ("run_55.h5", "run_58.h5", "run_61.h5", "run_.h5", "run_57.txt", "run_57", "run_57.h5.bak", "arun_57.h5",
                 "run_57_old.h5", "run_99999999999.h5", "run__57.h5"):
        (setting.merged / name).write_text("x")
    assert "but there is" not in call(setting, "plan")[1].decode()
    for run in range(60, 80):
        (setting.merged / f"run_{run}.hdf5").write_text("x")
    setting.configure(min_run=55, max_run=90)
    assert "run_62.hdf5 (run_0062.h5?) and more\n" in call(setting, "plan")[1].decode()


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_two_runs_that_are_one_file(setting, link):
    setting.make(1, "1.0")
    setting.make(2, "1.0")
    link(setting.merged / "run_0002.h5", setting.merged / "run_0005.h5")
    for words in (["plan"], ["-q"]):
        code, _, err = call(setting, *words)
        assert code == 0
        assert "harmonizer: warning: merged runs 2 and 5 are one and the same file, under the names run_0002.h5 and " \
            "run_0005.h5: its events will be in the set twice\n" in err.decode()
        assert err.count(b"one and the same") == 1 and b"same frib_run" not in err
    setting.configure(skip_runs=[5])
    assert b"one and the same" not in call(setting, "plan")[2]


@pytest.mark.parametrize("layout", ["0.1.0", "1.0", "2.0"])
def test_a_run_with_the_number_of_another(setting, layout):
    """Copied and renamed: frib_run tells."""
    for run in (1, 2, 4):
        setting.make(run, layout)
    shutil.copy2(setting.merged / "run_0002.h5", setting.merged / "run_0003.h5")
    shutil.copy2(setting.merged / "run_0004.h5", setting.merged / "run_0007.h5")
    (setting.merged / "run_0004.h5").unlink()
    for words in (["plan"], ["-q"]):
        code, _, err = call(setting, *words)
        assert code == 0
        warned = [line for line in err.decode().splitlines() if "warning" in line]
        assert warned == [
            "harmonizer: warning: merged run 3 says that it is run 2, 7 says 4 (frib_run, the number that FRIBDAQ gave): was the "
            "file renamed, or merged with the FRIB data of another run?",
            "harmonizer: warning: merged runs 2 and 3 have the same frib_run, 2: is one a copy of the other?"]


def test_runs_without_a_number_are_not_warned_of(setting):
    for run, layout in enumerate(("0.1.0", "1.0", "2.0", "synchronizer", "0.2.0")):
        setting.make(10 + run, layout, "--no-frib")
        setting.make(20 + run, layout)
    assert call(setting, "-q") == (0, b"", b"")


def test_many_runs_with_other_numbers_are_a_few_lines(setting):
    setting.make(1, "1.0", "--events", 1)
    for run in range(2, 40):
        shutil.copy2(setting.merged / "run_0001.h5", setting.merged / f"run_{run:04d}.h5")
    err = call(setting, "-q")[2].decode()
    assert len(err.splitlines()) == 1 + 5 + 1, err
    assert "6 says 1 and more (frib_run" in err and "33 more pairs of merged runs have the same frib_run" in err


def test_skipped_runs_are_in_the_summary(setting):
    for run in (55, 57, 60, 61, 62, 70):
        setting.make(run, "1.0", "--events", 2)
    line = "left out by skip_runs: 57, 60 to 62; 58: not there anyway; 40, 70: not in the range anyway\n"
    setting.configure(min_run=55, max_run=65, skip_runs=[57, 58, 60, 61, 62, 70, 40])
    for words in (["plan"], [], ["verify"]):
        code, out, err = call(setting, *words)
        assert code == 0 and (line in (out + err).decode()) == (words != ["verify"])
    setting.configure(min_run=55, max_run=65, skip_runs=[58])
    assert "\nleft out by skip_runs: 58: not there anyway\n" in call(setting, "plan")[1].decode()
    setting.configure(min_run=55, max_run=65)
    assert "left out by" not in call(setting, "plan")[1].decode()


# ---- what docs/formats.md says ----

def test_pandas_keeps_unsigned_columns_with_nulls_only_when_asked_to(setting):
    path = setting.make(1, "1.0", "--events", 6, "--frib-only", 3)
    with h5py.File(path, "a") as file:
        file["events/event_1/get_traces"].attrs["timestamp_other"] = np.uint64(2**53 + 1)
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.harmonize()
    table = setting.harmonic / "events.parquet"
    plain = pandas.read_parquet(table)["get_timestamp_other"]
    assert plain.dtype == "float64" and int(plain[1]) == 2**53
    for backend in ("pyarrow", "numpy_nullable"):
        kept = pandas.read_parquet(table, dtype_backend=backend)["get_timestamp_other"]
        assert int(kept[1]) == 2**53 + 1 and kept.isna().sum() == 1
