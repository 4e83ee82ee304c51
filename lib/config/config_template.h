/* SPDX-License-Identifier: MIT */
/* The commented template that `new` writes. It loads again through config.h. */
#ifndef HMZ_CONFIG_TEMPLATE_H
#define HMZ_CONFIG_TEMPLATE_H

#include "hmz_error.h"

const char *hmz_config_template(void);

/* A new file. One that exists is left as it is: HMZ_E_FAILED. */
HMZ_MUST_CHECK int hmz_config_template_write(const char *path, struct hmz_error *err);

#endif
