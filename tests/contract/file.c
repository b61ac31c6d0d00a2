/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    const char *temp = getenv("TMPDIR");

    snprintf(where, CONTRACT_WHERE_SIZE, "%s/contract-file-XXXXXX", temp == NULL ? "/tmp" : temp);
    return mkdtemp(where) != NULL;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {"data_dir", where, NULL};

    return contract_settings("file", settings);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void destroy(const char *where)
{
    nftw(where, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "file",
        .fresh = fresh,
        .conf = conf,
        .destroy = destroy,
    };

    return contract_run(&harness, argc, argv);
}
