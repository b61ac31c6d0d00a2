/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/conf.h"
#include "store/err.h"
#include "store/secret.h"

/*
 * The contract between the module and every store. A backend is a dictionary from scope key to
 * record; it knows nothing of PKCS#11. backends/memory/memory.c is the smallest one and the one to
 * copy; tests/contract is the suite that every backend passes.
 *
 *  ownership   Arguments are borrowed for the call. An out record comes in zero-initialized or
 *              holding an older record (which is dropped), and is empty after an error.
 *  keys        Valid full scope keys (store/scope.h), NUL-terminated; the caller has checked them.
 *  values      1 byte or more, any bytes. An empty value that is read back is CORRUPT.
 *  threads     All members but open and close may run at the same time on one ctx. The caller
 *              holds no lock, and a backend holds none of its own across I/O that can wait.
 *  time        Each call returns within the token's `timeout_ms` (login: `login_timeout_ms`).
 *  all or      A write or remove that returns an error has changed nothing. Where a store cannot
 *  nothing     tell (the reply was lost), the error is TIMEOUT or UNAVAILABLE.
 *  durable     A write or remove that returned STORE_OK survives kill -9 and, as far as the store
 *              promises it, a power cut.
 *  prompts     None, but in login.
 *  errors      Logged once, by the backend, with the remedy. NOT_FOUND, NO_VALUE, CONFLICT and
 *              UNCHANGED are ordinary answers and are not logged.
 *  fork        A child neither uses nor closes its parent's ctx.
 */

/* Room for a version with its NUL. */
#define STORE_VERSION_SIZE 72

/* What a store knows of one secret. */
struct store_record {
    struct store_secret value; /* empty where a listing does not carry values */
    int64_t created_ns;        /* store/time.h; 0: the store does not say */
    int64_t updated_ns;
    bool stale; /* an expired value, served because the store is unreachable */
    char version[STORE_VERSION_SIZE]; /* opaque text that differs after each write; never "0";
                                         "": the store has none, or a listing or a bulk read does
                                         not carry it */
};

/* Drops the value and empties the rest. Idempotent. */
void store_record_clear(struct store_record *record);

/* Takes another reference to the value and copies the rest; `out`'s old content is dropped. */
void store_record_share(struct store_record *out, const struct store_record *from);

#define AUTO_RECORD __attribute__((cleanup(store_record_clear))) struct store_record

/* Gets one secret of a listing or a bulk read. Everything is borrowed for the call (take the value
 * with store_secret_share, which is cheap). `record` is NULL when the listing knows only keys. Must
 * not call back into the store. An error ends the listing and is returned by it. In a bulk read
 * `err` says how this key fared, and `record` is NULL unless it is STORE_OK; a listing gives OK. */
typedef enum store_err store_each_fn(void *arg, const char *key, enum store_err err,
                                     const struct store_record *record);

/* How a store is, for people. */
struct store_health {
    enum store_err err; /* OK, or what an operation would fail with */
    char text[256];     /* what is wrong, or a word on what it is connected to; no values */
    char remedy[256];   /* what to do about it; "" when nothing is wrong */
};

struct store_ctx; /* each backend's own */

struct store_backend {
    /* Makes a ctx from settings; keeps `conf`, which outlives it. Quick: no network, no waiting, no
     * prompt; a store that cannot be reached is found out by the first call that needs it. */
    enum store_err (*open)(struct store_ctx **out, const struct store_conf *conf);

    /* Frees the ctx and wipes what it held. Accepts NULL. No other call is running. */
    void (*close)(struct store_ctx *ctx);

    /* The secret under `key`: value and all that is known. NOT_FOUND only if the store answered
     * that it is not there; NO_VALUE if it is, and has no value yet. */
    enum store_err (*read)(struct store_ctx *ctx, const char *key, struct store_record *out);

    /* Optional: several secrets in as few requests as the store allows; `each` once per key, in any
     * order. One key's error is that key's alone. Times and version may be left out (0, ""), all of
     * them, where they would cost a request for each key, but not by a store that is cached. Where
     * absent, the caller reads one by one. */
    enum store_err (*read_many)(struct store_ctx *ctx, const char *const *keys, size_t count,
                                store_each_fn *each, void *arg);

