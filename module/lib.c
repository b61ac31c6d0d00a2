/* SPDX-License-Identifier: Apache-2.0 */
#include "module/lib.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "module/arguments.h"
#include "module/audit.h"
#include "store/conf.h"
#include "store/log.h"
#include "store/pages.h"
#include "store/secret.h"
#include "store/thread.h"
#include "store/time.h"

#define GATE_SIZE 4096 /* one page, so that the kernel can wipe it on fork by itself */
#define GATE_BITS 4
#define GATE_SHARDS (1 << GATE_BITS)

/* One counter per cache line, so that threads do not write to the same one. */
struct gate_shard {
    _Alignas(64) atomic_ulong inside;
};

/* The state that must be zero in a forked child. Where the kernel zeroes it, a zeroed mutex is an
 * unlocked one. */
struct gate {
    _Atomic(struct lib *) lib;
    pthread_mutex_t change;   /* for C_Initialize and C_Finalize */
    atomic_int wiped_on_fork; /* true if the kernel zeroes this page in a forked child */
    atomic_int pid;           /* the process that owns the library, if the kernel does not */
    struct gate_shard shards[GATE_SHARDS];
};

_Static_assert(sizeof(struct gate) <= GATE_SIZE, "the gate is one page");

static union {
    struct gate gate;
    unsigned char page[GATE_SIZE];
} area __attribute__((aligned(GATE_SIZE))) = {.gate.change = PTHREAD_MUTEX_INITIALIZER};

/* Lets a leak checker in a forked child reach the parent's library, which the child must not
 * free. */
static struct lib *abandoned;

static atomic_ulong *shard_of_thread(void)
{
    return &area.gate.shards[store_thread_part(GATE_BITS)].inside;
}

struct lib *lib_enter(void)
{
    atomic_ulong *inside;
    struct lib *lib;

    /* Late calls do not count themselves: they would keep C_Finalize waiting. */
    if (atomic_load_explicit(&area.gate.lib, memory_order_relaxed) == NULL)
        return NULL;
    inside = shard_of_thread();
    atomic_fetch_add(inside, 1);
    lib = atomic_load(&area.gate.lib);
    if (lib != NULL && !atomic_load_explicit(&area.gate.wiped_on_fork, memory_order_relaxed) &&
        atomic_load_explicit(&area.gate.pid, memory_order_relaxed) != getpid())
        lib = NULL;
    if (lib == NULL)
        atomic_fetch_sub(inside, 1);
    return lib;
}

void lib_leave(struct lib **lib)
{
    if (*lib != NULL)
        atomic_fetch_sub(shard_of_thread(), 1);
}

/* Waits until the last call has left. Each call has a deadline of its own. */
static void wait_until_empty(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (size_t i = 0; i < GATE_SHARDS; i++)
        while (atomic_load(&area.gate.shards[i].inside) != 0)
            nanosleep(&pause, NULL);
}

static void lib_free(struct lib *lib)
{
    session_table_free(&lib->sessions);
    for (size_t i = 0; i < lib->token_count; i++)
        token_free(&lib->tokens[i]);
    store_thread_free(lib->tokens);
    store_audits_close(&lib->audits);
    crypto_free(&lib->crypto);
    store_conf_free(lib->conf);
    free(lib);
}

/* Makes a library from the configuration and `arguments`; opens no store. */
static CK_RV lib_new(struct lib **out, const char *arguments)
{
    struct lib *lib = calloc(1, sizeof *lib);
    enum store_err err;

    if (lib == NULL)
        return CKR_HOST_MEMORY;
    err = store_conf_load(&lib->conf, arguments);
    if (err == STORE_OK) {
        lib->token_count = store_conf_count(lib->conf);
        lib->tokens =
            store_thread_calloc(_Alignof(struct token), lib->token_count, sizeof *lib->tokens);
        err = lib->tokens == NULL ? STORE_NO_MEMORY : STORE_OK;
    }
    if (err != STORE_OK) {
        store_conf_free(lib->conf);
        free(lib);
        if (err == STORE_NO_MEMORY)
            return CKR_HOST_MEMORY;
        return arguments != NULL ? CKR_ARGUMENTS_BAD : CKR_SIDESEAT_MISCONFIGURED;
    }
    session_table_init(&lib->sessions);
    crypto_init(&lib->crypto);
    for (size_t i = 0; i < lib->token_count; i++) {
        struct token *token = &lib->tokens[i];
        if (!token_init(token, (CK_SLOT_ID)i + 1, store_conf_at(lib->conf, i)) ||
            audit_open(&lib->audits, token->conf, &token->audit) != STORE_OK)
            err = STORE_NO_MEMORY;
    }
    if (err != STORE_OK) {
        lib_free(lib);
        return CKR_HOST_MEMORY;
    }
    *out = lib;
    return CKR_OK;
}

