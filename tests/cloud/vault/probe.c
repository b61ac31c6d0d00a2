/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backend.h"
#include "store/conf.h"

/*
 * Opens the vault backend (on the module's side: with its cache and a store process) and carries
 * out the commands on standard input, so that a test can change the server in between:
 *
 *     probe PATH=VALUE...        settings, such as vault.address=http://127.0.0.1:8200
 *     read KEY                   OK VALUE VERSION, and "stale" if it is
 *     write KEY VERSION VALUE    OK VERSION; VERSION is "-" for any version
 *     touch KEY...               OK: reads it, or all of them in bulk, and prints no value
 *     remove KEY VERSION         OK
 *     versions KEY               "listed NUMBER:STATE...", then OK
 *     version KEY ID             as read
 *     retire KEY, restore KEY ID, destroy KEY     OK
 *     list PREFIX                "listed KEY...", then OK
 *     many KEY...                "value KEY VALUE" each, then OK
 *     health                     OK TEXT
 *     logout                     OK
 *
 * The last line of an answer is OK or the error's name. Words do not contain spaces.
 */

static struct store store;

static enum store_err print_key(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    (void)arg;
    (void)record;
    printf(" %s", err == STORE_OK ? key : store_err_name(err));
    return STORE_OK;
}

static enum store_err print_line(void *arg, const char *key, enum store_err err,
                                 const struct store_record *record)
{
    (void)arg;
    if (err == STORE_OK)
        printf("value %s %.*s\n", key, (int)record->value.len, (const char *)record->value.data);
    else
        printf("value %s %s\n", key, store_err_name(err));
    return STORE_OK;
}

static void do_read(const char *key)
{
    AUTO_RECORD record = {0};
    enum store_err err = store.backend->read(store.ctx, key, &record);

    if (err == STORE_OK)
        printf("OK %.*s %s%s\n", (int)record.value.len, (const char *)record.value.data,
               record.version, record.stale ? " stale" : "");
    else
        printf("%s\n", store_err_name(err));
}

static void do_versions(const char *key)
{
    static const char *const states[] = {"current", "old", "deleted", "destroyed"};
    AUTO_VERSIONS versions = {0};
    enum store_err err = store.backend->versions(store.ctx, key, &versions);

    printf("listed");
    for (size_t i = 0; i < versions.count; i++)
        printf(" %u:%s", versions.all[i].number, states[versions.all[i].state]);
    printf("\n%s\n", store_err_name(err));
}

static void do_version(const char *key, const char *id)
{
    AUTO_RECORD record = {0};
    enum store_err err = store.backend->read_version(store.ctx, key, id, &record);

    if (err == STORE_OK)
        printf("OK %.*s %s\n", (int)record.value.len, (const char *)record.value.data,
               record.version);
    else
        printf("%s\n", store_err_name(err));
}

static enum store_err only_result(void *arg, const char *key, enum store_err err,
                                  const struct store_record *record)
{
    (void)arg;
    (void)key;
    (void)record;
    return err;
}

static void do_touch(char **words, size_t count)
{
    AUTO_RECORD record = {0};
    enum store_err err = count == 1
                             ? store.backend->read(store.ctx, words[0], &record)
                             : store.backend->read_many(store.ctx, (const char *const *)words,
                                                        count, only_result, NULL);

    printf("%s\n", store_err_name(err));
}

static void do_write(const char *key, const char *version, const char *text)
{
    AUTO_RECORD record = {0};
    AUTO_SECRET value = {0};
    enum store_err err = store_secret_set(&value, text, strlen(text));

    if (err == STORE_OK)
        err = store.backend->write(store.ctx, key, &value,
                                   strcmp(version, "-") == 0 ? NULL : version, &record);
    printf(err == STORE_OK ? "OK %s\n" : "%s\n",
           err == STORE_OK ? record.version : store_err_name(err));
}

static void do_list(const char *prefix)
{
    enum store_err err;

    printf("listed");
    err = store.backend->list(store.ctx, prefix, NULL, print_key, NULL);
    printf("\n%s\n", err == STORE_OK ? "OK" : store_err_name(err));
}

static void do_many(char **words, size_t count)
{
    enum store_err err =
        store.backend->read_many(store.ctx, (const char *const *)words, count, print_line, NULL);

    printf("%s\n", err == STORE_OK ? "OK" : store_err_name(err));
}

static void do_health(void)
{
    struct store_health health;

    store.backend->health(store.ctx, &health);
    printf("%s %s; %s\n", health.err == STORE_OK ? "OK" : store_err_name(health.err), health.text,
           health.remedy);
}

static void do_logout(void)
{
    store.backend->logout(store.ctx);
    printf("OK\n");
}

static void do_words(char **words, size_t count)
{
    if (count == 2 && strcmp(words[0], "read") == 0)
        do_read(words[1]);
    else if (count >= 2 && strcmp(words[0], "touch") == 0)
        do_touch(words + 1, count - 1);
    else if (count == 4 && strcmp(words[0], "write") == 0)
        do_write(words[1], words[2], words[3]);
    else if (count == 3 && strcmp(words[0], "remove") == 0)
        printf("%s\n", store_err_name(store.backend->remove(
                           store.ctx, words[1], strcmp(words[2], "-") == 0 ? NULL : words[2])));
    else if (count == 2 && strcmp(words[0], "versions") == 0)
        do_versions(words[1]);
    else if (count == 3 && strcmp(words[0], "version") == 0)
        do_version(words[1], words[2]);
    else if (count == 2 && strcmp(words[0], "retire") == 0)
        printf("%s\n", store_err_name(store.backend->retire(store.ctx, words[1])));
    else if (count == 3 && strcmp(words[0], "restore") == 0)
        printf("%s\n", store_err_name(store.backend->restore(store.ctx, words[1], words[2])));
    else if (count == 2 && strcmp(words[0], "destroy") == 0)
        printf("%s\n", store_err_name(store.backend->destroy(store.ctx, words[1])));
    else if (strcmp(words[0], "list") == 0)
        do_list(count == 2 ? words[1] : "");
    else if (strcmp(words[0], "many") == 0)
        do_many(words + 1, count - 1);
    else if (strcmp(words[0], "health") == 0)
        do_health();
    else if (strcmp(words[0], "logout") == 0)
        do_logout();
    else
        printf("what is %s?\n", words[0]);
}

static enum store_err settings_put(struct store_conf_set *set, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (value == NULL)
            return STORE_BAD_CONF;
        *value++ = '\0';
        TRY(store_conf_put(set, argv[i], value, strlen(value), "the test"));
    }
    return STORE_OK;
}

int main(int argc, char **argv)
{
    struct store_conf_set *set = NULL;
    char line[65536];
    enum store_err err = store_conf_begin(&set, "probe", "vault");

    if (err == STORE_OK)
        err = settings_put(set, argc, argv);
    if (err == STORE_OK)
        err = store_open(&store, store_conf_at(set, 0));
    printf("%s\n", err == STORE_OK ? "OK" : store_err_name(err));
    fflush(stdout);
    while (err == STORE_OK && fgets(line, sizeof line, stdin) != NULL) {
        char *words[1024];
        size_t count = 0;

        for (char *word = strtok(line, " \n"); word != NULL && count < 1024;
             word = strtok(NULL, " \n"))
            words[count++] = word;
        if (count > 0)
            do_words(words, count);
        fflush(stdout);
    }
    store_close(&store);
    store_conf_free(set);
    return err == STORE_OK ? 0 : 1;
}
