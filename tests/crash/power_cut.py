# SPDX-License-Identifier: MIT
"""What a disk may hold after a power cut at a chosen place in a recorded job (crash_shim.c), as badly as POSIX allows.

A file: its bytes at its last fsync are safe. Each write since is kept, lost, or torn at a boundary of 4096 bytes; where
it is lost, zeros or old rubbish stand there, or the file is shorter. Each change of length since is kept or lost.

A folder: its entries at its last fsync are safe. Of the changes since then, by open, rename, unlink, mkdir, rmdir, either
the first so many are kept (a file system with a journal), or any of them, in no order. A rename gives a name the new
file or leaves the old one, never none; but over two folders each of them may have, or miss, its half of it.

An image is a dictionary: path below the root -> bytes. Folders that hold nothing are left out."""
import dataclasses
import os
import re

PAGE = 4096
RUBBISH = bytes(range(1, 256)) * 17


@dataclasses.dataclass
class Record:
    call: str
    inode: int
    offset: int
    length: int
    path: str
    second: str
    data: bytes = b""


def read_trace(path, every=False):
    """Of calls that change something, in their order, and fsync; or of every call that the shim counts."""
    text, at, records = path.read_bytes(), 0, []
    while at < len(text):
        end = text.index(b"\n", at)
        _, call, inode, offset, length, first, second = text[at:end].decode().split(" ")
        at = end + 1
        record = Record(call, int(inode), int(offset), int(length), first, second)
        if call == "pwrite":
            record.data = text[at:at + record.length]
            at += record.length + 1
        if call != "pread" and (every or call not in ("write", "reserve", "failed")):
            records.append(record)
    return records


