/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/remote/channel.h"
#include "store/remote/lines.h"
#include "store/log.h"

/* The size at which an EACH frame is sent: few system calls, little memory. */
#define EACH_SIZE ((size_t)32 * 1024)

/* One call and its answer so far. */
struct answer {
    struct host *host;
    const struct hosted *hosted;
    const struct store_audit_process *peer;
    const struct store_backend *backend;
    struct store_ctx *ctx;
    const struct channel *channel;
    struct frame_in in; /* the request */
    struct frame_out out;
    bool bulk;           /* of several keys */
    bool in_each;        /* an EACH frame is begun in `out` */
    enum store_err sent; /* the first failure to send */
};

/* Notes a use for the audit, before its answer leaves. */
static void note(const struct answer *answer, const char *call, const char *key, enum store_err err)
{
    const struct store_audit_use use = {
        .token = store_conf_label(answer->hosted->conf),
        .key = key,
        .call = call,
        .outcome = store_err_name(err),
    };

    store_audit_note(answer->hosted->audit, answer->peer, &use);
}

/* OK if the audit takes lines, or need not. */
static enum store_err permit(const struct answer *answer)
{
    return store_audit_permits(answer->hosted->audit) ? STORE_OK : STORE_UNAVAILABLE;
}

/* Sends the frames in `out`. */
static enum store_err flush(struct answer *answer)
{
    if (answer->in_each && frame_end(&answer->out) != STORE_OK)
        answer->sent = STORE_NO_MEMORY;
    answer->in_each = false;
    if (answer->sent == STORE_OK)
        answer->sent = channel_send(answer->channel, &answer->out, CHANNEL_FOREVER);
    frame_out_clear(&answer->out);
    return answer->sent;
}

/* Begins the RESULT, after the backend's last word. Log lines go first. */
static void begin_result(struct answer *answer, enum store_err err)
{
    (void)flush(answer);
    lines_dequeue(&answer->out, answer->bulk);
    frame_begin(&answer->out, FRAME_RESULT);
    frame_put_err(&answer->out, err);
}

/* Ends and sends the RESULT. */
static enum store_err end_result(struct answer *answer)
{
    if (frame_end(&answer->out) != STORE_OK && answer->sent == STORE_OK)
        answer->sent = STORE_NO_MEMORY;
    return flush(answer);
}

/* A RESULT with nothing in it. */
static enum store_err plain_result(struct answer *answer, enum store_err err)
{
    begin_result(answer, err);
    return end_result(answer);
}

/* TOO_BIG, logged, if the value does not fit a frame. Only a store without a limit has such. */
static enum store_err checked_size(const char *key, const struct store_record *record)
{
    if (record->value.len <= FRAME_VALUE_MAX)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "store: %s has %zu bytes, and the store process hands over at most %zu", key,
              record->value.len, FRAME_VALUE_MAX);
    return STORE_TOO_BIG;
}

static enum store_err add_each(void *arg, const char *key, enum store_err err,
                               const struct store_record *record)
{
    struct answer *answer = arg;

    if (record != NULL && checked_size(key, record) != STORE_OK) {
        err = STORE_TOO_BIG;
        record = NULL;
    }
    if (answer->bulk || (record != NULL && record->value.len > 0))
        note(answer, "read", key, err);
    if (answer->out.bytes.len > 0 &&
        answer->out.bytes.len + (record == NULL ? 0 : record->value.len) > EACH_SIZE)
        TRY(flush(answer));
    if (!answer->in_each)
        frame_begin(&answer->out, FRAME_EACH);
    answer->in_each = true;
    frame_put_text(&answer->out, key);
    frame_put_err(&answer->out, err);
    frame_put_u8(&answer->out, record != NULL);
    if (record != NULL)
        frame_put_record(&answer->out, record);
    return answer->out.err;
}

static enum store_err serve_read(struct answer *answer)
{
    char key[STORE_KEY_MAX + 1];
    AUTO_RECORD record = {0};
    enum store_err err;

