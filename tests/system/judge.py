# SPDX-License-Identifier: MIT
"""An independent judge of harmonic sets.

Reads merged runs and harmonic runs with h5py, knows the formats from docs/formats.md only, and shares no code
with the harmonizer. `compare_set` returns a list of differences; an empty list means that every event and
every readout of the merged runs is in the set exactly once, unchanged to the bit, and nothing else is.
"""
import json
import os
import re
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as parquet
import xxhash

SCALER_NAMES = ["clock_free", "clock_live", "trig_free", "trig_live", "ic_sca", "mesh_sca", "si1_cfd", "si2",
                "sipm", "ic_ds", "ic_cfd"]
KNOWN = {"977": "<u2", "1903": "<u2", "1904": "<u2", "1905": "<u2", "1906": "<u2"}
ASIDE = "frib_physics_set_aside"  # frib_physics of an event that Spyral would die on
KNOWN_GET = {"pads", "si_upstream_front", "si_upstream_back", "si_downstream_front", "si_downstream_back"}


class Unreadable(Exception):
    """h5py gives up on a merged run: there is nothing to compare with."""


class Event:
    """What one event holds, in the words of a harmonic run."""

    def __init__(self):
        self.groups = {}    # path -> attributes; "" is the event itself
        self.data = {}      # path -> (dtype, shape, bytes) or the value of what is no number
        self.attrs = {}     # path of a dataset -> attributes
        self.pads_linked = False

    def payload(self):
        return sum(nbytes for _, _, _, nbytes in self.data.values())


def text_of(name):
    """h5py gives a name that is no UTF-8 as bytes."""
    return name if isinstance(name, str) else os.fsdecode(name)


def members(group):
    """(name, object) of each, by name."""
    return [(text_of(name), group[name]) for name in group]


def has_numpy_type(attr):
    try:
        return attr.dtype is not None
    except (TypeError, ValueError):  # numbers of a make that numpy does not know
        return False


def odd_value(attr):
    """As it lies in the file."""
    kind = attr.get_type()
    value = np.empty(attr.shape, f"V{kind.get_size()}")
    attr.read(value, mtype=kind)
    return (kind.encode(), attr.shape, value.tobytes())


def attributes(thing):
    out = {}
    for found in thing.attrs:
        name = text_of(found)
        attr = h5py.h5a.open(thing.id, os.fsencode(found))
        if not has_numpy_type(attr):
            out[name] = odd_value(attr)
            continue
        value = thing.attrs[found]
        if isinstance(value, h5py.Empty):
            out[name] = ("nothing", value.dtype.str)
            continue
        kind = attr.dtype
        if kind.kind == "O":
            value = value if isinstance(value, (str, bytes)) else np.asarray(value).tolist()
            out[name] = ("text", value)
        else:
            out[name] = (kind.newbyteorder("<").str if kind.kind in "iuf" and name in KNOWN_ATTRS else kind.str,
                         attr.shape, np.asarray(value).astype(kind.newbyteorder("<")).tobytes())
    return out


KNOWN_ATTRS = {"id", "timestamp", "timestamp_other", "orig_run", "orig_event"}


def has_odd_type(thing):
    """A number that numpy has no type for, 3 bytes wide for instance: h5py reads it as another one."""
    try:
        if thing.dtype.kind not in "iuf":
            return False
    except ValueError:  # a float of a make that numpy does not know at all
        return True
    kind = thing.id.get_type().copy()
    if thing.dtype.kind in "iu" and kind.get_precision() == 8 * kind.get_size():
        kind.set_pad(h5py.h5t.PAD_ZERO, h5py.h5t.PAD_ZERO)  # of bits that there are none of
    return h5py.h5t.py_create(thing.dtype) != kind


def stored_bytes(thing):
    """As they lie in the file, without h5py's conversion."""
    kind = thing.id.get_type()
    out = np.empty(thing.size * kind.get_size(), np.uint8)
    if out.size:
        thing.id.read(h5py.h5s.ALL, h5py.h5s.ALL, out, mtype=kind)
    return out.tobytes()


