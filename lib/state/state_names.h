/* SPDX-License-Identifier: MIT */
/* The names that this program gives to files in its state folder; all others are somebody else's. */
#ifndef HMZ_STATE_NAMES_H
#define HMZ_STATE_NAMES_H

enum hmz_state_kind {
    HMZ_STATE_FOREIGN,
    HMZ_STATE_LOCK,
    HMZ_STATE_INDEX,  /* of a merged run */
    HMZ_STATE_OUTPUT, /* what is known of outputs: the plan, notes, marks */
    HMZ_STATE_OTHER,  /* the rest that has its name */
    HMZ_STATE_PART,   /* a part file of any of these, or of a file in harmonic_path */
};

enum hmz_state_kind hmz_state_kind(const char *name);

#endif