    /* The secrets whose key starts with `prefix`, which is "" or ends in '/' and then names whole
     * parts ("org/", "org/acme/"). Only keys that are valid scope keys, each once, in any order.
     * `generation` (may be NULL): in, what the caller's last listing with the same prefix gave, or
     * 0; out, what stands for this state, or 0 when the store cannot tell. If nothing has changed
     * since, UNCHANGED may be returned without calling `each`. */
    enum store_err (*list)(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                           store_each_fn *each, void *arg);

    /* Optional (absent: the store is read-only). Creates or replaces, keeping created_at. With
     * `if_version` NULL whatever was there is replaced; "0": only if there is nothing, or a secret
     * that has no value yet; else only if the current version is that; otherwise CONFLICT. `out`
     * (may be NULL) gets the new record without its value. */
    enum store_err (*write)(struct store_ctx *ctx, const char *key,
                            const struct store_secret *value, const char *if_version,
                            struct store_record *out);

    /* Optional, present exactly when write is. NOT_FOUND if there was nothing. `if_version` as for
     * write (never "0"). */
    enum store_err (*remove)(struct store_ctx *ctx, const char *key, const char *if_version);

    /* Optional: ends the state in which secrets are CORRUPT because a part of the store was damaged
     * and has been replaced: what is not there now is NOT_FOUND. OK, too, if there is no such
     * state. Only ever done because a person asks for it. */
    enum store_err (*accept_loss)(struct store_ctx *ctx);

    /* Optional: unlocks a store that answered LOCKED; may prompt, within its own deadline. `pin` is
     * empty unless the user gave one. DENIED for a wrong one, CANCELED for a dismissed prompt. */
    enum store_err (*login)(struct store_ctx *ctx, const struct store_secret *pin);

    /* Optional: forgets credentials got by login and every cached value. */
    void (*logout)(struct store_ctx *ctx);

    /* Optional: looks whether the store works, as far as that is possible without changing or
     * reading a secret; may take up to the deadline. Where absent, the store is always well. */
    void (*health)(struct store_ctx *ctx, struct store_health *out);

    /* Needed in front of a cache alone: looks whether a store that did not answer works again, for
     * a caller that does not wait. Begins a test if none runs, and gives the outcome of one that is
     * over: what `health` would find. UNCHANGED: it runs. `wait_ns`: how long after its beginning
     * it may be waited for. Logs nothing of what the test finds. */
    enum store_err (*probe)(struct store_ctx *ctx, int64_t wait_ns);
};

/* How long what is written lasts. */
enum store_persistence {
    STORE_PERSISTENT,
    STORE_UNTIL_REBOOT,
    STORE_UNTIL_EXIT,
};

/* Where a backend runs, and what is in front of it. */
enum store_side {
    STORE_IN_PROCESS,      /* in the module */
    STORE_IN_STORE_PROCESS /* in sideseat-store, spoken to over a socket */
};

/* One row of the registry (store/registry.c). */
struct store_registration {
    const char *name; /* as in the setting `backend` */
    enum store_persistence persistence;
    enum store_side side;
    bool read_only;
    bool cached;             /* the value cache stands in front of it */
    bool watched;            /* the store process looks at its health every 60 s */
    const char *description; /* for the texts of the token and of `status` */
    const char *program;     /* the store program made for this backend, a file name; NULL: none, so
                                sideseat-store, which runs every backend */
    const struct store_backend *backend; /* NULL where this program cannot run it */
};

/* The row for a name; NULL if this build has no such backend. */
const struct store_registration *store_registry_find(const char *name);

/* Row `index`, NULL past the last: for messages that list what there is. */
const struct store_registration *store_registry_at(size_t index);

/* An opened store: the backend as configured, with the store process and the cache between, if
 * they belong there. */
struct store {
    const struct store_backend *backend;
    struct store_ctx *ctx;
    const struct store_registration *registration;
};

/* Opens what `conf` names; `conf` outlives it. BAD_CONF (logged) if this program cannot run it. */
enum store_err store_open(struct store *out, const struct store_conf *conf) STORE_CHECKED;

/* As store_open, on the given side whatever the registry says, and without the cache: for the store
 * process itself, and for the tests that run every backend on both sides. */
enum store_err store_open_at(struct store *out, const struct store_conf *conf,
                             enum store_side side) STORE_CHECKED;

/* Closes it and leaves it empty. Idempotent. */
void store_close(struct store *store);

#endif