/* PKCS#11 3.0, 5.4.1: the host gives all four mutex functions or none. Functions without
 * CKF_OS_LOCKING_OK ask for locks other than the system's, which this module does not have.
 * Without either the module locks all the same: a single-threaded host does not notice. */
static CK_RV check_locking(const CK_C_INITIALIZE_ARGS *args)
{
    int given = (args->CreateMutex != NULL) + (args->DestroyMutex != NULL) +
                (args->LockMutex != NULL) + (args->UnlockMutex != NULL);

    if (given != 0 && given != 4)
        return CKR_ARGUMENTS_BAD;
    if (given == 4 && (args->flags & CKF_OS_LOCKING_OK) == 0)
        return CKR_CANT_LOCK;
    return CKR_OK;
}

/* Empties the gate in a forked child if the kernel has not zeroed it. */
static void forget_parent(void)
{
    struct lib *lib = atomic_load(&area.gate.lib);

    if (lib != NULL && atomic_load(&area.gate.pid) != getpid()) {
        atomic_store(&area.gate.lib, NULL);
        for (size_t i = 0; i < GATE_SHARDS; i++)
            atomic_store(&area.gate.shards[i].inside, 0);
    }
}

CK_RV lib_initialize(const CK_C_INITIALIZE_ARGS *args)
{
    char *arguments = NULL;
    struct lib *lib = NULL;
    CK_RV rv = args == NULL ? CKR_OK : check_locking(args);
    bool wiped;

    if (rv != CKR_OK)
        return rv;
    /* before the lock: another thread may fork while this one holds it */
    wiped = store_pages_wipe_on_fork(&area, sizeof area);
    pthread_mutex_lock(&area.gate.change);
    forget_parent();
    if (atomic_load(&area.gate.lib) != NULL) {
        pthread_mutex_unlock(&area.gate.change);
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    }
    store_log_open(store_conf_log_level(), store_conf_log_file());
    if (args != NULL && args->pReserved != NULL)
        rv = arguments_copy(args->pReserved, &arguments);
    if (rv == CKR_OK)
        rv = lib_new(&lib, arguments);
    if (arguments != NULL) /* they may contain a token */
        store_wipe(arguments, strlen(arguments));
    free(arguments);
    if (rv == CKR_OK) {
        atomic_store(&area.gate.wiped_on_fork, wiped);
        atomic_store(&area.gate.pid, getpid());
        abandoned = lib;
        atomic_store(&area.gate.lib, lib);
    } else {
        store_log_close();
    }
    pthread_mutex_unlock(&area.gate.change);
    return rv;
}

CK_RV lib_finalize(void)
{
    struct lib *lib;

    pthread_mutex_lock(&area.gate.change);
    forget_parent();
    lib = atomic_exchange(&area.gate.lib, NULL);
    if (lib != NULL) {
        wait_until_empty();
        abandoned = NULL;
        lib_free(lib);
        store_secret_trim();
        store_log_close();
    }
    pthread_mutex_unlock(&area.gate.change);
    return lib == NULL ? CKR_CRYPTOKI_NOT_INITIALIZED : CKR_OK;
}

/* A host may end without C_Finalize; its last uses are written all the same. */
__attribute__((destructor)) static void write_audit(void)
{
    struct lib *lib = lib_enter();

    if (lib != NULL)
        store_audits_flush(&lib->audits, store_time_monotonic() + STORE_TIME_S);
    lib_leave(&lib);
}

struct token *lib_token(struct lib *lib, CK_SLOT_ID slot)
{
    if (slot == 0 || slot > lib->token_count)
        return NULL;
    return &lib->tokens[slot - 1];
}
