/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONTRACT_CONTRACT_H
#define TESTS_CONTRACT_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/backend.h"
#include "store/conf.h"
#include "store/scope.h"

/*
 * The suite that every backend passes, for the contract in include/store/backend.h. A backend has
 * one small file here, which fills in a struct contract_harness and hands it to contract_run.
 */

#define CONTRACT_WHERE_SIZE 256

/* A backend's own facts. A member that is 0 or NULL has the strictest meaning. */
struct contract_harness {
    const char *backend; /* its name in the registry */

    /* Makes an empty store for one test and writes its place to `where`, for other processes, too.
     * False: this machine does not have the store, and the test is skipped. */
    bool (*fresh)(char where[CONTRACT_WHERE_SIZE]);
    /* The configuration for the store at `where`; the caller frees it. */
    struct store_conf_set *(*conf)(const char *where);
    /* Removes the store. */
    void (*destroy)(const char *where);
    /* Only for a read-only store: puts a secret in, as its owner would. */
    void (*seed)(const char *where, const char *key, const char *value);

    bool private_ctx;     /* each open is an empty store of its own: nothing is shared or kept */
    bool no_timestamps;   /* created_ns and updated_ns stay 0 */
    bool no_versions;     /* version stays "", and only NULL is a valid if_version */
    bool versions_recur;  /* a secret that is removed and made again may get an old version */
    bool keys_are_paths;  /* "." and ".." and what is not printable are a BAD_KEY there */
    size_t value_max;     /* the longest value; 0: without a limit */
    size_t value_spare;   /* how many bytes more may fit now and then */
    size_t binary_max;    /* the longest value that is not text; 0: value_max */
    size_t value_room;    /* the longest value the store has room for just now; 0: value_max */
    size_t listing_count; /* how many secrets the long listing takes; 0: 1,000 */
    size_t key_max;       /* the longest key; 0: STORE_KEY_MAX */
    unsigned operations;  /* of the random test; 0: CONTRACT_OPS or 20,000 */
    unsigned kills;       /* of the writer that is killed; 0: CONTRACT_KILLS or 10 */
};

/* One test's store. */
struct contract {
    const struct contract_harness *harness;
    char where[CONTRACT_WHERE_SIZE];
    struct store_conf_set *conf;
    struct store store;
};

/* Runs the whole suite (or, started again by itself, a helper process of it); main's result. */
int contract_run(const struct contract_harness *harness, int argc, char **argv);

/* The cases, in files by what they are about. Each adds its own to the list. */
struct contract_list {
    struct CMUnitTest tests[80];
    size_t count;
};
void contract_add(struct contract_list *list, const char *name, CMUnitTestFunction function);
#define CONTRACT_ADD(list, function) contract_add((list), #function, (function))

void contract_read_cases(struct contract_list *list);
void contract_write_cases(struct contract_list *list);
void contract_compare_cases(struct contract_list *list);
void contract_value_cases(struct contract_list *list);
void contract_list_cases(struct contract_list *list);
void contract_share_cases(struct contract_list *list);
void contract_thread_cases(struct contract_list *list);
void contract_process_cases(struct contract_list *list);
void contract_random_cases(struct contract_list *list);
void contract_version_cases(struct contract_list *list);

/* The body of a helper process; its exit code. */
int contract_child(const struct contract_harness *harness, int argc, char **argv);

/* The result of a harness's `conf`: the settings of a store of the backend, given as path, value,
 * path, value, …, NULL. NULL if a setting is refused; the caller frees it with store_conf_free. */
struct store_conf_set *contract_settings(const char *backend, const char *const *settings);

/*
 * Where the suite's stores run. Without CONTRACT_STORE that is this process; with it, each runs in
 * a store process of its own, of the program that the variable names, or with CONTRACT_SHARED, too,
 * in one that all processes of a test share. With CONTRACT_CACHE, a cache is in front of it.
 */
struct store_conf_set *contract_conf(const struct contract_harness *harness, const char *where);
enum store_err contract_open_conf(struct store *out, const struct store_conf *conf);
/* The origin of the settings of a test. */
#define CONTRACT_ORIGIN "the test"

/* The shared store process; without CONTRACT_SHARED these do nothing. `prepare` makes a place for
 * it, which `remove` removes, and `use` is for a host's settings; both are false if that fails.
 * `start` runs it with the settings and the environment of now, instead of the one that runs; `end`
 * kills it. */
bool contract_shared_prepare(void);
bool contract_shared_use(struct store_conf_set *set);
void contract_shared_remove(void);
void contract_shared_start(const struct contract *c);
void contract_shared_end(void);

/* True if the suite calls the backend itself, with neither of them between. */
bool contract_is_direct(void);

/* Opens the test's store once more. */
struct store contract_open(const struct contract *c);

/* The short ways to call the test's store. `value` is a text. */
enum store_err contract_put(const struct store *store, const char *key, const char *value,
                            const char *if_version, struct store_record *out);
enum store_err contract_get(const struct store *store, const char *key, struct store_record *out);

/* Fails the test unless `key` holds this text, or for NULL does not exist. */
void contract_expect(const struct store *store, const char *key, const char *value);

/* The result of a listing, sorted by key. */
struct contract_listing {
    size_t count;
    struct contract_listed {
        char key[STORE_KEY_MAX + 1];
        struct store_record record;
        bool has_record;
    } * items;
};
enum store_err contract_list(const struct store *store, const char *prefix, uint64_t *generation,
                             struct contract_listing *out);
void contract_listing_free(struct contract_listing *listing);

/* Fails the test unless the listing of `prefix` is these keys, ended by NULL, in any order. */
void contract_expect_keys(const struct store *store, const char *prefix, const char *const *keys);

/* Compares errors by name, so that a failure can be read. */
#define assert_err(expression, expected)                                                           \
    assert_string_equal(store_err_name(expression), store_err_name(expected))

#endif
