/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(struct fault_store *fault, const char *path, const char *value)
{
    assert_int_equal(store_conf_put(fault->conf, path, value, strlen(value), "test"), STORE_OK);
}

void fault_store_open(struct fault_store *fault, bool seed)
{
    const char *temp = getenv("TMPDIR");

    memset(fault, 0, sizeof *fault);
    snprintf(fault->folder, sizeof fault->folder, "%.40s/fault-XXXXXX",
             temp == NULL ? "/tmp" : temp);
    assert_non_null(mkdtemp(fault->folder));
    assert_int_equal(store_conf_begin(&fault->conf, "fault", "file"), STORE_OK);
    put(fault, "data_dir", fault->folder);
    put(fault, "store.program", STORE_PROGRAM);
    /* long enough for the slowest machine to start a process, and to be waited for now and then */
    put(fault, "timeout_ms", FAULT_TIMEOUT_MS);
    put(fault, "login_timeout_ms", FAULT_TIMEOUT_MS);
    assert_int_equal(
        store_open_at(&fault->store, store_conf_at(fault->conf, 0), STORE_IN_STORE_PROCESS),
        STORE_OK);
    if (seed)
        assert_int_equal(fault_write(fault, "value"), STORE_OK);
}

void fault_store_reopen(struct fault_store *fault)
{
    int watch = fault_watch(fault_process());

    store_close(&fault->store);
    fault_wait_watched(watch);
    assert_int_equal(
        store_open_at(&fault->store, store_conf_at(fault->conf, 0), STORE_IN_STORE_PROCESS),
        STORE_OK);
    assert_int_equal(fault_read(fault), STORE_OK);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void fault_store_close(struct fault_store *fault)
{
    store_close(&fault->store);
    store_conf_free(fault->conf);
    nftw(fault->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int fault_setup(void **state)
{
    static struct fault_store fault;

    fault_store_open(&fault, true);
    *state = &fault;
    return 0;
}

int fault_teardown(void **state)
{
    fault_store_close(*state);
    return 0;
}

enum store_err fault_read(struct fault_store *fault)
{
    AUTO_RECORD record = {0};

    return fault->store.backend->read(fault->store.ctx, FAULT_KEY, &record);
}

enum store_err fault_write(struct fault_store *fault, const char *value)
{
    AUTO_SECRET secret = {0};

    assert_int_equal(store_secret_set(&secret, value, strlen(value)), STORE_OK);
    return fault->store.backend->write(fault->store.ctx, FAULT_KEY, &secret, NULL, NULL);
}
