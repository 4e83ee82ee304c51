# SPDX-License-Identifier: MIT
"""What a physicist would write in an afternoon: merged runs (1.0 or 2.0 layout) into N files of equal numbers of bytes.
Here to be timed, not to be used: no checks, no flush, no tables."""
import sys
from pathlib import Path

import h5py


def bytes_of(part):
    return part.nbytes if isinstance(part, h5py.Dataset) else sum(map(bytes_of, part.values()))


merged, harmonic, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
events = []
for path in sorted(merged.glob("run_*.h5")):
    with h5py.File(path) as file:
        for name in sorted(file["events"], key=lambda text: int(text[6:])):
            events.append((path, name, bytes_of(file["events"][name])))
target = sum(size for _, _, size in events) / count
opened = out = None
number = filled = written = 0
for path, name, size in events:
    if opened is None or opened.filename != str(path):
        opened = h5py.File(path)
    if out is None or filled >= target:
        out = h5py.File(harmonic / f"run_{number:04d}.h5", "w").create_group("events")
        out.attrs["version"] = "harmonizer:0.1.0"
        number, filled, written = number + 1, 0, 0
    group = out.create_group(f"event_{written}")
    group.attrs["orig_run"], group.attrs["orig_event"] = int(path.stem[4:]), int(name[6:])
    for part in opened["events"][name]:
        opened.copy(f"events/{name}/{part}", group)
    filled, written = filled + size, written + 1
    out.attrs["min_event"], out.attrs["max_event"] = 0, written