    frame_get_key(&answer->in, key);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = permit(answer);
    if (err == STORE_OK)
        err = answer->backend->read(answer->ctx, key, &record);
    if (err == STORE_OK)
        err = checked_size(key, &record);
    note(answer, "read", key, err);
    begin_result(answer, err);
    if (err == STORE_OK)
        frame_put_record(&answer->out, &record);
    return end_result(answer);
}

/* Reads several secrets; one by one if the backend has no bulk read. */
static enum store_err read_each(struct answer *answer, const char *const *keys, size_t count)
{
    enum store_err permitted = permit(answer);

    if (permitted == STORE_OK && answer->backend->read_many != NULL)
        return answer->backend->read_many(answer->ctx, keys, count, add_each, answer);
    for (size_t i = 0; i < count; i++) {
        AUTO_RECORD record = {0};
        enum store_err err = permitted;
        if (err == STORE_OK)
            err = answer->backend->read(answer->ctx, keys[i], &record);
        TRY(add_each(answer, keys[i], err, err == STORE_OK ? &record : NULL));
    }
    return STORE_OK;
}

static enum store_err serve_read_many(struct answer *answer)
{
    static const size_t size = STORE_KEY_MAX + 1;
    uint32_t count = frame_get_u32(&answer->in);
    enum store_err err;
    const char **keys;
    char *texts;

    if (answer->in.bad || count == 0 || count > FRAME_KEYS_MAX)
        return STORE_CORRUPT;
    answer->bulk = true;
    keys = calloc(count, sizeof *keys);
    texts = calloc(count, size);
    for (uint32_t i = 0; keys != NULL && texts != NULL && i < count; i++) {
        keys[i] = texts + i * size;
        frame_get_key(&answer->in, texts + i * size);
    }
    if (keys == NULL || texts == NULL)
        err = plain_result(answer, STORE_NO_MEMORY);
    else if (!frame_done(&answer->in))
        err = STORE_CORRUPT;
    else
        err = plain_result(answer, read_each(answer, keys, count));
    free(keys);
    free(texts);
    return err;
}

/*
 * A backend's generations are valid only in its process: the next process may count from 1 again
 * and give an old number to a new state. So this mixes a random number of the process into each
 * generation that leaves; 0 stays 0.
 */
static uint64_t salted(uint64_t generation, uint64_t salt)
{
    return generation == 0 ? 0 : generation ^ salt;
}

static enum store_err serve_list(struct answer *answer)
{
    char prefix[STORE_KEY_MAX + 1];
    uint64_t generation;
    enum store_err err;
    bool wanted;

    frame_get_text(&answer->in, prefix, sizeof prefix);
    wanted = frame_get_flag(&answer->in);
    generation = salted(frame_get_u64(&answer->in), answer->host->salt);
    if (!frame_done(&answer->in) || (prefix[0] != '\0' && prefix[strlen(prefix) - 1] != '/'))
        return STORE_CORRUPT;
    err = permit(answer);
    if (err == STORE_OK)
        err = answer->backend->list(answer->ctx, prefix, wanted ? &generation : NULL, add_each,
                                    answer);
    note(answer, "list", prefix, err);
    begin_result(answer, err);
    if (err == STORE_OK || err == STORE_UNCHANGED)
        frame_put_u64(&answer->out, wanted ? salted(generation, answer->host->salt) : 0);
    return end_result(answer);
}

static const char *get_if_version(struct answer *answer, char text[STORE_VERSION_SIZE])
{
    bool given = frame_get_flag(&answer->in);

    frame_get_text(&answer->in, text, STORE_VERSION_SIZE);
    return given ? text : NULL;
}

static enum store_err serve_write(struct answer *answer)
{
    char version[STORE_VERSION_SIZE];
    char key[STORE_KEY_MAX + 1];
    AUTO_SECRET value = {0};
    AUTO_RECORD record = {0};
    const char *if_version;
    enum store_err err;

