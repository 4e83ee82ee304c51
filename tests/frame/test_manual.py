# SPDX-License-Identifier: MIT
"""The manual page says what --help says, and man shows it."""
import os
import re
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ["HARMONIZER_BUILD"])
WORDS = re.compile(r"(?<![\w-])--?[a-z][a-z-]*|\b(?:new|plan|verify|prepare|write|finish|slurm|find|help)\b", re.IGNORECASE)


@pytest.fixture(name="manual")
def fixture_manual():
    done = subprocess.run(["man", "--warnings", "-l", BUILD / "docs/harmonizer.1"], capture_output=True, text=True,
                          check=True, env={**os.environ, "MANPAGER": "cat", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
    assert done.stderr == ""
    return re.sub(".\b", "", done.stdout)


def test_every_command_and_option_of_the_help_is_in_the_manual(manual):
    text = subprocess.run([BUILD / "cli/harmonizer", "--help"], capture_output=True, text=True, check=True).stdout
    wanted = set(WORDS.findall(text))
    assert {"--force", "-j", "slurm"} <= wanted
    assert wanted <= set(WORDS.findall(manual))


def test_the_manual_has_no_option_that_the_help_lacks(manual):
    text = subprocess.run([BUILD / "cli/harmonizer", "--help"], capture_output=True, text=True, check=True).stdout
    options = {word for word in WORDS.findall(manual.split("EXAMPLES")[0]) if word.startswith("-")}
    assert options <= set(WORDS.findall(text))


COMMANDS = ["new", "plan", "verify", "prepare", "write", "finish", "slurm", "find", "info"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_names_no_option_that_the_manual_lacks(manual, command):
    text = subprocess.run([BUILD / "cli/harmonizer", command, "--help"], capture_output=True, text=True, check=True).stdout
    assert f"harmonizer -c FILE {command}" in text
    assert set(WORDS.findall(text)) <= set(WORDS.findall(manual))


def test_the_exit_codes_are_those_of_the_help(manual):
    section = manual.split("EXIT STATUS")[1].split("FILES")[0]
    assert re.findall(r"^ +(\d|128\+N)$", section, re.MULTILINE) == ["0", "1", "2", "3", "4", "128+N"]
