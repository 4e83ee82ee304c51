# SPDX-License-Identifier: MIT
"""The command line: configurations, messages, exit codes, progress."""
import os
import pty
import re
import select
import subprocess
import time

import pytest

from conftest import PROGRAM

GOOD = dict(merger_path="merged", harmonic_path="harmonic", harmonic_size_gb="10", min_run="55", max_run="69")


def text_of(**keys):
    values = {**GOOD, **keys}
    return "".join(f"{key}: {value}\n" for key, value in values.items() if value is not None)


# text of the configuration, and what the message must hold; the line where there is one
BAD = {
    "missing key": (text_of(min_run=None), "c.yml: min_run: missing"),
    "missing size": (text_of(harmonic_size_gb=None), "c.yml: harmonic_size_gb: missing"),
    "unknown key": (text_of(color="red"), 'c.yml:6: unknown key "color"'),
    "doubled key": (text_of() + "min_run: 3\n", "c.yml:6: min_run: given twice, first on line 4"),
    "size of zero": (text_of(harmonic_size_gb="0"), 'c.yml:3: harmonic_size_gb: "0"'),
    "size too small": (text_of(harmonic_size_gb="1e-10"), "c.yml:3: harmonic_size_gb"),
    "negative size": (text_of(harmonic_size_gb="-1"), "c.yml:3: harmonic_size_gb"),
    "size with unit": (text_of(harmonic_size_gb="10GB"), 'c.yml:3: harmonic_size_gb: "10GB" is not a number; expected a size in GB'),
    "nan": (text_of(harmonic_size_gb="nan"), "c.yml:3: harmonic_size_gb"),
    ".nan": (text_of(harmonic_size_gb=".nan"), "c.yml:3: harmonic_size_gb"),
    ".inf": (text_of(harmonic_size_gb=".inf"), "c.yml:3: harmonic_size_gb"),
    "hexadecimal": (text_of(min_run="0x37"), "c.yml:4: min_run"),
    "octal": (text_of(min_run="0o55"), "c.yml:4: min_run"),
    "fraction of a run": (text_of(min_run="55.5"), 'c.yml:4: min_run: "55.5" is not a whole number'),
    "range as one": (text_of(min_run="55-69"), 'c.yml:4: min_run: "55-69"'),
    "negative run": (text_of(min_run="-1"), "c.yml:4: min_run"),
    "overflowing run": (text_of(max_run="2147483648"), "c.yml:5: max_run"),
    "overflowing far": (text_of(max_run="99999999999999999999999"), "c.yml:5: max_run"),
    "quoted number": (text_of(min_run='"55"'), "c.yml:4: min_run"),
    "upside down": (text_of(min_run="70"), "c.yml:5: max_run: 69 is below min_run, 70"),
    "both size and count": (text_of(harmonic_count="4"), "c.yml:6: harmonic_count: given beside harmonic_size_gb (line 3)"),
    "count of zero": (text_of(harmonic_size_gb=None, harmonic_count="0"), "c.yml:5: harmonic_count"),
    "list for a number": (text_of(min_run="[1, 2]"), "c.yml:4: min_run: a list"),
    "mapping for a path": (text_of(merger_path="{a: b}"), "c.yml:1: merger_path: a mapping"),
    "no value": (text_of(merger_path=""), "c.yml:1: merger_path: no value"),
    "null": (text_of(merger_path="null"), "c.yml:1: merger_path"),
    "number for skip_runs": (text_of(skip_runs="57"), "c.yml:6: skip_runs"),
    "bad skip_runs": (text_of(skip_runs="[57, x]"), "c.yml:6: skip_runs"),
    "unknown mode": (text_of(mode="move"), 'c.yml:6: mode: "move" is no mode; expected copy or link'),
    "empty": ("", "c.yml: empty"),
    "comments only": ("# nothing\n", "c.yml: empty"),
    "second document": (text_of() + "---\n" + text_of(), "second document"),
    "not YAML": ("merger_path: [a\n", "c.yml:"),
    "a list": ("- a\n- b\n", "c.yml:1: a list; expected keys with values"),
    "a word": ("hello\n", "c.yml:1: \"hello\"; expected keys with values"),
    "same folder": (text_of(harmonic_path="merged"), "c.yml:2: harmonic_path: merged (from here: "),
    "same folder through a link": (text_of(harmonic_path="link"), "is the same directory as merger_path"),
    "no merger_path": (text_of(merger_path="nowhere"), "c.yml:1: merger_path: nowhere (from here: "),
    "no harmonic_path": (text_of(harmonic_path="nowhere"), "c.yml:2: harmonic_path: nowhere (from here: "),
    "a file for a folder": (text_of(harmonic_path="c.yml"), "/c.yml): is no directory"),
    "no run at all": (text_of(merger_path="link2"), "no run_NNNN.h5 at all"),
    "no run in the range": (text_of(min_run="80", max_run="90"), "no merged run from 80 to 90; the folder has run_0055 to run_0060, 2 runs"),
}


