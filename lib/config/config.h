/* SPDX-License-Identifier: MIT */
/* The configuration: a YAML file, read strictly into a validated struct.
 *
 *     hmz_config_load(path, &config, err)            the text: keys, types, ranges; touches no other file
 *     hmz_config_check_paths(&config, purpose, err)  the folders that this command needs
 *     hmz_config_release(&config)
 *
 * Every fault is HMZ_E_USAGE and reads `FILE:LINE: KEY: what was found; what is expected`. */
#ifndef HMZ_CONFIG_H
#define HMZ_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

enum hmz_config_mode { HMZ_CONFIG_COPY = 0, HMZ_CONFIG_LINK = 1 };

struct hmz_config { /* all zero: empty; texts and lists owned */
    char *merger_path;
    char *harmonic_path;
    uint64_t target_bytes;   /* harmonic_size_gb in bytes; 0 where harmonic_count is given */
    uint64_t harmonic_count; /* 0 where harmonic_size_gb is given */
    int32_t min_run;
    int32_t max_run;    /* inclusive */
    int32_t *skip_runs; /* ascending, none twice */
    size_t skip_count;
    enum hmz_config_mode mode;
};

/* What a command needs of the folders. */
enum hmz_config_purpose { HMZ_CONFIG_READS_MERGER = 1, HMZ_CONFIG_WRITES_HARMONIC = 2 };

HMZ_MUST_CHECK int hmz_config_load(const char *path, struct hmz_config *out, struct hmz_error *err);

/* The same from memory; `name` is what messages call it. */
HMZ_MUST_CHECK int hmz_config_parse(const char *name, const uint8_t *text, size_t length,
                                    struct hmz_config *out, struct hmz_error *err);

/* `purpose`: bits of enum hmz_config_purpose. harmonic_path must always be a folder. */
HMZ_MUST_CHECK int hmz_config_check_paths(const struct hmz_config *self, unsigned purpose,
                                          struct hmz_error *err);

void hmz_config_release(struct hmz_config *self);

#endif