class File:
    """What is safe, and the changes since: (offset, data) of a write, or a length."""

    def __init__(self, safe=b""):
        self.safe = safe
        self.changes = []

    def sync(self):
        self.safe = self.now()
        self.changes = []

    def now(self):
        return self.after(self.changes)

    def after(self, changes):
        content = bytearray(self.safe)
        for change in changes:
            if isinstance(change, int):
                content = content[:change].ljust(change, b"\0")
            else:
                offset, data = change
                content = content.ljust(offset, b"\0")
                content[offset:offset + len(data)] = data
        return bytes(content)

    def draw(self, dice):
        if not self.changes:
            return self.safe
        kept_share = dice.choice([0, 0.1, 0.5, 0.9, 1])
        lost_as = dice.choice(["shorter", "zeros", "rubbish"])
        changes = []
        for change in self.changes:
            if isinstance(change, int):
                changes += [change] if dice.random() < kept_share else []
                continue
            for offset, data in pages(*change) if dice.random() < 0.3 else [change]:
                if dice.random() < kept_share:
                    changes.append((offset, data))
                elif lost_as != "shorter":
                    changes.append(self.lost(offset, len(data), lost_as))
        return self.after(changes)

    def lost(self, offset, length, lost_as):
        """Room was given, the bytes did not arrive. What is safe stays."""
        begin = max(offset, len(self.safe))
        end = max(offset + length, begin)
        rubbish = (RUBBISH * ((end - begin) // len(RUBBISH) + 1))[:end - begin]
        return begin, rubbish if lost_as == "rubbish" else bytes(end - begin)


def pages(offset, data):
    while data:
        room = PAGE - offset % PAGE
        yield offset, data[:room]
        offset, data = offset + room, data[room:]


class Folder:
    """Entries that are safe; changes since are those of the disk's list that have it as their folder."""

    def __init__(self, entries=()):
        self.safe = dict(entries)
        self.now = dict(self.safe)


class Disk:
    """Follows a trace record by record. `changes`: of folders, not safe yet, in order: lists of (folder, name, what)
    that belong to one call; what is a File, a Folder, or None for an entry that goes."""

    def __init__(self, root, image):
        """All of `image` is safe."""
        self.top = str(root)
        self.root = Folder()
        self.by_inode = {}
        self.changes = []
        for path, content in image.items():
            *folders, name = path.split("/")
            folder = self.root
            for each in folders:
                folder = folder.now.setdefault(each, Folder())
            folder.now[name] = File(content)
        self.all_safe(self.root)

    def all_safe(self, folder):
        folder.safe = dict(folder.now)
        for entry in folder.now.values():
            if isinstance(entry, Folder):
                self.all_safe(entry)

    # ---- names

    def find(self, path):
        """The folder and the name in it; (None, …) outside the root."""
        path = os.path.normpath(path)
        if path != self.top and not path.startswith(self.top + "/"):
            return None, path
        folder = self.root
        names = os.path.relpath(path, self.top).split("/")
        for name in names[:-1]:
            folder = folder.now[name]
        return folder, names[-1]

    def entry(self, folder, name):
        return self.root if name == "." else folder.now[name]

    def change(self, *entries):
        for folder, name, what in entries:
            if what is None:
                folder.now.pop(name)
            else:
                folder.now[name] = what
        self.changes.append(list(entries))

    # ---- calls

    def follow(self, record):
        if record.call in ("pwrite", "ftruncate", "fallocate"):
            file = self.by_inode.get(record.inode)
            if file:
                self.change_file(file, record)
        elif record.call == "fsync":
            self.by_inode[record.inode].sync()
        else:
            folder, name = self.find(record.path)
            if folder is not None:
                getattr(self, "do_" + record.call)(folder, name, record)

    @staticmethod
    def change_file(file, record):
        assert record.call != "fallocate", "it would change the length"
        file.changes.append(record.length if record.call == "ftruncate" else (record.offset, record.data))

    def do_fsync_folder(self, folder, name, record):
        folder = self.entry(folder, name)
        assert isinstance(folder, Folder), record
        folder.safe = dict(folder.now)
        self.changes = [[entry for entry in entries if entry[0] is not folder] for entries in self.changes]
        self.changes = [entries for entries in self.changes if entries]

    def do_open(self, folder, name, record):
        if name not in folder.now:
            self.change((folder, name, File()))
        self.by_inode[record.inode] = folder.now[name]

    def do_create(self, folder, name, record):
        self.do_open(folder, name, record)
        if folder.now[name].now():
            folder.now[name].changes.append(0)

    def do_rename(self, folder, name, record):
        to, to_name = self.find(record.second)
        self.change((folder, name, None), (to, to_name, folder.now[name]))

    def do_unlink(self, folder, name, record):
        self.change((folder, name, None))

    def do_mkdir(self, folder, name, record):
        self.change((folder, name, Folder()))

    do_rmdir = do_unlink

    # ---- the power cut

    def draw(self, dice):
        """An image of what may be on the disk."""
        kept = self.draw_changes(dice)
        entries = {}
        for folder, name, what in kept:
            entries.setdefault(id(folder), dict(folder.safe))[name] = what
        image = {}
        self.collect(self.root, "", entries, dice, image, {})
        return image

    def draw_changes(self, dice):
        how = dice.choice(["in order", "any", "any half"])
        share = dice.choice([0, 0.1, 0.5, 0.9, 1])
        if how == "in order":
            kept = self.changes[:dice.randint(0, len(self.changes))]
        elif how == "any":
            kept = [entries for entries in self.changes if dice.random() < share]
        else:
            kept = [half for entries in self.changes for half in halves(entries) if dice.random() < share]
        return [entry for entries in kept for entry in entries]

    def collect(self, folder, path, entries, dice, image, contents):
        """Two names of one file have one content."""
        for name, what in entries.get(id(folder), folder.safe).items():
            if isinstance(what, Folder):
                self.collect(what, f"{path}{name}/", entries, dice, image, contents)
            elif what is not None:
                if id(what) not in contents:
                    contents[id(what)] = what.draw(dice)
                image[path + name] = contents[id(what)]


def halves(entries):
    """One folder's part of a change is one whole: a rename within a folder."""
    folders = {id(entry[0]): [] for entry in entries}
    for entry in entries:
        folders[id(entry[0])].append(entry)
    return list(folders.values())


def without(records, call, name):
    """The trace as it were if this call had no effect on files, or folders, of such names (a regular expression)."""
    return [record for record in records
            if record.call != call or not re.match(name, os.path.basename(record.path))]
