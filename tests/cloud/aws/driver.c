/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets a script use the AWS backend: driver [SETTING=VALUE]… reads commands, one a line, and
 * answers each with lines of which the last is the error's name.
 *
 *     read KEY                      value VERSION CREATED UPDATED
 *     write KEY VALUE [VERSION]     version VERSION
 *     remove KEY [VERSION]
 *     list PREFIX                   key KEY …            ("-" for everything)
 *     many KEY…                     KEY ERROR [VALUE] …
 *     all                           (lists, and reads everything in bulk) count N
 *     threads N KEY                 (N threads read it) ERROR COUNT …
 *     health                        text TEXT, remedy REMEDY
 *     examine                       WHAT, TEXT and REMEDY, with tabs between, …
 *     logout
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

#define WORDS 64
#define ALL_MAX 20000

struct words {
    char *at[WORDS];
    size_t count;
};

static void value_print(const char *what, const struct store_record *record)
{
    printf("%s %.*s", what, (int)record->value.len, (const char *)record->value.data);
}

static enum store_err command_read(const struct store *store, const struct words *words)
{
    AUTO_RECORD record = {0};

    TRY(store->backend->read(store->ctx, words->at[1], &record));
    value_print("value", &record);
    printf(" %s %lld %lld\n", record.version, (long long)record.created_ns,
           (long long)record.updated_ns);
    return STORE_OK;
}

static enum store_err command_write(const struct store *store, const struct words *words)
{
    AUTO_SECRET value = {0};
    AUTO_RECORD record = {0};

    TRY(store_secret_set(&value, words->at[2], strlen(words->at[2])));
    TRY(store->backend->write(store->ctx, words->at[1], &value,
                              words->count > 3 ? words->at[3] : NULL, &record));
    printf("version %s\n", record.version);
    return STORE_OK;
}

static enum store_err print_key(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    (void)arg;
    (void)record;
    printf("key %s\n", key);
    return err;
}

static enum store_err command_list(const struct store *store, const struct words *words)
{
    const char *prefix = strcmp(words->at[1], "-") == 0 ? "" : words->at[1];

    return store->backend->list(store->ctx, prefix, NULL, print_key, NULL);
}

static enum store_err print_record(void *arg, const char *key, enum store_err err,
                                   const struct store_record *record)
{
    (void)arg;
    printf("%s %s", key, store_err_name(err));
    if (record != NULL)
        value_print("", record);
    printf("\n");
    return STORE_OK;
}

/* The keys of a listing, and how many of them were read. */
struct all {
    char *keys[ALL_MAX];
    size_t count;
    size_t read;
};

static enum store_err all_add(void *arg, const char *key, enum store_err err,
                              const struct store_record *record)
{
    struct all *all = arg;

    (void)err;
    (void)record;
    if (all->count == ALL_MAX)
        return STORE_FULL;
    all->keys[all->count] = strdup(key);
    return all->keys[all->count++] == NULL ? STORE_NO_MEMORY : STORE_OK;
}

static enum store_err all_count(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    struct all *all = arg;

    (void)key;
    if (err == STORE_OK && record != NULL && record->value.len > 0)
        all->read++;
    return STORE_OK;
}

static enum store_err command_all(const struct store *store)
{
    static struct all all;
    enum store_err err;

    all = (struct all){.count = 0};
    err = store->backend->list(store->ctx, "", NULL, all_add, &all);
    if (err == STORE_OK)
        err = store->backend->read_many(store->ctx, (const char *const *)all.keys, all.count,
                                        all_count, &all);
    printf("count %zu\n", all.read);
    for (size_t i = 0; i < all.count; i++)
        free(all.keys[i]);
    return err;
}

struct reader {
    const struct store *store;
    const char *key;
    pthread_t thread;
    enum store_err err;
};

static void *reader_run(void *arg)
{
    struct reader *reader = arg;
    AUTO_RECORD record = {0};

    reader->err = reader->store->backend->read(reader->store->ctx, reader->key, &record);
    return NULL;
}

static enum store_err command_threads(const struct store *store, const struct words *words)
{
    size_t count = strtoul(words->at[1], NULL, 10);
    struct reader *readers = calloc(count, sizeof *readers);
    size_t good = 0;

    if (readers == NULL)
        return STORE_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        readers[i] = (struct reader){.store = store, .key = words->at[2]};
        if (pthread_create(&readers[i].thread, NULL, reader_run, &readers[i]) != 0)
            exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(readers[i].thread, NULL);
        good += readers[i].err == STORE_OK;
    }
    free(readers);
    printf("good %zu\n", good);
    return STORE_OK;
}

static enum store_err command_health(const struct store *store)
{
    struct store_health health;

    store->backend->health(store->ctx, &health);
    printf("text %s\nremedy %s\n", health.text, health.remedy);
    return health.err;
}

static void print_finding(void *arg, const struct store_finding *finding)
{
    (void)arg;
    printf("%s\t%s\t%s\n", finding->what, finding->text, finding->remedy);
}

static enum store_err command_run(const struct store *store, const struct words *words)
{
    const char *name = words->at[0];

    if (strcmp(name, "read") == 0)
        return command_read(store, words);
    if (strcmp(name, "write") == 0)
        return command_write(store, words);
    if (strcmp(name, "remove") == 0)
        return store->backend->remove(store->ctx, words->at[1],
                                      words->count > 2 ? words->at[2] : NULL);
    if (strcmp(name, "list") == 0)
        return command_list(store, words);
    if (strcmp(name, "many") == 0)
        return store->backend->read_many(store->ctx, (const char *const *)words->at + 1,
                                         words->count - 1, print_record, NULL);
    if (strcmp(name, "all") == 0)
        return command_all(store);
    if (strcmp(name, "threads") == 0)
        return command_threads(store, words);
    if (strcmp(name, "health") == 0)
        return command_health(store);
    if (strcmp(name, "examine") == 0) {
        store->backend->examine(store->ctx, print_finding, NULL);
        return STORE_OK;
    }
    store->backend->logout(store->ctx);
    return STORE_OK;
}

static struct store_conf_set *settings(int argc, char **argv)
{
    struct store_conf_set *set = NULL;

    if (store_conf_begin(&set, "test", "aws") != STORE_OK)
        return NULL;
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (value == NULL)
            return NULL;
        *value++ = '\0';
        if (store_conf_put(set, argv[i], value, strlen(value), "the test") != STORE_OK)
            return NULL;
    }
    return set;
}

int main(int argc, char **argv)
{
    struct store_conf_set *set = settings(argc, argv);
    struct store store;
    struct words words;
    char *line = NULL;
    size_t size = 0;
    enum store_err err;

    setvbuf(stdout, NULL, _IOLBF, 0);
    err = set == NULL ? STORE_BAD_CONF : store_open(&store, store_conf_at(set, 0));
    printf("%s\n", store_err_name(err));
    while (err == STORE_OK && getline(&line, &size, stdin) > 0) {
        char *rest = NULL;

        words.count = 0;
        for (char *word = strtok_r(line, " \n", &rest); word != NULL && words.count < WORDS;
             word = strtok_r(NULL, " \n", &rest))
            words.at[words.count++] = word;
        printf("%s\n", store_err_name(command_run(&store, &words)));
    }
    free(line);
    if (err == STORE_OK)
        store_close(&store);
    store_conf_free(set);
    return 0;
}
