/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/keyutils/keyutils.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/keyutils/edition.h"
#include "backends/keyutils/quota.h"
#include "backends/keyutils/ring.h"
#include "store/log.h"
#include "store/scope.h"
#include "store/time.h"

/* The kernel's limit for the payload of a user key (keyrings(7)). */
#define VALUE_MAX 32767

/* A value of up to this size is read in one call. */
#define VALUE_USUAL 1024

struct store_ctx {
    struct ring ring;
    long timeout_ms;
};

static void describe(const char *key, char out[RING_DESCRIPTION_SIZE])
{
    snprintf(out, RING_DESCRIPTION_SIZE, "%s%s", RING_KEY_PREFIX, key);
}

static enum store_err keyutils_open(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);

    if (ctx == NULL)
        return STORE_NO_MEMORY;
    ctx->ring.name = store_conf_text(conf, "keyutils.keyring");
    ctx->timeout_ms = store_conf_number(conf, "timeout_ms");
    *out = ctx;
    return STORE_OK;
}

static void keyutils_close(struct store_ctx *ctx)
{
    free(ctx);
}

/* How often a search meets a key that another writer replaces at that moment. */
#define SEARCHES 10

/* Finds the key of the secret; NOT_FOUND, and 0 in `out`, if there is none. A replaced key leaves
 * the keyring before it is revoked, so a revoked one that is met again and again was not replaced.
 */
static enum store_err find(key_serial_t ring, const char *key, key_serial_t *out)
{
    char description[RING_DESCRIPTION_SIZE];
    long found = -1;

    *out = 0;
    describe(key, description);
    errno = EKEYREVOKED;
    for (int i = 0; found < 0 && errno == EKEYREVOKED && i < SEARCHES; i++)
        found = keyctl_search(ring, "user", description, 0);
    if (found < 0)
        return ring_failed("search the keyring");
    *out = (key_serial_t)found;
    return STORE_OK;
}

/* A version is the serial number of the key: a new value is a new key. If a second key had no room
 * and the value was replaced in place, the key's edition follows. */
static enum store_err set_version(struct store_record *record, key_serial_t ring,
                                  key_serial_t serial)
{
    uint32_t edition = 0;

    if (serial != 0)
        TRY(edition_read(ring, serial, &edition));
    if (edition == 0)
        snprintf(record->version, sizeof record->version, "%d", serial);
    else
        snprintf(record->version, sizeof record->version, "%d.%u", serial, edition);
    return STORE_OK;
}

/* Reads one key's payload, in one call unless it is unusually large. */
static enum store_err read_key(key_serial_t key, struct store_secret *out)
{
    AUTO_SECRET value = {0};
    size_t size = VALUE_USUAL;
    unsigned char *bytes;
    long len;

    TRY(store_secret_resize(&value, size, &bytes));
    len = keyctl_read(key, (char *)bytes, size);
    if (len > (long)size) { /* the kernel has returned only that */
        size = (size_t)len;
        TRY(store_secret_resize(&value, size, &bytes));
        len = keyctl_read(key, (char *)bytes, size);
    }
    if (len < 0)
        return ring_failed("read a key");
    if ((size_t)len > size) /* another program updates keys in place; the next round gets it */
        return STORE_NOT_FOUND;
    return store_secret_set(out, bytes, (size_t)len); /* in just the room that it needs */
}

static int64_t deadline_of(const struct store_ctx *ctx)
{
    return store_time_monotonic() + ctx->timeout_ms * STORE_TIME_MS;
}

/* OK while the caller may search again for a key that was replaced before its use; then TIMEOUT,
 * logged. */
static enum store_err may_retry(const char *key, int64_t deadline_ns)
{
    if (store_time_monotonic() < deadline_ns)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "keyutils: other processes keep replacing %s; find them with: keyctl show @u", key);
    return STORE_TIMEOUT;
}

static enum store_err keyutils_read(struct store_ctx *ctx, const char *key,
                                    struct store_record *out)
{
    AUTO_RECORD record = {0};
    int64_t deadline_ns = deadline_of(ctx);
    enum store_err err;
    key_serial_t found;
    key_serial_t ring;

