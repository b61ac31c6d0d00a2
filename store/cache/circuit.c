/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cache/circuit.h"

#include "store/cache/context.h"
#include "store/log.h"
#include "store/time.h"

/* The time from one test to the next. */
#define TEST_NS STORE_TIME_S
/* How long one call waits for a test. */
#define WAIT_NS (250 * STORE_TIME_MS)
/* The longest time between tests of a store that passes them and answers no call. */
#define BACKOFF_MAX_NS (60 * STORE_TIME_S)
/* The log shows outages that follow one another faster than this as one. */
#define QUIET_NS (5 * STORE_TIME_S)

void circuit_init(struct circuit *circuit)
{
    *circuit = (struct circuit){.reason = STORE_OK, .calm = true};
    pthread_mutex_init(&circuit->lock, NULL);
}

void circuit_free(struct circuit *circuit)
{
    pthread_mutex_destroy(&circuit->lock);
}

bool circuit_opens(enum store_err err)
{
    return err == STORE_UNAVAILABLE || err == STORE_TIMEOUT;
}

/* True if the outcome proves that the store has answered. */
static bool is_answer(enum store_err err)
{
    switch (err) {
    case STORE_OK:
    case STORE_NOT_FOUND:
    case STORE_CONFLICT:
    case STORE_LOCKED:
    case STORE_DENIED:
    case STORE_AUTH:
    case STORE_CORRUPT:
    case STORE_NO_VALUE:
    case STORE_UNCHANGED:
        return true;
    default:
        return false;
    }
}

/* The circuit is locked. */
static void open_it(struct store_ctx *ctx, enum store_err reason)
{
    struct circuit *circuit = &ctx->circuit;
    int64_t now = ctx->now();

    if (atomic_exchange(&circuit->reason, reason) != STORE_OK)
        return;
    circuit->test_ns = now + circuit->backoff_ns;
    if (circuit->told_ns != 0 && now - circuit->told_ns < QUIET_NS)
        return;
    circuit->told = true;
    if (atomic_load(&ctx->shards.entries) == 0 || ctx->stale_ns == 0) {
        store_log(STORE_LOG_INFO, "cache: the store of token \"%s\" does not answer",
                  store_conf_label(ctx->conf));
        return;
    }
    store_log(STORE_LOG_WARNING,
              "cache: the store of token \"%s\" does not answer; values that were read before "
              "are served for up to %ld s past their time (cache.stale_s)",
              store_conf_label(ctx->conf), (long)(ctx->stale_ns / STORE_TIME_S));
}

/* The circuit is locked. */
static void close_it(struct store_ctx *ctx)
{
    struct circuit *circuit = &ctx->circuit;

    if (atomic_exchange(&circuit->reason, STORE_OK) == STORE_OK)
        return;
    if (!circuit->told)
        return;
    circuit->told = false;
    circuit->told_ns = ctx->now();
    store_log(STORE_LOG_WARNING, "cache: the store of token \"%s\" answers again",
              store_conf_label(ctx->conf));
}

/* For a store that passes tests but not calls: makes tests rarer, since each one that passes costs
 * a caller its deadline. The circuit is locked. */
static void back_off(struct circuit *circuit)
{
    if (!circuit->passed || atomic_load(&circuit->reason) != STORE_OK)
        return;
    circuit->backoff_ns = circuit->backoff_ns * 2 + TEST_NS;
    if (circuit->backoff_ns > BACKOFF_MAX_NS)
        circuit->backoff_ns = BACKOFF_MAX_NS;
}

void circuit_note(struct store_ctx *ctx, enum store_err err)
{
    struct circuit *circuit = &ctx->circuit;
    bool opens = circuit_opens(err);

    if (!opens && (!is_answer(err) || atomic_load_explicit(&circuit->calm, memory_order_relaxed)))
        return;
    pthread_mutex_lock(&circuit->lock);
    atomic_store(&circuit->calm, !opens);
    if (opens) {
        if (err == STORE_TIMEOUT)
            back_off(circuit);
        open_it(ctx, err);
    } else {
        close_it(ctx);
        circuit->passed = false;
        circuit->backoff_ns = 0;
    }
    pthread_mutex_unlock(&circuit->lock);
}

/* Begins a test or polls the one that runs. The circuit is unlocked for that time. */
static void run_test(struct store_ctx *ctx, bool hurried)
{
    struct circuit *circuit = &ctx->circuit;
    enum store_err err;

    circuit->polling = true;
    pthread_mutex_unlock(&circuit->lock);
    err = ctx->backend->probe(ctx->inner, hurried ? 0 : WAIT_NS);
    pthread_mutex_lock(&circuit->lock);
    circuit->polling = false;
    circuit->testing = err == STORE_UNCHANGED;
    circuit->test_ns = ctx->now() + TEST_NS;
    if (circuit->testing || !is_answer(err))
        return;
    circuit->passed = true;
    close_it(ctx);
}

enum store_err circuit_check(struct store_ctx *ctx, bool hurried)
{
    struct circuit *circuit = &ctx->circuit;
    enum store_err reason;

    if (!circuit_is_open(circuit))
        return STORE_OK;
    pthread_mutex_lock(&circuit->lock);
    if (!circuit->polling && (circuit->testing || ctx->now() >= circuit->test_ns))
        run_test(ctx, hurried);
    reason = atomic_load(&circuit->reason);
    pthread_mutex_unlock(&circuit->lock);
    return reason;
}

void circuit_reset(struct circuit *circuit)
{
    pthread_mutex_lock(&circuit->lock);
    atomic_store(&circuit->reason, STORE_OK);
    circuit->told = circuit->passed = false;
    circuit->backoff_ns = 0;
    pthread_mutex_unlock(&circuit->lock);
}
