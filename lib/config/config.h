/* SPDX-License-Identifier: MIT */
/* The configuration: a YAML file as a validated struct.
 *
 *     hmz_config_load(path, &config, err)            the file, and no other
 *     hmz_config_check_folders(config, needs, err)   whether its folders will do for a purpose
 *     hmz_config_free(config)
 *
 *     hmz_config_write_template(path, err)           a commented configuration to start from
 *
 * A configuration is one mapping of these keys:
 *
 *     merger_path        folder of the merged runs, or a list of such folders
 *     harmonic_path      folder for the harmonic runs
 *     harmonic_size_gb   size of a harmonic run, 1 GB = 10^9 bytes; or instead of it
 *     harmonic_count     that many harmonic runs, 1 to 2147483647
 *     processes          of Spyral, 1 to 4096: the number of harmonic runs becomes a multiple of it, beside
 *                        harmonic_size_gb only (optional)
 *     min_run, max_run   first and last merged run, 0 to 2147483647; or instead of them
 *     runs               list of runs and ranges, [55-60, 63]; with none of these, all runs that are there
 *     skip_runs          list of merged runs to leave out (optional; none)
 *     mode               copy or link (optional; copy)
 *     frib_for_spyral    set_aside or keep (optional; set_aside)
 *
 * Paths, keys and words may be quoted or not. Numbers are not quoted: "55" is text, as it was for the
 * serde_yaml of harmonizer 0.1.0. How numbers read: strict_number.h. A path without quotes is taken as it
 * stands (123 and true are folders), but ~ and null alone are no value. Aliases work where the value that
 * they stand for would.
 *
 * All errors of a configuration are HMZ_E_USAGE and read "FILE:LINE: KEY: found; expected …"; FILE alone
 * where there is no line to name, as for a missing key. */
#ifndef HMZ_CONFIG_H
#define HMZ_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "run_folders.h"
#include "run_selection.h"
#include "settings.h"

enum { HMZ_CONFIG_LIMIT_BYTES = 1 << 20 };

struct hmz_config {
    char *file;                    /* as given to load or parse */
    struct hmz_run_folders merger; /* as written, none empty */
    char *harmonic_path;           /* as written, not empty */
    struct hmz_settings settings;  /* harmonic_size_gb x 10^9 to the nearest byte */
    struct hmz_run_selection selection;
    size_t merger_line; /* where the two paths stand in the file, for messages */
    size_t harmonic_line;
};

/* Reads and validates a configuration of at most HMZ_CONFIG_LIMIT_BYTES: a file, or a pipe (of <(…), say),
 * which is read once and to its end. Touches no other file.
 *
 *   path        kept as `file` of the result and named in messages
 *   config_out  new, freed by the caller with hmz_config_free(); NULL on failure
 *
 * HMZ_OK, HMZ_E_NOMEM, HMZ_E_USAGE (also: no such file, a folder, not readable), or HMZ_E_INTERRUPTED: a
 * signal came while a pipe was waited for. */
HMZ_MUST_CHECK int hmz_config_load(const char *path, struct hmz_config **config_out, struct hmz_error *err);

/* The same for `length` bytes in memory, which `name` stands for. */
HMZ_MUST_CHECK int hmz_config_parse(const char *name, const uint8_t *bytes, size_t length,
                                    struct hmz_config **config_out, struct hmz_error *err);

void hmz_config_free(struct hmz_config *config); /* NULL is allowed */

/* What a command does with the two folders. */
enum hmz_config_needs {
    HMZ_CONFIG_READS_HARMONIC = 0,        /* looks into harmonic_path only */
    HMZ_CONFIG_READS_MERGER = 1u << 0,    /* reads merged runs */
    HMZ_CONFIG_WRITES_HARMONIC = 1u << 1, /* writes into harmonic_path */
};

/* Looks at the folders: harmonic_path must be a directory, and writable where it is written; those
 * of merger_path must be directories where they are read. Where one of both happens no two of all these may
 * be the same directory (by device and inode). Relative paths start from the current directory.
 *
 *   needs  HMZ_CONFIG_… or-ed together
 *
 * HMZ_OK or HMZ_E_USAGE, with key and path in the message. */
HMZ_MUST_CHECK int hmz_config_check_folders(const struct hmz_config *config, unsigned needs,
                                            struct hmz_error *err);

/* The text of the template, which hmz_config_parse() accepts as it stands. */
const char *hmz_config_template(void);

/* Writes the template into a new file of mode 0666 less the umask. A file in the way, even a dangling link,
 * stays as it is: HMZ_E_FAILED. After any other failure the file is not there. */
HMZ_MUST_CHECK int hmz_config_write_template(const char *path, struct hmz_error *err);

#endif