def dataset(thing, want=None):
    """What is in it; a dataset that cannot be read is equal to nothing."""
    if thing.shape is None:
        return ("nothing", thing.dtype.str, b"", 0)
    if want is None and has_odd_type(thing):
        found = stored_bytes(thing)
        return (f"odd type of {thing.id.get_type().get_size()} bytes", thing.shape, found, len(found))
    kind = thing.dtype
    try:
        value = thing[()]
    except OSError as why:
        return ("unreadable", thing.name, str(why), thing.size * kind.itemsize)
    if kind.kind not in "iuf":
        return (str(kind), thing.shape, np.asarray(value).tolist() if kind.kind == "O" else value.tobytes(),
                thing.size * kind.itemsize)
    if want is not None:
        value = np.asarray(value).astype(np.dtype(want))
        kind = np.dtype(want)
    return (kind.str, thing.shape, np.asarray(value).tobytes(), thing.size * kind.itemsize)


def take(event, path, thing, want=None):
    """A dataset, or a nested group with all that is in it."""
    if isinstance(thing, h5py.Group):
        event.groups[path] = attributes(thing)
        for name, member in members(thing):
            take(event, f"{path}/{name}", member)
    elif isinstance(thing, h5py.Datatype):
        event.groups[path] = thing.id.encode()
    else:
        event.data[path] = dataset(thing, want)
        event.attrs[path] = attributes(thing)


def scalar(dtype, value):
    value = np.array(value, dtype=dtype)
    return (value.dtype.str, (), value.tobytes())


def without(attrs, names):
    return {key: value for key, value in attrs.items() if key not in names}


# ---- merged runs ----

def read_modern_event(group):
    event = Event()
    event.groups[""] = attributes(group)
    for name, thing in members(group):
        if name == "frib_physics":
            event.groups["frib_physics"] = attributes(thing)
            for module, member in members(thing):
                take(event, f"frib_physics/{module}", member, KNOWN.get(module))
        elif name == "get":
            event.groups["get"] = attributes(thing)
            event.pads_linked = True
            ids = {key: attributes(thing)[key] for key in ("id", "timestamp", "timestamp_other")}
            for part, member in members(thing):
                path = "get_traces" if part == "pads" else f"get/{part}"
                take(event, path, member, "<i2" if part in KNOWN_GET else None)
            event.attrs["get_traces"].update(ids)
        else:
            take(event, name, thing, "<i2" if name == "get_traces" else None)
    return event


def read_modern(file, leave_out):
    events = {int(name[6:]): read_modern_event(group) for name, group in members(file["events"])
              if int(name[6:]) not in leave_out}
    scalers = {}
    if "scalers" in file:
        for name, readout in members(file["scalers"]):
            scalers[int(name[6:])] = ([int(v) for v in readout[()]],
                                      {key: int(readout.attrs[key]) for key in
                                       ("start_offset", "stop_offset", "timestamp", "incremental")})
    return events, scalers


def read_legacy(file):
    events, scalers = {}, {}
    for folder in ("get", "frib/evt"):
        if folder not in file:
            continue
        for name, thing in members(file[folder]):
            number, part = re.fullmatch(r"evt(\d+)_(.+)", name).groups()
            event = events.setdefault(int(number), Event())
            event.groups.setdefault("", {})
            if folder == "get" and part == "header":
                ids = thing[()]
                event.attrs.setdefault("get_traces", {}).update(
                    id=scalar("<u4", int(ids[0])), timestamp=scalar("<u8", int(ids[1])),
                    timestamp_other=scalar("<u8", int(ids[2])))
            elif folder == "get" and part == "data":
                event.data["get_traces"] = dataset(thing, "<i2")
                event.attrs.setdefault("get_traces", {}).update(attributes(thing))
            elif folder == "get":
                take(event, part, thing)
            elif part == "header":
                event.groups["frib_physics"] = {"id": scalar("<u4", thing[0]),
                                                "timestamp": scalar("<u4", thing[1])}
            else:
                take(event, f"frib_physics/{part}", thing, KNOWN.get(part))
    if "frib/scaler" in file:
        for name, values in members(file["frib/scaler"]):
            if name.endswith("_data"):
                number = int(re.fullmatch(r"scaler(\d+)_data", name).group(1))
                head = [int(v) for v in file[f"frib/scaler/scaler{number}_header"][()]]
                scalers[number] = ([int(v) for v in values[()]],
                                   dict(start_offset=head[0], stop_offset=head[1], timestamp=head[2],
                                        incremental=head[4]))
    return events, scalers


