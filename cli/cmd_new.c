/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "commands.h"
#include "config.h"
#include "say.h"

int hmz_cmd_new(const struct hmz_command_input *input, struct hmz_error *err)
{
    const char *path = input->opts->config_path;
    int status = hmz_config_write_template(path, err);
    if (status == HMZ_OK && !input->opts->quiet)
        hmz_say(stderr, "%s is written: fill in the paths and the runs, then try `harmonizer -c %s plan`\n",
                path, path);
    return status;
}
