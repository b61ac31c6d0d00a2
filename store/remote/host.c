/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log_target.h"
#include "platform/system.h"
#include "store/remote/channel.h"
#include "store/remote/lines.h"
#include "store/remote/open.h"
#include "store/remote/serve.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"

/* The arguments of a thread that serves a connection. */
struct visitor {
    struct host *host;
    int fd;
};

void host_init(struct host *host, const struct store_conf_set *own)
{
    *host = (struct host){.own = own};
    pthread_mutex_init(&host->lock, NULL);
    store_thread_cond_init(&host->end);
    /* early in a boot the clock must do: it, too, differs between two processes of one host */
    if (platform_random(&host->salt, sizeof host->salt, false) != sizeof host->salt)
        host->salt = (uint64_t)store_time_monotonic();
}

static void hosted_free(struct hosted *hosted)
{
    if (hosted == NULL)
        return;
    store_close(&hosted->store);
    store_conf_free(hosted->set);
    store_secret_wipe(&hosted->settings);
    free(hosted);
}

void host_free(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    host->ending = true;
    pthread_cond_broadcast(&host->end);
    pthread_mutex_unlock(&host->lock);
    while (host->count > 0) {
        struct hosted *hosted = host->stores[--host->count];
        if (hosted->watched)
            pthread_join(hosted->watcher, NULL);
        hosted_free(hosted);
    }
    store_audits_close(&host->audits);
    pthread_cond_destroy(&host->end);
    pthread_mutex_destroy(&host->lock);
}

void host_leave(struct host *host)
{
    store_audits_flush(&host->audits, store_time_monotonic() + STORE_TIME_S);
}

/* How long between checks: so short that one that takes all its time still ends within the time
 * that is promised. */
static int64_t check_period(const struct store_conf *conf)
{
    int64_t promised_ms = (int64_t)store_conf_number(conf, "health_s") * 1000;
    int64_t timeout_ms = store_conf_number(conf, "timeout_ms");
    int64_t period_ms = promised_ms - timeout_ms;

    return (period_ms < promised_ms / 2 ? promised_ms / 2 : period_ms) * STORE_TIME_MS;
}

void host_check(const struct hosted *hosted, bool *unwell)
{
    struct store_health health = {0};

    lines_quiet(true); /* an outage is logged once, not by each check */
    hosted->store.backend->health(hosted->store.ctx, &health);
    lines_quiet(false);
    if (health.err != STORE_OK && !*unwell)
        store_log(STORE_LOG_WARNING, "store: token \"%s\" is not well: %s; %s",
                  store_conf_label(hosted->conf), health.text, health.remedy);
    if (health.err == STORE_OK && *unwell)
        store_log(STORE_LOG_WARNING, "store: token \"%s\" is well again",
                  store_conf_label(hosted->conf));
    *unwell = health.err != STORE_OK;
}

/* Watches a store until the host ends. */
static void *watch(void *arg)
{
    const struct hosted *hosted = arg;
    struct host *host = hosted->host;
    int64_t period = check_period(hosted->conf);
    bool unwell = false;

    pthread_mutex_lock(&host->lock);
    while (!host->ending) {
        int64_t next = store_time_monotonic() + period;

        while (!host->ending && store_thread_wait(&host->end, &host->lock, next))
            ;
        if (host->ending)
            break;
        atomic_fetch_add(&host->checks, 1);
        pthread_mutex_unlock(&host->lock);
        host_check(hosted, &unwell);
        pthread_mutex_lock(&host->lock);
        atomic_fetch_sub(&host->checks, 1);
    }
    pthread_mutex_unlock(&host->lock);
    return NULL;
}

/* Without a thread outages go unnoticed between calls; everything else works. */
static void begin_watch(struct hosted *hosted)
{
    if (!hosted->store.registration->watched || hosted->store.backend->health == NULL ||
        store_conf_number(hosted->conf, "health_s") == 0)
        return;
    hosted->watched = pthread_create(&hosted->watcher, NULL, watch, hosted) == 0;
}

