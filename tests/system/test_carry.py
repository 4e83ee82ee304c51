# SPDX-License-Identifier: MIT
"""Objects and attributes that no merger writes: scan, plan, copy and verify judge each of them alike."""
import os

import h5py
import numpy as np
import pytest
from conftest import LONG_AGO

EVENT = "events/event_3"
TEXT = h5py.string_dtype()
OLD, FORM_1_10 = ("earliest", "v108"), ("v110", "v110")


def dimension_scale(file):
    file["tb"] = list(range(517))
    file["tb"].make_scale("time bucket")
    file[f"{EVENT}/get_traces"].dims[1].attach_scale(file["tb"])


def reference_in(place):
    def spoil(file):
        file[place].attrs["ref"] = file["scalers"].ref
    return spoil


def references_in_a_compound(file):
    file[EVENT].attrs["pair"] = np.array((1, file["scalers"].ref), np.dtype([("n", "<i4"), ("ref", h5py.ref_dtype)]))


def nested_reference(file):
    file.create_group(f"{EVENT}/extra/deep").attrs["ref"] = file["scalers"].ref


def nested_dataset_of_references(file):
    file.create_dataset(f"{EVENT}/extra/refs", data=[file["scalers"].ref], dtype=h5py.ref_dtype)


def text_with_a_scale(file):
    file[f"{EVENT}/note"] = np.array(["a", "b"], object).astype(TEXT)
    file["scale"] = [1, 2]
    file["scale"].make_scale("x")
    file[f"{EVENT}/note"].dims[0].attach_scale(file["scale"])


def circle(file):
    inner = file.create_group(f"{EVENT}/extra/inner")
    inner["back"] = file[f"{EVENT}/extra"]


def link_to_the(place):
    def spoil(file):
        file.create_group(f"{EVENT}/extra")["up"] = file[place]
    return spoil


def many_groups_within_each_other(file):
    file.create_group(f"{EVENT}/" + "/".join("abcdefgh"[i % 8] for i in range(40)))


def large_attribute(file):
    file.create_dataset(f"{EVENT}/extra", data=[1]).attrs["large"] = np.zeros(70_000, "u1")


DAMAGE = {function.__name__: function for function in
          (dimension_scale, references_in_a_compound, nested_reference,
           nested_dataset_of_references, text_with_a_scale, circle, many_groups_within_each_other)}
DAMAGE |= {f"reference in {place or 'the event'}": reference_in(f"{EVENT}/{place}")
           for place in ("", "get_traces", "frib_physics", "frib_physics/1903")}
DAMAGE |= {f"link up to {place}": link_to_the(place) for place in ("/", "events", EVENT)}


def dataset_twice(file):
    file[f"{EVENT}/again"] = file[f"{EVENT}/get_traces"]


def dataset_of_another_event(file):
    file[f"{EVENT}/other"] = file["events/event_4/get_traces"]


def nested_dataset_twice(file):
    file[f"{EVENT}/extra/one"] = np.arange(7)
    file[f"{EVENT}/extra/two"] = file[f"{EVENT}/extra/one"]


def nested_group_twice(file):
    file[f"{EVENT}/extra/a/data"] = np.arange(7)
    file[f"{EVENT}/extra/b"] = file[f"{EVENT}/extra/a"]


def group_of_another_event(file):
    file[f"{EVENT}/extra/data"] = np.arange(7)
    file["events/event_4/extra"] = file[f"{EVENT}/extra"]


def compressed_text(file):
    file.create_dataset(f"{EVENT}/note", data=np.array(["a", "bb"] * 40, object), dtype=TEXT, chunks=(8,),
                        compression="gzip")


def nested_compressed(file):
    file.create_dataset(f"{EVENT}/extra/numbers", data=np.arange(1000), chunks=(64,), compression="gzip")


def committed_type(file):
    file[f"{EVENT}/kind"] = np.dtype("<f4")
    file[f"{EVENT}/typed"] = np.zeros(3, "<f4")
    file[EVENT].attrs.create("typed", [1.0, 2.0], dtype=file[f"{EVENT}/kind"])


def nothing(file):
    file[f"{EVENT}/none"] = h5py.Empty("<f8")
    for place in ("/", "events", "scalers", EVENT, f"{EVENT}/get_traces", f"{EVENT}/frib_physics"):
        file[place].attrs["none"] = h5py.Empty("S10")
        file[place].attrs["no number"] = h5py.Empty("<i4")


def no_version(file):
    for name in ("version", "frib_start"):
        del file["events"].attrs[name]
        file["events"].attrs[name] = h5py.Empty("S10")


def many_attributes(file):
    for i in range(40):
        file[EVENT].attrs[f"number {i}"] = np.arange(100)


def attribute_of_60_kb(file):
    file[f"{EVENT}/get_traces"].attrs["large"] = np.zeros(60_000, "u1")


GOOD = {function.__name__: function for function in
        (dataset_twice, dataset_of_another_event, nested_dataset_twice, nested_group_twice, group_of_another_event,
         compressed_text, nested_compressed, committed_type, nothing, no_version, many_attributes, attribute_of_60_kb)}


def change(setting, function, form):
    path = setting.make(1, "1.0", "--events", 6)
    with h5py.File(path, "r+", libver=form) as file:
        function(file)
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.make(2, "1.0", "--events", 3)
    setting.configure(harmonic_count=2)


@pytest.mark.parametrize("form", [OLD, FORM_1_10], ids=["form of 1.8", "form of 1.10"])
@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_carried_over_is_good_for_all(setting, name, form):
    change(setting, GOOD[name], form)
    assert setting.run("plan").code == 0
    setting.harmonize()
    setting.assert_whole()
    verified = setting.run("verify")
    assert verified.code == 0, verified
    before = setting.hashes()
    setting.harmonize("--force", "-j", "1")
    assert setting.hashes() == before


@pytest.mark.parametrize("form", [OLD, FORM_1_10], ids=["form of 1.8", "form of 1.10"])
@pytest.mark.parametrize("name", DAMAGE)
def test_what_cannot_be_carried_over_is_damage_for_all(setting, name, form):
    judge_damage(setting, DAMAGE[name], form)


def test_a_large_attribute_cannot_be_carried_over(setting):
    """The form of 1.8 has no place for it."""
    judge_damage(setting, large_attribute, FORM_1_10)


def judge_damage(setting, function, form):
    change(setting, function, form)
    for words in (("plan",), (), ("prepare",)):
        done = setting.run(*words)
        assert done.code == 1 and "merged run 1: events/event_3" in done.err, done
        assert "run the same command again" not in done.err
    assert not list(setting.harmonic.glob("*.h5"))
    assert setting.run("--skip-bad").code == 3
    assert [(item["run"], item["event"]) for item in setting.manifest()["skipped"]] == [(1, 3)]
    setting.assert_whole(leave_out=[(1, 3)])
    verified = setting.run("verify")
    assert verified.code == 3, verified
