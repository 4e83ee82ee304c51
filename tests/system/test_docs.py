# SPDX-License-Identifier: MIT
"""What the documents name is there."""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def names_a_file(word):
    return re.fullmatch(r"[\w/*…]*\.(c|h|py|sh|build)", word)


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/reliability.md"])
def test_every_file_that_a_document_names_is_there(document):
    words = re.findall(r"`([^`\n]+)`", (ROOT / document).read_text(encoding="utf-8"))
    names = {word.split("/")[-1] for word in words if names_a_file(word)}
    assert names
    missing = [name for name in names if not any(ROOT.glob(pattern) for pattern in
                                                 [f"{folder}/{name.replace('…', '*')}" for folder in
                                                  ("lib/*", "cli", "tools", "tests/*", ".")])]
    assert missing == []


def test_every_folder_of_the_library_has_its_line():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(lib/\w+)` \|", text, re.MULTILINE)
    there = {f"lib/{path.parent.name}" for path in ROOT.glob("lib/*/meson.build")}
    assert set(listed) == there


def test_a_folder_uses_only_those_above_it():
    """In the order of the table; meson gives each folder the include paths of what it depends on, and no others."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    order = re.findall(r"^\| `lib/(\w+)` \|", text, re.MULTILINE)
    built = re.findall(r"^subdir\('lib/(\w+)'\)", (ROOT / "meson.build").read_text(encoding="utf-8"), re.MULTILINE)
    headers = {path.name: path.parent.name for path in ROOT.glob("lib/*/*.h")}
    assert set(built) == set(order)
    for path in ROOT.glob("lib/*/*.[ch]"):
        for header in re.findall(r'^#include "([\w.]+)"', path.read_text(encoding="utf-8"), re.MULTILINE):
            if header in headers:
                assert order.index(headers[header]) <= order.index(path.parent.name), (path, header)