static enum store_err open_audit(struct host *host, struct hosted *hosted)
{
    const char *target = store_conf_text(hosted->conf, "audit.target");
    struct store_audit_process self = {0};

    if (target != NULL)
        store_audit_process_find(getpid(), getuid(), &self);
    return store_audits_get(&host->audits, target, store_conf_flag(hosted->conf, "audit.required"),
                            STORE_AUDIT_STORE, &self, &hosted->audit);
}

/* Opens a store and adds it. The host is locked. */
static enum store_err add_store(struct host *host, struct hosted *hosted)
{
    if (host->count == HOST_STORES_MAX) {
        store_log(STORE_LOG_ERROR,
                  "store: this sideseat-store has %d stores, the most that it takes; start another "
                  "for more",
                  HOST_STORES_MAX);
        return STORE_FULL;
    }
    TRY(open_audit(host, hosted));
    TRY(store_open_at(&hosted->store, hosted->conf, STORE_IN_PROCESS));
    hosted->host = host;
    host->stores[host->count++] = hosted;
    begin_watch(hosted);
    return STORE_OK;
}

/* The store for settings that the module has sent; `set` is taken over. The host is locked. */
static enum store_err find_private(struct host *host, const struct store_secret *open,
                                   struct store_conf_set *set, struct hosted **out)
{
    struct hosted *hosted;
    enum store_err err;

    for (size_t i = 0; i < host->count; i++) {
        if (!store_secret_equal(&host->stores[i]->settings, open->data, open->len))
            continue;
        store_conf_free(set);
        *out = host->stores[i];
        return STORE_OK;
    }
    hosted = calloc(1, sizeof *hosted);
    if (hosted == NULL) {
        store_conf_free(set);
        return STORE_NO_MEMORY;
    }
    hosted->set = set;
    hosted->conf = store_conf_at(set, 0);
    store_secret_share(&hosted->settings, open);
    err = add_store(host, hosted);
    if (err == STORE_OK)
        *out = hosted;
    else
        hosted_free(hosted);
    return err;
}

/* This process's token for a host's token: of the same backend, with its label or the only one.
 * NULL if there is none. */
static const struct store_conf *own_token(const struct store_conf_set *own,
                                          const struct store_conf *asked)
{
    const struct store_conf *only = NULL;
    size_t count = 0;

    for (size_t i = 0; i < store_conf_count(own); i++) {
        const struct store_conf *token = store_conf_at(own, i);
        if (strcmp(store_conf_backend(token), store_conf_backend(asked)) != 0)
            continue;
        if (strcmp(store_conf_label(token), store_conf_label(asked)) == 0)
            return token;
        only = token;
        count++;
    }
    return count == 1 ? only : NULL;
}

struct comparison {
    const struct store_conf *own;
    bool differs;
};

static void compare_setting(void *arg, const char *path, const char *value,
                            const struct store_secret *secret, const char *origin)
{
    struct comparison *comparison = arg;
    const char *own;

    if (secret != NULL || strchr(path, '.') == NULL || strcmp(origin, "default") == 0)
        return; /* a setting of every backend, or a default */
    own = store_conf_text(comparison->own, path);
    if (own != NULL && strcmp(own, value) == 0)
        return;
    comparison->differs = true;
    store_log(STORE_LOG_ERROR,
              "store: %s is \"%s\" here and \"%s\" in the shared store process; "
              "make them the same, or leave it out here",
              path, value, own == NULL ? "" : own);
}

/* The store of a shared store process that a host's settings ask for. The host is locked. */
static enum store_err find_shared(struct host *host, const struct store_conf *asked,
                                  struct hosted **out)
{
    struct comparison comparison = {.own = own_token(host->own, asked)};
    struct hosted *hosted;
    enum store_err err;

