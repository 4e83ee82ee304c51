#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lets the real Spyral read trace files and tells what it got. Runs in Spyral's own Python environment.

    spyral_read.py events FILE…                      every event, through the reader that Spyral chooses itself
    spyral_read.py stacks FOLDER PROCESSES…          for each folder in FOLDER: which of its runs each process gets
    spyral_read.py clouds TRACES WORKSPACE MIN MAX   the point-cloud phase over runs MIN to MAX, two processes

Prints JSON. It judges nothing: test_spyral.py compares."""

import contextlib
import gc
import hashlib
import json
import sys
from pathlib import Path

import h5py
import numpy
import spyral
from spyral.core.run_stacks import create_run_stacks

# Values of Spyral's own example; the detector's matter to no test.
GET = spyral.GetParameters(
    baseline_window_scale=20.0, peak_separation=50.0, peak_prominence=20.0, peak_max_width=50.0, peak_threshold=40.0
)
FRIB = spyral.FribParameters(
    baseline_window_scale=100.0,
    peak_separation=50.0,
    peak_prominence=20.0,
    peak_max_width=500.0,
    peak_threshold=100.0,
    ic_delay_time_bucket=1100,
    ic_multiplicity=1,
)
DETECTOR = spyral.DetectorParameters(
    magnetic_field=2.85,
    electric_field=45000.0,
    detector_length=1000.0,
    beam_region_radius=25.0,
    micromegas_time_bucket=10.0,
    window_time_bucket=560.0,
    get_frequency=6.25,
    garfield_file_path=Path("none.txt"),
    do_garfield_correction=False,
)
PADS = spyral.PadParameters(
    pad_geometry_path=spyral.DEFAULT_MAP, pad_time_path=spyral.DEFAULT_MAP, pad_scale_path=spyral.DEFAULT_MAP
)


def identity(array):
    """What tells an array from every other one: type, shape, bytes."""
    if array is None:
        return None
    content = numpy.ascontiguousarray(array)
    return [str(content.dtype), list(content.shape), hashlib.sha256(content.tobytes()).hexdigest()]


def read_file(path):
    reader = spyral.create_reader(path, int(path.stem.split("_")[1]))
    if reader is None:
        return {"file": path.name, "reader": None, "events": []}
    random = numpy.random.default_rng(1)
    events = []
    for number in reader.event_range():
        event = reader.read_event(number, GET, FRIB, random)
        events.append(
            {
                "number": number,
                "run": int(event.original_run),
                "event": int(event.original_event),
                "get": identity(reader.read_raw_get_event(number)),
                "frib": identity(reader.read_raw_frib_event(number)),
                "trigger": None if event.frib is None else event.frib.trigger.value,
                "get_trace_count": len(event.get_pads.traces),
                "frib_trace_count": None if event.frib is None else len(event.frib.traces),
            }
        )
    return {"file": path.name, "reader": type(reader).__name__, "events": events}


def read_clouds(path):
    """The clouds of one run by event number; attributes as Spyral stored them. None where its process died before the
    file was whole."""
    try:
        file = h5py.File(path, "r")
    except OSError:
        return None
    with file:
        return {
            name: {
                "run": int(cloud.attrs["orig_run"]),
                "event": int(cloud.attrs["orig_event"]),
                "shape": list(cloud.shape),
                "finite": bool(numpy.isfinite(cloud[:]).all()),
            }
            for name, cloud in file["cloud"].items()
        }


class ClosedPointcloudPhase(spyral.PointcloudPhase):
    """Spyral 1.1.2 leaves the closing of its file to Python's garbage collection, and its processes end without one: now
    and then a file is lost, whatever was read."""

    def run(self, *arguments):
        result = super().run(*arguments)
        gc.collect()
        return result


def run_clouds(traces, workspace, run_min, run_max):
    pipeline = spyral.Pipeline([ClosedPointcloudPhase(GET, FRIB, DETECTOR, PADS)], [True], workspace, traces)
    with contextlib.redirect_stdout(sys.stderr):
        spyral.start_pipeline(pipeline, run_min, run_max, n_procs=2, disable_display=True)
    return {
        "clouds": {path.name: read_clouds(path) for path in sorted((workspace / "Pointcloud").glob("*.h5"))},
        "logs": {path.name: path.read_text() for path in sorted((workspace / "log").iterdir())},
    }


def main():
    command, *arguments = sys.argv[1:]
    if command == "events":
        result = [read_file(Path(path)) for path in arguments]
    elif command == "stacks":
        folder, *counts = arguments
        result = {path.name: {count: create_run_stacks(path, 0, 50, int(count), [])[0] for count in counts}
                  for path in Path(folder).iterdir()}
    else:
        traces, workspace, run_min, run_max = arguments
        result = run_clouds(Path(traces), Path(workspace), int(run_min), int(run_max))
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