@pytest.fixture
def folder(setting):
    setting.make(55, "1.0")
    setting.make(60, "2.0")
    (setting.root / "link").symlink_to("merged")
    (setting.root / "empty").mkdir()
    (setting.root / "link2").symlink_to("empty")
    setting.config = setting.root / "c.yml"
    return setting


def run(folder, *words):
    done = subprocess.run([PROGRAM, "-c", "c.yml", *words], capture_output=True, text=True, cwd=folder.root, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("case", BAD)
def test_bad_configurations(folder, case):
    text, message = BAD[case]
    folder.config.write_text(text)
    for words in ([], ["plan"]):
        code, out, err = run(folder, *words)
        assert code == 2 and message in err, err
        assert out == "" and err.startswith("harmonizer: ") and folder.files() == []


def test_unwritable_harmonic_path(folder):
    folder.config.write_text(text_of())
    folder.harmonic.chmod(0o555)
    # Root without the right to write where it may not: another user might not get as far as to this folder.
    step_down = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    command = [*step_down, PROGRAM, "-c", folder.config]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder.root, check=False)
    assert done.returncode == 2 and "/harmonic): cannot be written to" in done.stderr, done


README = """merger_path: "MERGED/"
harmonic_path: HARMONIC   # a comment, and no quotes
harmonic_size_gb: 10
min_run: 55
max_run: 0069
"""


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t,
                                    lambda t: t.replace("10\n", "1e1\n"), lambda t: t.replace("10\n", ".5\n"),
                                    lambda t: "---\n" + t, lambda t: t + "skip_runs: []\n"])
def test_good_configurations(folder, change):
    text = README.replace("MERGED", str(folder.merged)).replace("HARMONIC", str(folder.harmonic))
    folder.config.write_text(change(text), newline="")
    code, _, err = run(folder, "-q")
    assert (code, err) == (0, "")
    folder.low, folder.high = 55, 69
    folder.assert_whole()


def test_leading_zeros_are_decimal(folder):
    folder.config.write_text(text_of(min_run="055", max_run="0055"))
    assert run(folder, "-q")[0] == 0
    assert [entry["run"] for entry in folder.manifest()["inputs"]] == [55]


def test_skipped_runs(folder):
    folder.config.write_text(text_of(skip_runs="[60, 57]"))
    code, _, err = run(folder)
    assert code == 0 and [entry["run"] for entry in folder.manifest()["inputs"]] == [55]
    assert "56, 58, 59, 61 to 69" in err


def test_two_files_of_one_run(folder):
    folder.make(55, "1.0").rename(folder.merged / "run_00055.h5")
    folder.make(55, "1.0")
    folder.config.write_text(text_of())
    code, _, err = run(folder)
    assert code == 2 and "run_00055.h5" in err and "run_0055.h5" in err


def test_the_whole_range_of_numbers_is_quick(folder):
    folder.config.write_text(text_of(min_run="0", max_run="2147483647"))
    began = time.monotonic()
    assert run(folder)[0] == 0
    assert time.monotonic() - began < 5