def read_merged(path, leave_out=()):
    """(events, scalers) of a merged run of any version, by number."""
    try:
        with h5py.File(path, "r") as file:
            return read_modern(file, leave_out) if "events" in file else read_legacy(file)
    except (OSError, KeyError, RuntimeError) as why:  # what h5py raises where libhdf5 fails
        raise Unreadable(f"{type(why).__name__}: {why}") from why


def merged_runs(folder, low, high, skip=()):
    """{run: path} of the range."""
    out = {}
    for path in Path(folder).iterdir():
        match = re.fullmatch(r"run_(\d{4,})\.h5", path.name)
        if match and low <= int(match.group(1)) <= high and int(match.group(1)) not in skip:
            out[int(match.group(1))] = path
    return dict(sorted(out.items()))


# ---- harmonic runs ----

def read_harmonic_event(group):
    event = Event()
    event.groups[""] = attributes(group)
    for name, thing in members(group):
        if name == "get":
            event.groups["get"] = attributes(thing)
            for part, member in members(thing):
                if part == "pads":
                    event.pads_linked = member == group["get_traces"]
                else:
                    take(event, f"get/{part}", member)
        elif name in ("frib_physics", ASIDE):
            event.groups[name] = attributes(thing)
            for module, member in members(thing):
                take(event, f"{name}/{module}", member)
        else:
            take(event, name, thing)
    return event


def spyral(event):
    """What Spyral 1.1.2 makes of the FRIB data of a merged event: 0 reads them, else the lowest reason that it does
    not."""
    if "frib_physics" not in event.groups:
        return 0
    samples, register = event.data.get("frib_physics/1903"), event.data.get("frib_physics/977")
    if samples is None:
        return 1
    if samples[1] and samples[1][0] != 2048:
        return 2
    if register is None or not register[2]:
        return 4
    if np.frombuffer(register[2], "<u2")[0] > 3:
        return 3
    return 5 if len(samples[1]) != 2 or samples[1][1] != 8 else 0


def under(path, name):
    """A path of frib_physics under another name."""
    return name + path[len("frib_physics"):] if path.partition("/")[0] == "frib_physics" else path


def checksum(group):
    """XXH3-64 over the datasets' bytes in byte order of their paths, get/pads left out."""
    paths = []
    group.visititems(lambda name, thing: paths.append(text_of(name)) if isinstance(thing, h5py.Dataset) else None)
    if "get" in group and "pads" in group["get"]:
        paths = [path for path in paths if path != "get/pads"]
        if "get_traces" not in paths:  # visititems names a dataset with two names once
            paths.append("get_traces")
    state = xxhash.xxh3_64()
    for path in sorted(os.fsencode(path) for path in paths):
        thing = group[path]
        if thing.shape is None:
            continue
        if has_odd_type(thing):
            state.update(stored_bytes(thing))
        elif thing.dtype.kind != "O":
            state.update(np.ascontiguousarray(thing[()]).tobytes())
    return state.intdigest()


def check_links(place, group, merged_path):
    """In a set of links: all but the groups and the matrix of an event without GET data lead, by a relative path,
    to the merged run."""
    out = []
    home = os.path.realpath(os.path.dirname(group.file.filename))
    for parent in [group] + [group[name] for name in ("frib_physics", ASIDE) if name in group]:
        for name in parent:
            link = parent.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                if link.filename.startswith("/") or not os.path.samefile(os.path.join(home, link.filename), merged_path):
                    out.append(f"{place}: {name} leads to {link.filename}")
            elif name not in ("frib_physics", ASIDE) and not (name == "get_traces" and parent[name].shape == (0, 517)
                                                 and not parent[name].attrs):
                out.append(f"{place}: {name} is no link")
    return out


