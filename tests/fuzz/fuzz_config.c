/* SPDX-License-Identifier: MIT */
/* Any bytes as a configuration. What is accepted must keep the promises of config.h, what is refused must say
 * so in a message with the name in front. */
#include "fuzz_target.h"

#include <assert.h>
#include <string.h>

#include "config.h"

static void check_accepted(const struct hmz_config *config)
{
    assert(strcmp(config->file, "x.yml") == 0);
    assert(config->merger.count > 0 && config->harmonic_path[0]);
    for (size_t i = 0; i < config->merger.count; i++)
        assert(config->merger.paths[i][0]);
    assert((config->settings.target_bytes == 0) != (config->settings.harmonic_count == 0));
    assert(config->settings.harmonic_count <= INT32_MAX);
    const struct hmz_run_selection *selection = &config->selection;
    for (size_t i = 0; i < selection->range_count; i++)
        assert(0 <= selection->ranges[i].first && selection->ranges[i].first <= selection->ranges[i].last &&
               (i == 0 || selection->ranges[i - 1].last + 1 < selection->ranges[i].first));
    assert(selection->as_list || selection->range_count <= 1);
    assert(config->settings.mode == HMZ_MODE_COPY || config->settings.mode == HMZ_MODE_LINK);
    for (size_t i = 0; i < selection->skip_count; i++)
        assert(selection->skip_runs[i] >= 0 &&
               (i == 0 || selection->skip_runs[i - 1] < selection->skip_runs[i]));
}

bool hmz_fuzz_refused;

static void check_refused(const struct hmz_config *config, int status, const struct hmz_error *err)
{
    assert(status == HMZ_E_USAGE || status == HMZ_E_NOMEM);
    assert(err->status == status && !config);
    assert(status == HMZ_E_NOMEM || strncmp(err->text, "x.yml:", 6) == 0);
    assert(strnlen(err->text, sizeof err->text) < sizeof err->text && !strchr(err->text, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hmz_config *config = NULL;
    struct hmz_error err;
    int status = hmz_config_parse("x.yml", data, size, &config, &err);
    if (status == HMZ_OK)
        check_accepted(config);
    else
        check_refused(config, status, &err);
    hmz_fuzz_refused = status != HMZ_OK;
    hmz_config_free(config);
    return 0;
}