def test_new_writes_a_template_once(folder):
    folder.config.unlink(missing_ok=True)
    assert run(folder, "new")[0] == 0
    text = folder.config.read_text()
    assert "harmonic_size_gb: 10" in text
    code, _, err = run(folder, "new")
    assert code == 1 and "exists" in err and folder.config.read_text() == text
    code, _, err = run(folder)
    assert code == 2 and "merger_path: /path/to/some/merger/data/" in err
    folder.config.write_text(text.replace("/path/to/some/merger/data/", "merged")
                             .replace("/path/to/some/harmonic/data/", "harmonic"))
    assert run(folder)[0] == 0


USAGE = [["--jobs", "0"], ["-j", "x"], ["-j", "-1"], ["--unknown"], ["-x"], ["nonsense"], ["find"], ["find", "1"],
         ["find", "1", "2", "3"], ["plan", "extra"], ["-c", "c.yml"], ["find", "-1", "2"], ["--jobs"],
         ["plan", "--shards", "4"], ["plan", "--checksums"], ["prepare", "--json"], ["write", "--json"], ["info", "--force"], ["info", "3"], ["verify", "--force"],
         ["verify", "--skip-bad"], ["find", "1", "2", "--skip-bad"], ["new", "--force"], ["write", "--force"],
         ["--shard", "1/2"], ["finish", "--print"]]


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_usage_errors(folder, words):
    folder.config.write_text(text_of())
    code, out, err = run(folder, *words)
    assert code == 2 and err.startswith("harmonizer: ") and out == "", (code, err)
    assert folder.files() == []


