/* SPDX-License-Identifier: MIT */
/* What hmz_share_fullest() says, for a test against Spyral's own function:
 *
 *     share PROCESSES < lines of "DISK_BYTES DATA_BYTES"     prints the load of the fullest */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "list.h"
#include "share.h"

int main(int argc, char **argv)
{
    struct hmz_share_file *files = NULL;
    size_t count = 0;
    char line[80];
    double load;
    struct hmz_error err;
    while (fgets(line, sizeof line, stdin)) {
        struct hmz_share_file *file = hmz_list_add(&files, &count, sizeof *files);
        char *end;
        if (!file)
            return EXIT_FAILURE;
        file->disk_bytes = strtoull(line, &end, 10);
        file->data_bytes = strtoull(end, NULL, 10);
    }
    if (argc != 2 ||
        hmz_share_fullest(files, count, (uint32_t)strtoul(argv[1], NULL, 10), &load, &err) != HMZ_OK)
        return EXIT_FAILURE;
    printf("%.17g\n", load);
    free(files);
    return EXIT_SUCCESS;
}