    store_record_clear(out);
    TRY(ring_find(&ctx->ring, false, &ring));
    for (;;) {
        TRY(find(ring, key, &found));
        /* before the value: the version of a finished write then implies its value */
        TRY(set_version(&record, ring, found));
        err = read_key(found, &record.value);
        if (err != STORE_NOT_FOUND)
            break;
        TRY(may_retry(key, deadline_ns));
    }
    TRY(err);
    if (record.value.len == 0) {
        store_log(STORE_LOG_ERROR, "keyutils: %s is empty, which a secret cannot be; delete it",
                  key);
        return STORE_CORRUPT;
    }
    store_record_share(out, &record);
    return STORE_OK;
}

struct listing {
    const char *prefix;
    store_each_fn *each; /* NULL: only count */
    void *arg;
    size_t unnamed;
};

static enum store_err list_one(void *arg, key_serial_t key, const char *description)
{
    struct listing *listing = arg;
    const char *name = description + strlen(RING_KEY_PREFIX);

    (void)key;
    if (strncmp(description, RING_KEY_PREFIX, strlen(RING_KEY_PREFIX)) != 0)
        return STORE_OK;
    if (store_scope_parse(name, strlen(name), NULL) != STORE_OK) {
        listing->unnamed++;
        return STORE_OK;
    }
    if (listing->each == NULL || strncmp(name, listing->prefix, strlen(listing->prefix)) != 0)
        return STORE_OK;
    return listing->each(listing->arg, name, STORE_OK, NULL);
}

static enum store_err keyutils_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                    store_each_fn *each, void *arg)
{
    struct listing listing = {.prefix = prefix, .each = each, .arg = arg};
    key_serial_t ring;
    enum store_err err = ring_find(&ctx->ring, false, &ring);

    if (generation != NULL)
        *generation = 0;
    if (err == STORE_NOT_FOUND)
        return STORE_OK;
    TRY(err);
    TRY(ring_each(ring, list_one, &listing));
    store_scope_warn_unnamed("keyutils", listing.unnamed);
    return STORE_OK;
}

/* CONFLICT or NOT_FOUND unless the secret has the version that a change asks for; `old` gets its
 * key, 0 for none. */
static enum store_err compare(key_serial_t ring, const char *key, const char *if_version,
                              key_serial_t *old)
{
    enum store_err err = find(ring, key, old);
    struct store_record now = {0};

    if (err != STORE_OK && err != STORE_NOT_FOUND)
        return err;
    if (if_version == NULL)
        return STORE_OK;
    if (*old != 0)
        TRY(edition_settle(ring, *old));
    TRY(set_version(&now, ring, *old)); /* "0" if there is none */
    return store_version_check(if_version, *old != 0, now.version);
}

/* Makes a new key for the value and puts it in the place of `old`, 0 for none. FULL if that leaves
 * too little of the quota; not logged if there is an old one. */
static enum store_err put_beside(key_serial_t ring, const char *description,
                                 const struct store_secret *value, key_serial_t old,
                                 key_serial_t *now)
{
    struct edition_room room = {0};
    enum store_err err;

    TRY(edition_hold(&room, ring, old != 0, old != 0));
    err = ring_make_key(description, value, old != 0, now);
    if (err == STORE_OK)
        err = ring_put(ring, *now, old);
    edition_drop_room(&room);
    return err;
}

/* Replaces the value of `old`, 0 for none; `now` gets its key. If a second key has no room beside
 * the old one, replaces the old one's value in place. */
static enum store_err put_over(key_serial_t ring, const char *key, const struct store_secret *value,
                               key_serial_t old, key_serial_t *now)
{
    char description[RING_DESCRIPTION_SIZE];
    enum store_err err;

    describe(key, description);
    err = put_beside(ring, description, value, old, now);
    if (err != STORE_FULL || old == 0)
        return err;
    *now = old;
    return edition_replace(ring, description, old, value);
}