def test_missing_config(folder):
    done = subprocess.run([PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--config FILE is missing" in done.stderr
    done = subprocess.run([PROGRAM, "-c", "nowhere.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nowhere.yml: no such file" in done.stderr


def test_help_and_version():
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
    assert max(map(len, done.stdout.splitlines())) <= 80
    for word in ("plan", "find RUN EVENT", "--skip-bad", "--force", "-j, --jobs"):
        assert word in done.stdout
    done = subprocess.run([PROGRAM, "-V"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"harmonizer \d+\.\d+\.\d+\n", done.stdout)


def call(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


COMMANDS = {"new": [], "plan": ["--json", "--force", "--discard-events", "--skip-bad"], "verify": ["--json", "--checksums"],
            "prepare": ["--force", "--discard-events", "--skip-bad"], "write": ["--shard I/N", "--skip-bad"], "finish": ["--json", "--skip-bad"], "info": ["--json"],
            "slurm": ["--shards N", "--print", "--force", "--discard-events", "--skip-bad"], "find": ["--harmonic", "--json"]}
SPECIAL = {option.split()[0] for options in COMMANDS.values() for option in options}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(command):
    """Its own options and no others, however it is asked for, without a configuration."""
    texts = set()
    for words in ([command, "--help"], ["help", command], ["--help", command], [command, "-h", "-q"]):
        done = call(*words)
        assert done.returncode == 0 and done.stderr == "", done
        texts.add(done.stdout)
    assert len(texts) == 1
    text = texts.pop()
    assert max(map(len, text.splitlines())) <= 80 and f"Usage: harmonizer -c FILE {command}" in text
    options = text.split("Options:")[1]
    assert {word for word in re.findall(r"--[a-z-]+", options) if word in SPECIAL} == {
        option.split()[0] for option in COMMANDS[command]}
    for option in COMMANDS[command]:
        assert option in options


def test_help_of_everything_names_each_command_and_option():
    texts = {call(*words).stdout for words in (["help"], ["--help"], ["help", "help"], ["help", "--help"])}
    assert len(texts) == 1
    text = texts.pop()
    assert max(map(len, text.splitlines())) <= 80
    for command, options in COMMANDS.items():
        assert re.search(rf"^  harmonizer -c FILE {command}\b", text, re.M)
        for option in options:
            assert option in text
    for words in (["help", "nonsense"], ["nonsense", "--help"], ["nonsense"]):
        done = call(*words)
        assert done.returncode == 2 and 'harmonizer: unknown command "nonsense"' in done.stderr and done.stdout == ""
    assert call("help", "plan", "extra").returncode == 2


SLIPS = {
    "--quiet=1": '--quiet takes no value, found "1"',
    "--json=": '--json takes no value, found ""',
    "-q=1": '--quiet takes no value, found "1"',
    "--check": "unknown option --check; did you mean --checksums?",
    "--s": "unknown option --s; harmonizer --help lists them",
    "--conf=c.yml": "unknown option --conf; did you mean --config?",
    "-checksums": "unknown option -checksums; did you mean --checksums?",
    "-json": "unknown option -json; did you mean --json?",
    "-qx": "unknown option -x",
    "--unknown=7": "unknown option --unknown; harmonizer --help lists them",
    "--config": "--config needs a value: --config FILE",
    "--config=": "--config: an empty name",
    "-j": "--jobs needs a value: --jobs N",
    "--jobs=": '--jobs: "", expected a whole number from 1 to 256',
    "--shards=0": '--shards: "0", expected a whole number',
    "--shard=2/1": '--shard: "2/1", expected I/N',
    "": "an empty word, expected a command",
}


@pytest.mark.parametrize("word", SLIPS)
@pytest.mark.parametrize("command", ["plan", "verify", None])
def test_slips_of_the_command_line(folder, word, command):
    """One line, which says who speaks, which option, and what is wrong."""
    folder.config.write_text(text_of())
    words = ["-c", "c.yml"] if word not in ("--config", "--config=") else []
    words = [*words, word] if command is None or not word else [*words, command, word]
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, cwd=folder.root, check=False)
    assert done.returncode == 2 and done.stdout == "" and folder.files() == []
    assert done.stderr.startswith("harmonizer: " + SLIPS[word]) and done.stderr.count("\n") == 1, done.stderr


def test_an_option_of_another_command_is_named_with_its_owners(folder):
    folder.config.write_text(text_of())
    for words, message in ((["plan", "--shard", "1/2"], "--shard belongs to write"),
                           (["prepare", "--json"], "prepare takes no --json"),
                           (["verify", "--force"], "--force belongs to the whole job, plan, prepare and slurm"),
                           (["--print"], "--print belongs to slurm"), (["new", "-j", "2"], "new takes no --jobs")):
        code, out, err = run(folder, *words)
        assert (code, out, err) == (2, "", f"harmonizer: {message}\n")


def test_a_word_too_many_is_named(folder):
    folder.config.write_text(text_of())
    for words, message in ((["plan", "verify"], '"verify" is one word too many; usage: harmonizer -c FILE plan'),
                           (["find", "1", "2", "3"], '"3" is one word too many; usage: harmonizer -c FILE find RUN EVENT | -'),
                           (["find", "1"], "find needs more; usage: harmonizer -c FILE find RUN EVENT, or -"),
                           (["find"], "find needs more; usage: harmonizer -c FILE find RUN EVENT | -"),
                           (["find", "--harmonic", "1"], "find needs more; usage: harmonizer -c FILE find --harmonic N M, or -")):
        assert run(folder, *words) == (2, "", f"harmonizer: {message}\n")


def test_in_one_file_an_error_stands_after_the_result_that_it_is_about(folder):
    (folder.harmonic / "run_0000.h5").write_bytes(b"of somebody else")
    folder.config.write_text(text_of())
    done = subprocess.run([PROGRAM, "-c", "c.yml", "plan"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=folder.root, check=False)
    assert done.returncode == 2 and done.stdout.splitlines()[-1].startswith("harmonizer: "), done.stdout
    assert "for Spyral" in done.stdout.splitlines()[-2]


def test_values_stand_behind_an_option_or_after_it(folder):
    folder.config.write_text(text_of())
    for words in (["-j2", "plan"], ["--jobs=2", "plan"], ["-qj", "2", "plan"], ["-qj2", "--", "plan"]):
        code, out, err = run(folder, *words)
        assert code == 0 and "run_0000.h5" in out, err


def test_the_command_may_stand_anywhere(folder):
    folder.config.write_text(text_of())
    for words in (["plan", "-c", "c.yml"], ["-c", "c.yml", "plan"], ["-q", "plan", "--config", "c.yml"]):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, cwd=folder.root, check=False)
        assert done.returncode == 0 and "run_0000.h5" in done.stdout


def test_output_that_nobody_takes(folder):
    folder.config.write_text(text_of())
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "-c", "c.yml", "plan"], stdout=full, stderr=subprocess.PIPE, text=True,
                              cwd=folder.root, check=False)
    assert done.returncode != 0 and "standard output" in done.stderr


def test_output_of_which_a_part_is_lost(folder):
    """The first of its writes fails, the others succeed."""
    folder.make(60, "1.0", "--events", 40)
    folder.config.write_text(text_of(harmonic_size_gb="0.0000001"))  # one event a harmonic run: much to tell
    out = folder.root / "plan.json"
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", out, "-e", "trace=write",
               "-e", "inject=write:error=EIO:when=1", PROGRAM, "-c", "c.yml", "plan", "--json"]
    with out.open("w") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True, cwd=folder.root, check=False,
                              env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))  # it cannot be traced
    assert out.stat().st_size > 0, "too little output for this test: one write"
    assert done.returncode == 1 and "standard output: a part of it" in done.stderr, done