def expected(run, number, merged, config):
    """The harmonic event that a merged event becomes."""
    event = Event()
    links = config["mode"] == "link"
    event.groups = dict(merged.groups)
    event.groups[""] = {**merged.groups[""], "orig_run": scalar("<i4", run), "orig_event": scalar("<u8", number)}
    event.data, event.attrs, event.pads_linked = dict(merged.data), dict(merged.attrs), merged.pads_linked
    if "get_traces" not in event.data:
        event.data["get_traces"] = ("<i2", (0, 517), b"", 0)
        event.attrs["get_traces"] = {}
    elif links and event.pads_linked:  # get/pads of the merged run, which has no ids: they are at get
        event.attrs["get_traces"] = without(event.attrs["get_traces"], ("id", "timestamp", "timestamp_other"))
    if config["frib_for_spyral"] == "set_aside" and spyral(merged):
        for what in ("groups", "data", "attrs"):
            setattr(event, what, {under(path, ASIDE): value for path, value in getattr(event, what).items()})
    return event


def differences(place, found, wanted):
    out = []
    for what in ("groups", "data", "attrs"):
        a, b = getattr(found, what), getattr(wanted, what)
        for path in sorted(set(a) | set(b)):
            if a.get(path) != b.get(path):
                out.append(f"{place}: {what} {path!r}: found {str(a.get(path))[:200]}, "
                           f"expected {str(b.get(path))[:200]}")
    if found.pads_linked != wanted.pads_linked:
        out.append(f"{place}: get/pads is {'' if found.pads_linked else 'not '}linked to get_traces")
    return out


def check_storage(place, name, thing):
    """Contiguous and unfiltered; nested groups are as the merged run has them."""
    ours = name.rpartition("/")[0] in ("", "get", "frib_physics", ASIDE)
    if ours and isinstance(thing, h5py.Dataset) and thing.shape is not None and (has_odd_type(thing) or thing.dtype.kind in "iuf") and (thing.chunks or thing.compression):
        return [f"{place}: {thing.name} is not contiguous"]
    return []


def events_of(run, places):
    return {event for of, event in places if of == run}


def compare_set(merged_folder, harmonic_folder, low, high, skip=(), leave_out=()):
    """All differences between the merged runs of a range and a harmonic set. `leave_out`: (run, event)s that
    --skip-bad left out."""
    out = []
    harmonic = sorted(Path(harmonic_folder).glob("run_*.h5"), key=lambda path: int(path.stem[4:]))
    rows = parquet.read_table(Path(harmonic_folder) / "events.parquet").to_pylist()
    places = iter(rows)
    clocks = {}
    left = ((run, number, event, path) for run, path in merged_runs(merged_folder, low, high, skip).items()
            for number, event in sorted(read_merged(path, events_of(run, leave_out))[0].items())
            if (run, number) not in leave_out)
    for index, path in enumerate(harmonic):
        if path.name != f"run_{index:04d}.h5":
            out.append(f"{path.name}: expected run_{index:04d}.h5")
        with h5py.File(path, "r") as file:
            events = file["events"]
            out += check_events(path.name, events, left, places, index, clocks)
    missing = sum(1 for _ in left)
    if missing:
        out.append(f"{missing} events of the merged runs are in no harmonic run")
    if sum(1 for _ in places):
        out.append("events.parquet has more rows than there are events")
    out += compare_scalers(merged_folder, harmonic_folder, low, high, skip, leave_out)
    out += check_manifest(harmonic_folder)
    return out


