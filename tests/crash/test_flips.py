# SPDX-License-Identifier: MIT
"""One flipped bit anywhere in a set, its manifest included: verify --checksums finds it."""
import collections
import random

from crash import Crashable, make_runs, table

FLIPS = 1000


def test_every_flipped_bit_is_found(tmp_path):
    job = make_runs(Crashable(tmp_path))
    assert job.go(shim=False).code == 0
    seed = random.randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    whole = job.bytes()
    found = collections.Counter()
    for i in range(FLIPS):
        name = sorted(whole)[i % len(whole)]
        bit = dice.randrange(8 * len(whole[name]))
        spoiled = bytearray(whole[name])
        spoiled[bit // 8] ^= 1 << bit % 8
        (job.harmonic / name).write_bytes(spoiled)
        done = job.run("verify", "--checksums", "-j", "1")
        assert done.code == 1 and name in done.out + done.err, f"seed {seed}: bit {bit} of {name}: {done}"
        (job.harmonic / name).write_bytes(whole[name])
        found[name] += 1
    assert job.run("verify", "--checksums").code == 0
    table("flipped bits that verify --checksums found", sorted(found.items()))
