/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/conf.h"
#include "store/err.h"
#include "store/secret.h"
#include "store/version.h"

/*
 * The contract between the module and every store. A backend is a dictionary from scope key to
 * record; it knows nothing of PKCS#11. backends/memory/memory.c is the smallest one and the one to
 * copy; tests/contract is the suite that every backend passes.
 *
 *  ownership   Arguments are borrowed for the call. An out record arrives zero-initialized or
 *              holding an older record (which is dropped), and is empty after an error.
 *  keys        Valid full scope keys (store/scope.h), NUL-terminated; the caller has checked them.
 *  values      1 byte or more, any bytes. An empty value that is read back is CORRUPT.
 *  threads     All members but open and close may run at the same time on one ctx. The caller
 *              holds no lock, and a backend holds none of its own across I/O that can wait.
 *  time        Each call returns within the token's `timeout_ms` (login and lock:
 *              `login_timeout_ms`).
 *  all or      A write or remove that returns an error has changed nothing. Where a store cannot
 *  nothing     tell (the reply was lost), the error is TIMEOUT or UNAVAILABLE.
 *  durable     A write or remove that returned STORE_OK survives kill -9 and, as far as the store
 *              promises it, a power failure.
 *  prompts     Only in login and lock.
 *  errors      Logged once, by the backend, with the remedy. NOT_FOUND, NO_VALUE, CONFLICT and
 *              UNCHANGED are ordinary answers and are not logged.
 *  fork        A child neither uses nor closes its parent's ctx.
 */

/* A store's knowledge of one secret. */
struct store_record {
    struct store_secret value; /* empty if a listing does not carry values */
    int64_t created_ns;        /* store/time.h; 0 if the store does not say */
    int64_t updated_ns;
    bool stale;   /* an expired value, served because the store is unreachable */
    bool audited; /* the store process has noted for its audit that it gave this out */
    char version[STORE_VERSION_SIZE]; /* opaque text that differs after each write; never "0"
                                         or STORE_VERSION_ANY; "": the store has none, or a listing
                                         or a bulk read does not carry it */
};

/* Drops the value and empties the rest. Idempotent. */
void store_record_clear(struct store_record *record);

/* Makes `out` a copy of `from` that shares its value; drops the old content of `out`. */
void store_record_share(struct store_record *out, const struct store_record *from);

#define AUTO_RECORD __attribute__((cleanup(store_record_clear))) struct store_record

/* Receives one secret of a listing or a bulk read. Everything is borrowed for the call
 * (store_secret_share keeps the value at little cost). `record` is NULL if the listing knows
 * only keys. Must not call the store. An error ends the listing, which returns it. In a bulk
 * read `err` is the result for this key, and `record` is NULL unless that is STORE_OK; a listing
 * passes STORE_OK. */
typedef enum store_err store_each_fn(void *arg, const char *key, enum store_err err,
                                     const struct store_record *record);

/* The health of a store, for people. */
struct store_health {
    enum store_err err; /* OK, or the error that an operation would return */
    char text[256];     /* the fault, or the connection in a few words; never a value */
    char remedy[256];   /* the remedy; "" if there is no fault */
};

/* One thing that `examine` has looked at, for people. An `err` of OK with a remedy is a hint. */
struct store_finding {
    char what[24]; /* "capabilities", "file" */
    enum store_err err;
    char text[256]; /* never a value */
    char remedy[256];
};

typedef void store_finding_fn(void *arg, const struct store_finding *finding);