def check_events(name, events, left, places, index, clocks):
    out = []
    config = json.loads((Path(events.file.filename).parent / "manifest.json").read_text())["config"]
    links = config["mode"] == "link"
    count = int(events.attrs["max_event"])
    if int(events.attrs["min_event"]) != 0 or sorted(events) != sorted(f"event_{k}" for k in range(count)):
        out.append(f"{name}: events are not event_0 to event_{count - 1}")
    if events.attrs["version"] != "harmonizer:0.1.0":
        out.append(f"{name}: version {events.attrs['version']!r}")
    first = last = None
    for k in range(count):
        place = f"{name}: event_{k}"
        origin = next(left, None)
        if origin is None:
            return out + [f"{place}: the merged runs have no more events"]
        run, number, merged, path = origin
        group = events[f"event_{k}"]
        wanted = expected(run, number, merged, config)
        if links:
            out += check_links(place, group, path)
        out += differences(place, read_harmonic_event(group), wanted)
        group.visititems(lambda name, thing: out.extend(check_storage(place, text_of(name), thing)))
        out += check_row(place, next(places, {}), run, number, index, k, merged, wanted, None if links else group, clocks)
        last = (run, number)
        first = first or last
    found = tuple(int(events.attrs[key]) for key in ("first_run", "first_event", "last_run", "last_event"))
    if found != first + last:
        out.append(f"{name}: first and last are {found}, expected {first + last}")
    return out


def value_of(attrs, name):
    return int(np.frombuffer(attrs[name][2], dtype=attrs[name][0])[0]) if name in attrs else None


def seconds_since_first(clocks, run, stamp):
    """The clock of GET: 100 MHz, 48 bits. `clocks`: the first timestamp of each run."""
    if not stamp:
        return None
    ticks = (stamp - clocks.setdefault(run, stamp)) % (1 << 48)
    return (ticks if ticks < 1 << 47 else ticks - (1 << 48)) / 1e8


def check_row(place, row, run, number, index, k, merged, wanted, group, clocks):
    get = wanted.groups.get("get", wanted.attrs["get_traces"])
    frib = merged.groups.get("frib_physics", {})
    register = merged.data.get("frib_physics/977")
    expect = dict(orig_run=run, orig_event=number, harmonic_run=index, harmonic_event=k,
                  traces=wanted.data["get_traces"][1][0], bytes=wanted.payload(), get_id=value_of(get, "id"),
                  get_timestamp=value_of(get, "timestamp"), get_timestamp_other=value_of(get, "timestamp_other"),
                  frib_id=value_of(frib, "id"), frib_timestamp=value_of(frib, "timestamp"),
                  coincidence=int(np.frombuffer(register[2], "<u2")[0]) if register and register[2] else None,
                  checksum=None if group is None else checksum(group), spyral=spyral(merged),
                  time_s=seconds_since_first(clocks, run, value_of(get, "timestamp")))
    return [] if row == expect else [f"{place}: events.parquet has {row}, expected {expect}"]


def compare_scalers(merged_folder, harmonic_folder, low, high, skip, leave_out):
    rows = parquet.read_table(Path(harmonic_folder) / "scalers.parquet").to_pylist()
    wanted = []
    columns = len(SCALER_NAMES)
    for run, path in merged_runs(merged_folder, low, high, skip).items():
        for number, (values, head) in sorted(read_merged(path, events_of(run, leave_out))[1].items()):
            columns = max(columns, len(values))
            wanted.append((run, number, values, head))
    names = SCALER_NAMES + [f"scaler_{k}" for k in range(len(SCALER_NAMES), columns)]
    expect = [dict(run=run, event=number, **dict(zip(names, values + [None] * (columns - len(values)))), **head)
              for run, number, values, head in wanted]
    return [] if rows == expect else [f"scalers.parquet differs: {len(rows)} rows, expected {len(expect)}"]


def file_hash(path):
    state = xxhash.xxh3_128()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            state.update(block)
    return state.hexdigest()


def check_manifest(folder):
    out = []
    text = (Path(folder) / "manifest.json").read_bytes()
    manifest = json.loads(text)
    body = text[:text.rindex(b"\n", 0, len(text) - 1) + 1]
    if xxhash.xxh3_128(body).hexdigest() != manifest["xxh3_128"]:
        out.append("manifest.json: its own hash is wrong")
    for output in manifest["outputs"]:
        path = Path(folder) / output["file"]
        if path.stat().st_size != output["bytes"] or file_hash(path) != output["xxh3_128"]:
            out.append(f"{output['file']}: length or hash differs from the manifest")
    listed = {output["file"] for output in manifest["outputs"]} | {"manifest.json"}
    if set(os.listdir(folder)) != listed:
        out.append(f"the folder holds {sorted(os.listdir(folder))}, the manifest lists {sorted(listed)}")
    return out
