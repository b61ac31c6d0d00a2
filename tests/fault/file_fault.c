/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/file_fault.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* These tests are about lost writes, so a busy disk may be slow. */
#define PATIENT_MS "60000"

/* One at a time in each process is all that these tests need. */
static struct store_conf_set *conf;

int fault_setup(void **state)
{
    struct fault *fault = calloc(1, sizeof *fault);
    const char *temp = getenv("TMPDIR");

    if (fault == NULL)
        return -1;
    snprintf(fault->folder, sizeof fault->folder, "%s/fault-file-XXXXXX",
             temp == NULL ? "/var/tmp" : temp);
    if (mkdtemp(fault->folder) == NULL)
        return -1;
    snprintf(fault->path, sizeof fault->path, "%s/secrets.json", fault->folder);
    *state = fault;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int fault_teardown(void **state)
{
    struct fault *fault = *state;

    nftw(fault->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(fault);
    return 0;
}

struct store fault_open(const char *folder)
{
    struct store store = {0};

    if (conf != NULL || store_conf_begin(&conf, "fault", "file") != STORE_OK ||
        store_conf_put(conf, "data_dir", folder, strlen(folder), "test") != STORE_OK ||
        store_conf_put(conf, "timeout_ms", PATIENT_MS, strlen(PATIENT_MS), "test") != STORE_OK ||
        store_open(&store, store_conf_at(conf, 0)) != STORE_OK)
        abort();
    return store;
}

void fault_close(struct store *store)
{
    store_close(store);
    store_conf_free(conf);
    conf = NULL;
}

enum store_err fault_put(const struct store *store, const char *key, const char *value)
{
    AUTO_SECRET secret = {0};

    TRY(store_secret_set(&secret, value, strlen(value)));
    return store->backend->write(store->ctx, key, &secret, NULL, NULL);
}

enum store_err fault_get(const struct store *store, const char *key, char *value, size_t size)
{
    AUTO_RECORD record = {0};

    TRY(store->backend->read(store->ctx, key, &record));
    if (record.value.len >= size)
        return STORE_TOO_BIG;
    memcpy(value, record.value.data, record.value.len);
    value[record.value.len] = '\0';
    return STORE_OK;
}

enum store_err fault_read_in(const char *folder, const char *key, char *value, size_t size)
{
    struct store store = fault_open(folder);
    enum store_err err = fault_get(&store, key, value, size);

    fault_close(&store);
    return err;
}

enum store_err fault_write_in(const char *folder, const char *key, const char *value)
{
    struct store store = fault_open(folder);
    enum store_err err = fault_put(&store, key, value);

    fault_close(&store);
    return err;
}

void fault_make(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

char *fault_slurp(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t size = 1 << 20;
    char *text = calloc(1, size + 1);

    if (file == NULL || text == NULL) {
        free(text);
        return NULL;
    }
    text[fread(text, 1, size, file)] = '\0';
    fclose(file);
    return text;
}

void fault_expect_file(const char *path, const char *text)
{
    char *found = fault_slurp(path);

    assert_non_null(found);
    assert_string_equal(found, text);
    free(found);
}

size_t fault_count(const char *folder, const char *start)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        count += strncmp(entry->d_name, start, strlen(start)) == 0;
    closedir(dir);
    return count;
}

void fault_skip_without(const char *what)
{
    const char *ci = getenv("CI");

    print_message("this needs %s\n", what);
    if (ci != NULL && strcmp(ci, "true") == 0)
        fail_msg("CI must be able to %s", what);
    skip();
}