@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors(folder, closed):
    """Files of ours must not get the numbers of those three."""
    folder.config.write_text(text_of())
    done = subprocess.run(["sh", "-c", f'exec "$0" -c c.yml {closed}', PROGRAM], cwd=folder.root, check=False)
    assert done.returncode == 0 and "manifest.json" in folder.files()
    folder.assert_whole()
    assert run(folder, "verify", "--checksums")[0] == 0


def test_a_closed_output_of_a_plan(folder):
    folder.config.write_text(text_of())
    done = subprocess.run(["sh", "-c", 'exec "$0" -c c.yml plan >&-', PROGRAM], cwd=folder.root, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1 and "standard output" in done.stderr


def test_quiet_is_quiet(folder):
    folder.config.write_text(text_of())
    assert run(folder, "-q") == (0, "", "")


def test_summary(folder):
    folder.config.write_text(text_of())
    code, out, err = run(folder)
    assert code == 0 and out == ""
    for words in ("merged runs      2 read", "not found        13 of the range: 56 to 59, 61 to 69", "events           20",
                  "scalers          8 readouts", "run_min: 0, run_max: 0", "and a new workspace", "complete"):
        assert words in err


def read_terminal(folder, columns):
    """What a terminal of this width is shown."""
    main, other = pty.openpty()
    subprocess.run(["stty", "cols", str(columns), "rows", "24"], stdin=other, check=True)
    process = subprocess.Popen([PROGRAM, "-c", "c.yml", "-j", "2"], stderr=other, cwd=folder.root,
                               env={**os.environ, "TERM": "xterm"})
    os.close(other)
    shown = b""
    while True:
        ready, _, _ = select.select([main], [], [], 30)
        assert ready, "no output for 30 s"
        try:
            block = os.read(main, 65536)
        except OSError:
            break
        if not block:
            break
        shown += block
    os.close(main)
    assert process.wait() == 0
    return shown.decode()


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_bar_on_a_terminal(folder, columns):
    folder.make(61, "1.0", "--events", 3000, "--traces", "200:300")
    folder.config.write_text(text_of(harmonic_size_gb="0.2"))
    began = time.monotonic()
    shown = read_terminal(folder, columns)
    seconds = time.monotonic() - began
    drawn = re.findall(r"\r((?:scan|write)[^\r\n\x1b]*)", shown)
    assert drawn and len(drawn) <= 5 * seconds + 2
    assert all(len(line) < columns for line in drawn)
    if columns >= 80:
        assert any("[" in line and "%" in line for line in drawn)
    tail = shown[shown.rindex("\x1b[K"):]
    assert "complete" in tail and "[" not in tail.split("merged runs")[0].replace("\x1b[", "")