    if (comparison.own == NULL) {
        store_log(STORE_LOG_ERROR,
                  "store: the shared store process has no token \"%s\" on backend "
                  "%s; add it to its configuration",
                  store_conf_label(asked), store_conf_backend(asked));
        return STORE_BAD_CONF;
    }
    store_conf_each(asked, compare_setting, &comparison);
    if (comparison.differs)
        return STORE_BAD_CONF;
    for (size_t i = 0; i < host->count; i++) {
        *out = host->stores[i];
        if ((*out)->conf == comparison.own)
            return STORE_OK;
    }
    hosted = calloc(1, sizeof *hosted);
    if (hosted == NULL)
        return STORE_NO_MEMORY;
    hosted->conf = comparison.own;
    err = add_store(host, hosted);
    if (err == STORE_OK)
        *out = hosted;
    else
        hosted_free(hosted);
    return err;
}

/* Finds the store that an OPEN names, and opens it at its first use. Logs mistakes. */
static enum store_err host_find(struct host *host, const struct store_secret *open,
                                struct hosted **out)
{
    char target[FRAME_TEXT_MAX];
    enum store_log_level level;
    struct store_conf_set *set;
    enum store_err err;

    *out = NULL;
    TRY(open_decode(open, &level, target, &set));
    pthread_mutex_lock(&host->lock);
    if (host->own != NULL) {
        err = find_shared(host, store_conf_at(set, 0), out);
        store_conf_free(set);
    } else {
        if (host->count == 0)
            store_log_open(log_level_names[level], target);
        err = find_private(host, open, set, out);
    }
    pthread_mutex_unlock(&host->lock);
    return err;
}

/* The first frame of a connection. */
static enum store_err greet(struct host *host, const struct channel *channel,
                            struct hosted **hosted)
{
    AUTO_SECRET body = {0};
    enum store_err err;
    uint8_t type;

    TRY(channel_receive(channel, &type, &body, CHANNEL_FOREVER));
    if (type != FRAME_OPEN)
        return STORE_CORRUPT;
    err = host_find(host, &body, hosted);
    if (err == STORE_CORRUPT)
        return err;
    TRY(serve_error(channel, err));
    return err;
}

/* The process at the other end of a connection, which made it. */
static void find_peer(const struct channel *channel, struct store_audit_process *out)
{
    uid_t user = geteuid();
    pid_t pid = 0;

    (void)channel_peer(channel, &pid, &user);
    store_audit_process_find(pid, user, out);
}

void host_serve(struct host *host, int fd)
{
    struct channel channel = {fd, -1};
    struct store_audit_process peer = {0};
    struct hosted *hosted = NULL;
    enum store_err err;

    lines_thread_begin();
    err = greet(host, &channel, &hosted);
    if (err == STORE_OK && hosted->audit != NULL)
        find_peer(&channel, &peer);
    while (err == STORE_OK) {
        AUTO_SECRET body = {0};
        uint8_t type;

        err = channel_receive(&channel, &type, &body, CHANNEL_FOREVER);
        if (err != STORE_OK)
            break;
        atomic_fetch_add(&host->calls, 1);
        err = serve_request(host, hosted, &peer, &channel, type, &body);
        atomic_fetch_sub(&host->calls, 1);
    }
    if (err == STORE_CORRUPT)
        store_log(STORE_LOG_ERROR, "store: an invalid request closed its connection; install "
                                   "sideseat-store and the module from one package");
    lines_thread_end();
    channel_close(&channel);
}

static void *visitor_run(void *arg)
{
    struct visitor *visitor = arg;

    host_serve(visitor->host, visitor->fd);
    atomic_fetch_sub(&visitor->host->connections, 1);
    free(visitor);
    return NULL;
}

/* Runs `function` in a detached thread. */
static bool run_detached(void *(*function)(void *), void *arg)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int error;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &attributes, function, arg);
    pthread_attr_destroy(&attributes);
    return error == 0;
}

void host_connection(struct host *host, int fd)
{
    struct visitor *visitor = malloc(sizeof *visitor);

    if (visitor != NULL && atomic_fetch_add(&host->connections, 1) < HOST_CONNECTIONS_MAX) {
        *visitor = (struct visitor){host, fd};
        if (run_detached(visitor_run, visitor))
            return;
    }
    store_log(STORE_LOG_ERROR, "store: there is no room for another connection");
    if (visitor != NULL)
        atomic_fetch_sub(&host->connections, 1);
    free(visitor);
    channel_close(&(struct channel){fd, -1});
}