    frame_get_key(&answer->in, key);
    frame_get_secret(&answer->in, &value, FRAME_VALUE_MAX);
    if_version = get_if_version(answer, version);
    if (!frame_done(&answer->in) || value.len == 0)
        return STORE_CORRUPT;
    err = answer->backend->write == NULL ? STORE_READ_ONLY : permit(answer);
    if (err == STORE_OK)
        err = answer->backend->write(answer->ctx, key, &value, if_version, &record);
    note(answer, "write", key, err);
    store_secret_wipe(&record.value);
    begin_result(answer, err);
    if (err == STORE_OK)
        frame_put_record(&answer->out, &record);
    return end_result(answer);
}

static enum store_err serve_remove(struct answer *answer)
{
    char version[STORE_VERSION_SIZE];
    char key[STORE_KEY_MAX + 1];
    const char *if_version;
    enum store_err err;

    frame_get_key(&answer->in, key);
    if_version = get_if_version(answer, version);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = answer->backend->remove == NULL ? STORE_READ_ONLY : permit(answer);
    if (err == STORE_OK)
        err = answer->backend->remove(answer->ctx, key, if_version);
    note(answer, "delete", key, err);
    return plain_result(answer, err);
}

static enum store_err serve_versions(struct answer *answer)
{
    AUTO_VERSIONS versions = {0};
    char key[STORE_KEY_MAX + 1];
    enum store_err err;

    frame_get_key(&answer->in, key);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = answer->backend->versions == NULL ? STORE_UNSUPPORTED : permit(answer);
    if (err == STORE_OK)
        err = answer->backend->versions(answer->ctx, key, &versions);
    note(answer, "history", key, err);
    begin_result(answer, err);
    if (err == STORE_OK)
        frame_put_versions(&answer->out, &versions);
    return end_result(answer);
}

static enum store_err serve_read_version(struct answer *answer)
{
    char id[STORE_VERSION_SIZE];
    char key[STORE_KEY_MAX + 1];
    AUTO_RECORD record = {0};
    enum store_err err;

    frame_get_key(&answer->in, key);
    frame_get_text(&answer->in, id, sizeof id);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = answer->backend->read_version == NULL ? STORE_UNSUPPORTED : permit(answer);
    if (err == STORE_OK)
        err = answer->backend->read_version(answer->ctx, key, id, &record);
    if (err == STORE_OK)
        err = checked_size(key, &record);
    note(answer, "read", key, err);
    begin_result(answer, err);
    if (err == STORE_OK)
        frame_put_record(&answer->out, &record);
    return end_result(answer);
}

/* RETIRE and DESTROY. */
static enum store_err serve_discard(struct answer *answer, const char *call,
                                    enum store_err (*discard)(struct store_ctx *, const char *))
{
    char key[STORE_KEY_MAX + 1];
    enum store_err err;

    frame_get_key(&answer->in, key);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = discard == NULL ? STORE_UNSUPPORTED : permit(answer);
    if (err == STORE_OK)
        err = discard(answer->ctx, key);
    note(answer, call, key, err);
    return plain_result(answer, err);
}

static enum store_err serve_retire(struct answer *answer)
{
    return serve_discard(answer, "delete", answer->backend->retire);
}

static enum store_err serve_destroy(struct answer *answer)
{
    return serve_discard(answer, "destroy", answer->backend->destroy);
}

static enum store_err serve_restore(struct answer *answer)
{
    char id[STORE_VERSION_SIZE];
    char key[STORE_KEY_MAX + 1];
    enum store_err err;

    frame_get_key(&answer->in, key);
    frame_get_text(&answer->in, id, sizeof id);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = answer->backend->restore == NULL ? STORE_UNSUPPORTED : permit(answer);
    if (err == STORE_OK)
        err = answer->backend->restore(answer->ctx, key, id);
    note(answer, "restore", key, err);
    return plain_result(answer, err);
}

static enum store_err serve_login(struct answer *answer)
{
    AUTO_SECRET pin = {0};
    enum store_err err = STORE_OK;

    frame_get_secret(&answer->in, &pin, FRAME_VALUE_MAX);
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    if (answer->backend->login != NULL)
        err = answer->backend->login(answer->ctx, &pin);
    note(answer, "login", "", err);
    return plain_result(answer, err);
}

