# SPDX-License-Identifier: MIT
"""What lies in harmonic_path in the place of our own files and is not ours: symbolic links, folders, FIFOs, files of
others. Whatever the command: it is named, what helps is said, and not a byte of it changes."""
import os
import re
import shutil
import stat
from pathlib import Path

import pytest

STATE = ".harmonizer"
WRITING = [(), ("--force",), ("--force", "--skip-bad"), ("prepare",), ("prepare", "--force"), ("write", "--shard", "1/1"),
           ("finish",), ("plan",), ("plan", "--force")]
READING = [("verify",), ("verify", "--checksums"), ("find", "1", "3")]
WORD = "0123456789abcdef"


def tree(root):
    """All that is there, links as themselves; but no times of folders, which a file that comes and goes changes."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            status = path.lstat()
            kind = stat.S_IFMT(status.st_mode)
            content = (os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None)
            times = None if path.is_dir() else (status.st_mtime_ns, status.st_ctime_ns)
            found[str(path)] = (kind, status.st_ino, times, content)
    return found


@pytest.fixture(name="place")
def fixture_place(setting):
    """Harmonic_path, and beside it a folder with precious files, and a state folder of another set."""
    setting.make(1, "1.0", "--events", 12)
    setting.configure(harmonic_count=2)
    precious = setting.root / "precious"
    (precious / "deeper").mkdir(parents=True)
    for name in ("thesis.tex", "plan", "lock", "run_0000.h5", "events.parquet", "index_0001", "deeper/written_0000"):
        (precious / name).write_text(f"precious {name}")
    setting.precious = precious
    return setting


def begin(place):
    assert place.run("prepare").code == 0
    assert place.run("write", "--shard", "1/1").code == 0


STARTS = {"empty": lambda place: None, "begun": begin, "complete": lambda place: place.harmonize()}


def refuse(place, words, code, *texts):
    """The command ends with this code and these words, and everything is as it was."""
    before = tree(place.root)
    done = place.run(*words, timeout=60)
    assert done.code == code, f"{words}: {done}"
    for text in texts:
        assert re.search(text, done.err), f"{words}: {text}: {done}"
    after = tree(place.root)
    assert after == before, f"{words}: {sorted(after.items() ^ before.items())}"
    return done


# ---- the state folder

def link_to(target):
    return lambda place, path: path.symlink_to(place.root / target)


def a_file(place, path):
    path.write_text("precious")


def a_fifo(place, path):
    os.mkfifo(path)


def a_folder(place, path):
    path.mkdir()
    (path / "precious").write_text("precious")


def a_state_elsewhere(place, path):
    other = place.root / "elsewhere"
    other.mkdir()
    for name in ("plan", "index_0001", "written_0000", "lock"):
        (other / name).write_text(f"of another set: {name}")
    path.symlink_to(other)


FOLDERS = {
    "a link to precious files": (link_to("precious"), "a symbolic link"),
    "a link to nothing": (link_to("nothing"), "a symbolic link"),
    "a link to a file": (link_to("precious/thesis.tex"), "a symbolic link"),
    "a link to the state of another set": (a_state_elsewhere, "a symbolic link"),
    "a file": (a_file, "a file"),
    "a FIFO": (a_fifo, "a FIFO"),
}


@pytest.mark.parametrize("start", ["empty", "complete"])
@pytest.mark.parametrize("kind", FOLDERS)
def test_the_state_folder_is_a_real_one(place, start, kind):
    STARTS[start](place)
    make, text = FOLDERS[kind]
    make(place, place.harmonic / STATE)
    for words in WRITING:
        refuse(place, words, 2, rf"\.harmonizer: is {text}, a folder of this program was expected", "move it away")
    for words in READING:  # they do not need it
        refuse(place, words, 0 if start == "complete" else 1)


IN_STATE = {
    "a file": ("thesis.tex", a_file, r"thesis\.tex \(a file\)"),
    "a hidden file": (".notes", a_file, r"\.notes \(a file\)"),
    "a folder": ("deeper", a_folder, r"deeper \(a folder\)"),
    "a link": ("link", link_to("precious/thesis.tex"), r"link \(a symbolic link\)"),
    "the lock as a link": ("lock", link_to("precious/lock"), r"lock \(a symbolic link\)"),
    "the lock as a link to nothing": ("lock", link_to("nothing"), r"lock \(a symbolic link\)"),
    "the lock as a FIFO": ("lock", a_fifo, r"lock \(a FIFO\)"),
    "the plan as a link": ("plan", link_to("precious/plan"), r"plan \(a symbolic link\)"),
    "the plan as a folder": ("plan", a_folder, r"plan \(a folder\)"),
    "an index as a link": ("index_0001", link_to("precious/index_0001"), r"index_0001 \(a symbolic link\)"),
    "a part file as a link": (f"run_0000.{WORD}.h5.part", link_to("precious/run_0000.h5"), r"part \(a symbolic link\)"),
    "a part file as a folder": ("events.parquet.part", a_folder, r"events\.parquet\.part \(a folder\)"),
    "a part file of others": ("thesis.tex.part", a_file, r"thesis\.tex\.part \(a file\)"),
    "a part file with another word": ("run_0000.abcdefgh.h5.part", a_file, r"abcdefgh\.h5\.part \(a file\)"),
    "a copy of ours": ("plan.bak", a_file, r"plan\.bak \(a file\)"),
    "a number of others": ("index_01", a_file, r"index_01 \(a file\)"),
    "another number of others": ("written_00001", a_file, r"written_00001 \(a file\)"),
    "a harmonic run": ("run_0000.h5", a_file, r"run_0000\.h5 \(a file\)"),
    "a manifest": ("manifest.json", a_file, r"manifest\.json \(a file\)"),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("kind", IN_STATE)
def test_the_state_folder_holds_only_ours(place, start, kind):
    """Nothing is written into it, not even the lock; when what is foreign is gone, the job goes on."""
    STARTS[start](place)
    name, make, text = IN_STATE[kind]
    (place.harmonic / STATE).mkdir(exist_ok=True)
    path = place.harmonic / STATE / name
    aside = place.root / "aside"
    if path.exists():
        path.rename(aside)
    make(place, path)
    for words in WRITING:
        refuse(place, words, 2, r"\.harmonizer holds what this program did not write there", text, "move it away")
    for words in READING:
        refuse(place, words, 0 if start == "complete" else 1)
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if aside.exists():
        aside.rename(path)
    place.harmonize()
    place.assert_whole()
    assert STATE not in place.files()


def test_many_foreign_files_are_not_all_named(place):
    state = place.harmonic / STATE
    state.mkdir()
    for number in range(40):
        (state / f"photo{number}.jpg").write_text("precious")
    done = refuse(place, (), 2, "and more; it is not touched")
    assert len(re.findall(r"photo", done.err)) == 5, done


def test_what_nfs_keeps_of_removed_files_is_as_good_as_not_there(place):
    """It goes when whoever has it open closes it; the folder stays until then."""
    state = place.harmonic / STATE
    state.mkdir()
    kept = state / ".nfs000000000001"
    kept.write_text("of a lock that somebody has open")
    place.harmonize()
    assert kept.read_text() and os.listdir(state) == [kept.name]
    kept.unlink()
    assert "already complete" in place.harmonize(quiet=False).err and STATE not in place.files()
    place.assert_whole()


def test_harmonic_path_itself_may_be_a_link(place):
    """It is the user's."""
    real = place.root / "real"
    place.harmonic.rename(real)
    place.harmonic.symlink_to(real)
    place.harmonize()
    place.assert_whole()
    assert place.harmonic.is_symlink() and STATE not in place.files()