/* Passes a finding with this text to `each`. */
void store_finding_tell(store_finding_fn *each, void *arg, const char *what, enum store_err err,
                        const char *remedy, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

struct store_ctx; /* each backend defines it */

struct store_backend {
    /* Makes a ctx from settings; keeps `conf`, which outlives it. Quick: no network, no wait, no
     * prompt. The first call that needs an unreachable store reports it. */
    enum store_err (*open)(struct store_ctx **out, const struct store_conf *conf);

    /* Frees the ctx and wipes its secrets. Accepts NULL. No other call is running. */
    void (*close)(struct store_ctx *ctx);

    /* Reads the secret under `key`: the value and everything else known about it. NOT_FOUND only
     * if the store answered that it does not exist; NO_VALUE if it exists without a value. */
    enum store_err (*read)(struct store_ctx *ctx, const char *key, struct store_record *out);

    /* Optional: reads several secrets in as few requests as the store allows; calls `each` once
     * per key, in any order. An error of one key concerns that key alone. If times and versions
     * would cost a request for each key, the backend may omit all of them (0, ""), unless the
     * store is cached. Where absent, the caller reads one by one. */
    enum store_err (*read_many)(struct store_ctx *ctx, const char *const *keys, size_t count,
                                store_each_fn *each, void *arg);

    /* Lists the secrets whose key starts with `prefix`, which is "" or ends in '/' and then
     * names whole parts ("org/", "org/acme/"): valid scope keys only, each once, in any order.
     * `generation` (may be NULL) holds the result of the caller's last listing with the same
     * prefix, or 0; the backend sets it to a number for the current state, or 0 if the store
     * cannot tell. If nothing has changed since, the backend may return UNCHANGED without
     * calling `each`. */
    enum store_err (*list)(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                           store_each_fn *each, void *arg);

    /* Optional (absent: the store is read-only). Creates or replaces a secret and keeps
     * created_at. `if_version` NULL: always; "0": only if there is no secret, or one without a
     * value; STORE_VERSION_ANY: only if there is one, also without a value, otherwise NOT_FOUND;
     * else only if the current version is that one; otherwise CONFLICT. `out` (may be NULL) gets
     * the new record without its value. */
    enum store_err (*write)(struct store_ctx *ctx, const char *key,
                            const struct store_secret *value, const char *if_version,
                            struct store_record *out);

    /* Optional, present exactly when write is. NOT_FOUND if there is no such secret.
     * `if_version` as for write (never "0" or STORE_VERSION_ANY). */
    enum store_err (*remove)(struct store_ctx *ctx, const char *key, const char *if_version);

    /* The next five are optional, and present together: the store keeps the versions that a write
     * replaces. */

    /* Fills `out` (empty) with the versions of a secret, the newest first, and says whether remove
     * would destroy them. NOT_FOUND if the store keeps none. A deleted secret has some, unless they
     * were destroyed with it. */
    enum store_err (*versions)(struct store_ctx *ctx, const char *key, struct store_versions *out);

    /* Reads one version. NOT_FOUND if there is none with this id, or it is deleted or destroyed. */
    enum store_err (*read_version)(struct store_ctx *ctx, const char *key, const char *id,
                                   struct store_record *out);

    /* Deletes the secret as remove does, but keeps its versions, which restore can bring back. A
     * listing may go on to name the secret. NOT_FOUND if there is no such secret. */
    enum store_err (*retire)(struct store_ctx *ctx, const char *key);

    /* Makes a deleted version readable again; the newest one is then the secret's value. Nothing
     * changes if it is not deleted. NOT_FOUND if it does not exist or was destroyed. */
    enum store_err (*restore)(struct store_ctx *ctx, const char *key, const char *id);

    /* Removes the secret, deleted or not, with all its versions, for good. NOT_FOUND if the store
     * keeps none. */
    enum store_err (*destroy)(struct store_ctx *ctx, const char *key);

    /* Optional: accepts the loss of secrets. After a damaged part of the store has been
     * replaced, secrets that it lacks are CORRUPT; from now on they are NOT_FOUND. OK, too, if
     * the store has no damage; CORRUPT if this call is the first to find it, since nobody can
     * have seen the loss yet. Only a person asks for this. */
    enum store_err (*accept_loss)(struct store_ctx *ctx);

    /* Optional: unlocks a store that answered LOCKED; may prompt, within its own deadline. `pin`
     * is empty unless the user gave one. DENIED for a wrong PIN, CANCELED for a dismissed
     * prompt. */
    enum store_err (*login)(struct store_ctx *ctx, const struct store_secret *pin);

    /* Optional: forgets credentials from login and every cached value. */
    void (*logout)(struct store_ctx *ctx);

    /* Optional: locks the store again, for every program that uses it. OK, too, if it is locked
     * already; UNSUPPORTED if this store has no lock. Only a person asks for this. */
    enum store_err (*lock)(struct store_ctx *ctx);

    /* Optional: tests whether the store works, as far as possible without reading or changing a
     * secret; may take up to the deadline. Where absent, the store is always healthy. */
    void (*health)(struct store_ctx *ctx, struct store_health *out);

    /* Optional: looks at what health does not need: rights, modes of files, services, versions.
     * For people who ask for it; may take up to the deadline, and reads and changes no secret. */
    void (*examine)(struct store_ctx *ctx, store_finding_fn *each, void *arg);

    /* Only for a cache: tests whether a store that did not answer works again, for a caller that
     * does not wait. Starts a test if none runs, and gives the result of a finished one, as
     * `health` would. UNCHANGED: a test is running. `wait_ns`: how long after its start a caller
     * may wait for it. Logs none of the test's findings. */
    enum store_err (*probe)(struct store_ctx *ctx, int64_t wait_ns);
};

/* The lifetime of a stored secret. */
enum store_persistence {
    STORE_PERSISTENT,
    STORE_UNTIL_REBOOT,
    STORE_UNTIL_EXIT,
};

/* The process that runs a backend. */
enum store_side {
    STORE_IN_PROCESS,      /* in the module */
    STORE_IN_STORE_PROCESS /* in sideseat-store, reached over a socket */
};

/* One row of the registry (store/registry.c). */
struct store_registration {
    const char *name; /* as in the setting `backend` */
    enum store_persistence persistence;
    enum store_side side;
    bool read_only;
    bool cached;                         /* the value cache stands in front of it */
    bool watched;                        /* the store process checks its health every 60 s */
    const char *description;             /* for the texts of the token and of `status` */
    const char *system;                  /* the one operating system that has this store; NULL:
                                            every system */
    const char *program;                 /* the file name of this backend's own store program; NULL:
                                            sideseat-store, which runs every backend */
    const struct store_backend *backend; /* NULL if this program cannot run it */
};

/* The row for a name; NULL if this build has no such backend. */
const struct store_registration *store_registry_find(const char *name);

/* Row `index`, NULL past the last: for messages that list the backends. */
const struct store_registration *store_registry_at(size_t index);

/* An open store: the configured backend, behind the store process and the cache if its row asks
 * for them. */
struct store {
    const struct store_backend *backend;
    struct store_ctx *ctx;
    const struct store_registration *registration;
};

/* Opens the store that `conf` names; `conf` outlives it. BAD_CONF (logged) if this program
 * cannot run it. */
enum store_err store_open(struct store *out, const struct store_conf *conf) STORE_CHECKED;

/* As store_open, but on the given side and without the cache: for the store process itself, and
 * for the tests that run every backend on both sides. */
enum store_err store_open_at(struct store *out, const struct store_conf *conf,
                             enum store_side side) STORE_CHECKED;

/* Closes the store and leaves it empty. Idempotent. */
void store_close(struct store *store);

#endif
