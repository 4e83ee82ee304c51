/* SPDX-License-Identifier: MIT */
/* What is in the set? From its tables and its manifest; no merged run and no harmonic run is read. */
#include <stdio.h>

#include "commands.h"
#include "info.h"
#include "outputs.h"

static void print_text(const struct hmz_summary *summary)
{
    hmz_summary_print_runs(stdout, summary);
    hmz_summary_print(stdout, summary);
    hmz_summary_print_end(stdout, summary);
}

int hmz_cmd_info(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_manifest set = {0};
    struct hmz_info info = {0};
    const char *folder = input->config->harmonic_path;
    int status = hmz_outputs_load_manifest(&set, folder, err);
    if (status == HMZ_OK)
        status = hmz_info_open(&info, folder, &set, input->stop, err);
    if (status == HMZ_OK && input->opts->json)
        status = hmz_summary_print_json(stdout, &info.summary, true, err);
    else if (status == HMZ_OK)
        print_text(&info.summary);
    if (status == HMZ_OK && set.skipped_count > 0)
        status = HMZ_CLI_SKIPPED;
    hmz_info_close(&info);
    hmz_manifest_release(&set);
    return status;
}