# ---- files of the set

def moved(place, path):
    """To another disk, say; a link is left."""
    place.root.joinpath("disk2").mkdir(exist_ok=True)
    to = place.root / "disk2" / path.name
    shutil.move(path, to) if path.exists() else to.write_text("precious")
    path.symlink_to(to)


KINDS = {"a link to a file": (moved, "a symbolic link"), "a link to nothing": (link_to("nothing"), "a symbolic link"),
         "a link to a folder": (link_to("precious"), "a symbolic link"), "a folder": (a_folder, "a folder"),
         "a FIFO": (a_fifo, "a FIFO")}
NAMED = {"run_0000.h5": r"{name} \({text}\)", "events.parquet": r"{name} \({text}\)", "manifest.json": "{name}: is {text}"}
NAMES = list(NAMED)


def put(place, name, kind):
    path = place.harmonic / name
    make, text = KINDS[kind]
    if make is not moved:
        path.unlink(missing_ok=True)
    make(place, path)
    return text


@pytest.mark.parametrize("start", ["empty", "begun"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_names_of_a_set_that_is_not_complete(place, start, name, kind):
    STARTS[start](place)
    text = put(place, name, kind)
    for words in WRITING:
        refuse(place, words, 2, NAMED[name].format(name=name, text=text), "move (it|them) away")
    for words in READING:
        refuse(place, words, 1, rf"{name}: is {text}" if name == "manifest.json" else name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_names_of_a_complete_set(place, name, kind):
    """What leads to the same file is read; nothing but a file is ever replaced."""
    place.harmonize()
    text = put(place, name, kind)
    same = kind == "a link to a file" and name != "manifest.json"
    for words in WRITING:
        if same and "--force" not in words:
            refuse(place, words, 0)
        else:
            refuse(place, words, 2, NAMED[name].format(name=name, text=text), "move (it|them) away")
    for words in READING:
        good = same or (words[0] == "find" and name.startswith("run_"))
        refuse(place, words, 0 if good else 1)


def test_a_manifest_of_another_set(place, another):
    """A link to it must not make its list of files ours."""
    other = another("other").configure(harmonic_count=2)
    other.harmonize()
    for name in NAMES[:2]:
        (place.harmonic / name).write_text("precious")
    (place.harmonic / "manifest.json").symlink_to(other.harmonic / "manifest.json")
    for words in WRITING:
        refuse(place, words, 2, r"manifest\.json: is a symbolic link")


def test_a_link_that_comes_during_the_job(place):
    """The names are looked at once more before a file gets its own."""
    assert place.run("prepare").code == 0
    link = place.harmonic / "events.parquet"
    link.symlink_to(place.precious / "events.parquet")
    precious = tree(place.precious)
    assert place.run("write", "--shard", "1/1").code == 2 and place.run("finish").code == 2
    assert tree(place.precious) == precious and link.is_symlink()
    link.unlink()
    place.harmonize()
    place.assert_whole()


# ---- the scratch folder of plan and verify

@pytest.mark.parametrize("words", [("plan",), ("verify",)])
def test_the_scratch_folder_goes(place, words):
    scratch = place.root / "scratch"
    scratch.mkdir()
    (scratch / "precious").write_text("precious")
    place.harmonize()
    before = tree(scratch)
    assert place.run(*words, env=dict(os.environ, TMPDIR=str(scratch))).code == 0
    assert tree(scratch) == before