/* Stores the value; we have the turn to write. Only removals do without it. */
static enum store_err put(key_serial_t ring, const char *key, const struct store_secret *value,
                          const char *if_version, int64_t deadline_ns, struct store_record *out)
{
    const bool compares = store_version_compares(if_version);
    key_serial_t old = 0;
    key_serial_t now = 0;
    enum store_err err;

    do {
        TRY(compare(ring, key, if_version, &old));
        err = put_over(ring, key, value, old, &now);
        if (err == STORE_CONFLICT && !compares)
            TRY(may_retry(key, deadline_ns));
    } while (err == STORE_CONFLICT && !compares);
    TRY(err);
    return out == NULL ? STORE_OK : set_version(out, ring, now);
}

static enum store_err keyutils_write(struct store_ctx *ctx, const char *key,
                                     const struct store_secret *value, const char *if_version,
                                     struct store_record *out)
{
    int64_t deadline_ns = deadline_of(ctx);
    enum store_err err;
    key_serial_t ring;
    key_serial_t turn;

    if (out != NULL)
        store_record_clear(out);
    if (value->len == 0)
        return STORE_BAD_VALUE;
    if (value->len > VALUE_MAX) {
        store_log(STORE_LOG_ERROR, "keyutils: %s: %zu bytes are more than the %d that a key holds",
                  key, value->len, VALUE_MAX);
        return STORE_TOO_BIG;
    }
    TRY(ring_find(&ctx->ring, true, &ring));
    TRY(ring_turn_acquire(ring, deadline_ns, &turn));
    err = put(ring, key, value, if_version, deadline_ns, out);
    ring_turn_release(ring, turn);
    return err;
}

/* Unlinks the key. NOT_FOUND also if it was replaced since the search. */
static enum store_err unlink_key(key_serial_t ring, key_serial_t key)
{
    if (keyctl_unlink(key, ring) < 0)
        return errno == ENOENT ? STORE_NOT_FOUND : ring_failed("unlink a key");
    (void)keyctl_revoke(key); /* frees its quota at once */
    return STORE_OK;
}

static enum store_err take_out(key_serial_t ring, const char *key, const char *if_version,
                               int64_t deadline_ns)
{
    enum store_err err;
    key_serial_t old;

    do {
        err = compare(ring, key, if_version, &old);
        if (old == 0 && (err == STORE_OK || err == STORE_CONFLICT))
            return STORE_NOT_FOUND;
        TRY(err);
        err = unlink_key(ring, old);
        if (err == STORE_NOT_FOUND)
            TRY(may_retry(key, deadline_ns));
    } while (err == STORE_NOT_FOUND);
    return err;
}

static enum store_err keyutils_remove(struct store_ctx *ctx, const char *key,
                                      const char *if_version)
{
    int64_t deadline_ns = deadline_of(ctx);
    enum store_err err;
    key_serial_t ring;
    key_serial_t turn;

    TRY(ring_find(&ctx->ring, false, &ring));
    /* The turn needs quota, and a user without any left must still be able to remove secrets. */
    if (if_version == NULL)
        return take_out(ring, key, NULL, deadline_ns);
    TRY(ring_turn_acquire(ring, deadline_ns, &turn));
    err = take_out(ring, key, if_version, deadline_ns);
    ring_turn_release(ring, turn);
    return err;
}

static void keyutils_health(struct store_ctx *ctx, struct store_health *out)
{
    struct listing counted = {.each = NULL};
    key_serial_t ring;
    enum store_err err = ring_find(&ctx->ring, false, &ring);

    if (err == STORE_OK)
        err = ring_each(ring, list_one, &counted);
    *out = (struct store_health){.err = err == STORE_NOT_FOUND ? STORE_OK : err};
    if (out->err == STORE_OK) {
        char quota[128];
        quota_describe(quota, sizeof quota);
        snprintf(out->text, sizeof out->text, "kept until reboot; %s in use by this user", quota);
        store_scope_tell_unnamed(out->text, sizeof out->text, counted.unnamed);
        return;
    }
    snprintf(out->text, sizeof out->text, "%s", store_err_text(err));
    snprintf(out->remedy, sizeof out->remedy,
             "let the program use the system calls add_key and keyctl, or use another backend");
}

const struct store_backend keyutils_backend = {
    .open = keyutils_open,
    .close = keyutils_close,
    .read = keyutils_read,
    .list = keyutils_list,
    .write = keyutils_write,
    .remove = keyutils_remove,
    .health = keyutils_health,
};