/* All hosts of a shared store process share its login. */
static enum store_err serve_logout(struct answer *answer)
{
    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    if (answer->backend->logout != NULL && answer->host->own == NULL)
        answer->backend->logout(answer->ctx);
    note(answer, "logout", "", STORE_OK);
    return plain_result(answer, STORE_OK);
}

/* A host of a shared store process must not lock the store of the others. */
static enum store_err lock(struct answer *answer)
{
    if (answer->backend->lock == NULL)
        return STORE_UNSUPPORTED;
    if (answer->host->own == NULL)
        return answer->backend->lock(answer->ctx);
    store_log(STORE_LOG_ERROR, "store: a shared store process keeps its store open for all its "
                               "users; lock it as the user that runs the process");
    return STORE_DENIED;
}

static enum store_err serve_lock(struct answer *answer)
{
    enum store_err err;

    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    err = lock(answer);
    note(answer, "lock", "", err);
    return plain_result(answer, err);
}

static enum store_err serve_health(struct answer *answer)
{
    struct store_health health = {0};

    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    if (answer->backend->health != NULL)
        answer->backend->health(answer->ctx, &health);
    begin_result(answer, STORE_OK);
    frame_put_err(&answer->out, health.err);
    frame_put_text(&answer->out, health.text);
    frame_put_text(&answer->out, health.remedy);
    return end_result(answer);
}

/* The findings of an examination. */
struct findings {
    size_t count;
    struct store_finding all[FRAME_FINDINGS_MAX];
};

static void add_finding(void *arg, const struct store_finding *finding)
{
    struct findings *findings = arg;

    if (findings->count < FRAME_FINDINGS_MAX)
        findings->all[findings->count++] = *finding;
}

static enum store_err serve_examine(struct answer *answer)
{
    struct findings findings = {0};
    struct store_finding program = {.what = "store program"};

    if (!frame_done(&answer->in))
        return STORE_CORRUPT;
    snprintf(program.text, sizeof program.text, "sideseat-store %s", SIDESEAT_VERSION);
    add_finding(&findings, &program);
    if (answer->backend->examine != NULL)
        answer->backend->examine(answer->ctx, add_finding, &findings);
    begin_result(answer, STORE_OK);
    frame_put_u32(&answer->out, (uint32_t)findings.count);
    for (size_t i = 0; i < findings.count; i++)
        frame_put_finding(&answer->out, &findings.all[i]);
    return end_result(answer);
}

enum store_err serve_error(const struct channel *channel, enum store_err err)
{
    struct answer answer = {.channel = channel};

    return plain_result(&answer, err);
}

enum store_err serve_request(struct host *host, struct hosted *hosted,
                             const struct store_audit_process *peer, const struct channel *channel,
                             uint8_t type, const struct store_secret *body)
{
    static enum store_err (*const table[])(struct answer *) = {
        [FRAME_READ] = serve_read,         [FRAME_READ_MANY] = serve_read_many,
        [FRAME_LIST] = serve_list,         [FRAME_WRITE] = serve_write,
        [FRAME_REMOVE] = serve_remove,     [FRAME_LOGIN] = serve_login,
        [FRAME_LOGOUT] = serve_logout,     [FRAME_HEALTH] = serve_health,
        [FRAME_VERSIONS] = serve_versions, [FRAME_READ_VERSION] = serve_read_version,
        [FRAME_RETIRE] = serve_retire,     [FRAME_RESTORE] = serve_restore,
        [FRAME_DESTROY] = serve_destroy,   [FRAME_EXAMINE] = serve_examine,
        [FRAME_LOCK] = serve_lock,
    };
    struct answer answer = {
        .host = host,
        .hosted = hosted,
        .peer = peer,
        .backend = hosted->store.backend,
        .ctx = hosted->store.ctx,
        .channel = channel,
        .in = {.body = body},
    };
    enum store_err err;

    if (type >= sizeof table / sizeof table[0] || table[type] == NULL)
        return STORE_CORRUPT;
    err = table[type](&answer);
    frame_out_clear(&answer.out);
    return err;
}
