/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "store/log.h"
#include "store/time.h"

#define IDLE_MAX 32 /* handles that are kept, each with its connection */
#define CONNECT_MS 5000L
#define REPLY_MAX ((size_t)32 * 1024 * 1024)
#define IDLE_S 90L      /* a connection that has been idle longer is not used again */
#define CA_CACHE_S 600L /* so that new certificates are found without a restart */
#define MS_NS ((int64_t)1000000)

_Static_assert(HTTP_WHY_SIZE >= CURL_ERROR_SIZE, "libcurl writes that much");

struct http_client {
    pthread_mutex_t lock; /* of the two below */
    CURL *idle[IDLE_MAX];
    size_t idle_count;
    char *proxy; /* of the options, or NULL */
    char *ca_file;
    char *ca_path;
    char *client_cert;
    char *client_key;
    bool skip_verify;
};

/* One request while it runs. */
struct running {
    const struct http_request *request;
    struct http_reply *reply;
    enum store_err err; /* of ours, in a callback */
};

static char *copy_text(const char *text, bool *failed)
{
    char *copy = text == NULL ? NULL : strdup(text);

    *failed |= text != NULL && copy == NULL;
    return copy;
}

static enum store_err file_check(const char *path, const char *what)
{
    if (path == NULL || access(path, R_OK) == 0)
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "http: the %s %s cannot be read: %s", what, path, strerror(errno));
    return STORE_BAD_CONF;
}

enum store_err http_client_open(struct http_client **out, const struct http_options *options)
{
    struct http_client *client;
    bool failed = false;

    if (!wiping_install()) {
        store_log(STORE_LOG_ERROR, "http: libcurl cannot be initialized");
        return STORE_FAILED;
    }
    TRY(file_check(options->ca_file, "certificate file"));
    TRY(file_check(options->ca_path, "certificate folder"));
    TRY(file_check(options->client_cert, "client certificate"));
    TRY(file_check(options->client_key, "client key"));
    client = calloc(1, sizeof *client);
    if (client == NULL)
        return STORE_NO_MEMORY;
    (void)pthread_mutex_init(&client->lock, NULL);
    client->proxy = copy_text(options->proxy, &failed);
    client->ca_file = copy_text(options->ca_file, &failed);
    client->ca_path = copy_text(options->ca_path, &failed);
    client->client_cert = copy_text(options->client_cert, &failed);
    client->client_key = copy_text(options->client_key, &failed);
    client->skip_verify = options->skip_verify;
    if (failed) {
        http_client_close(client);
        return STORE_NO_MEMORY;
    }
    *out = client;
    return STORE_OK;
}

void http_client_close(struct http_client *client)
{
    if (client == NULL)
        return;
    for (size_t i = 0; i < client->idle_count; i++)
        curl_easy_cleanup(client->idle[i]);
    free(client->proxy);
    free(client->ca_file);
    free(client->ca_path);
    free(client->client_cert);
    free(client->client_key);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
}

static size_t body_add(char *data, size_t size, size_t count, void *arg)
{
    struct running *running = arg;
    size_t most = running->request->reply_max == 0 ? REPLY_MAX : running->request->reply_max;
    size_t len = size * count;

    if (len > most - running->reply->body.len) {
        running->err = STORE_UNAVAILABLE;
        (void)snprintf(running->reply->why, HTTP_WHY_SIZE, "the reply is larger than %zu bytes",
                       most);
        return 0;
    }
    running->err = store_secret_append(&running->reply->body, data, len);
    return running->err == STORE_OK ? len : 0;
}

/* Keeps the value of a header that is wanted. A new status line (after 100) begins anew. */
static size_t header_add(char *data, size_t size, size_t count, void *arg)
{
    struct running *running = arg;
    size_t len = size * count;

    for (size_t i = 0; i < running->reply->wanted_count; i++) {
        struct http_wanted *wanted = &running->reply->wanted[i];
        size_t name = strlen(wanted->name);
        const char *value = data + name + 1;
        const char *end = data + len;

        if (len >= 5 && memcmp(data, "HTTP/", 5) == 0)
            wanted->out[0] = '\0';
        if (len <= name || data[name] != ':' || strncasecmp(data, wanted->name, name) != 0)
            continue;
        while (value < end && (*value == ' ' || *value == '\t'))
            value++;
        while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
            end--;
        (void)snprintf(wanted->out, wanted->size, "%.*s", (int)(end - value), value);
    }
    return len;
}

/* What is the same for all requests of a client. */
static bool handle_prepare(const struct http_client *client, CURL *handle)
{
    bool ok =
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, IDLE_S) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S) == CURLE_OK &&
        /* a name look-up that is stuck must not hold up the end of the request */
        curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body_add) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, header_add) == CURLE_OK;

    if (ok && client->ca_file != NULL)
        ok = curl_easy_setopt(handle, CURLOPT_CAINFO, client->ca_file) == CURLE_OK;
    if (ok && client->ca_path != NULL)
        ok = curl_easy_setopt(handle, CURLOPT_CAPATH, client->ca_path) == CURLE_OK;
    if (ok && client->client_cert != NULL)
        ok = curl_easy_setopt(handle, CURLOPT_SSLCERT, client->client_cert) == CURLE_OK;
    if (ok && client->client_key != NULL)
        ok = curl_easy_setopt(handle, CURLOPT_SSLKEY, client->client_key) == CURLE_OK;
    if (ok && client->skip_verify)
        ok = curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
             curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
    return ok;
}

/* A handle that no other thread has; NULL without memory. */
static CURL *handle_take(struct http_client *client)
{
    CURL *handle = NULL;

    (void)pthread_mutex_lock(&client->lock);
    if (client->idle_count > 0)
        handle = client->idle[--client->idle_count];
    (void)pthread_mutex_unlock(&client->lock);
    if (handle != NULL)
        return handle;
    handle = curl_easy_init();
    if (handle == NULL || handle_prepare(client, handle))
        return handle;
    curl_easy_cleanup(handle);
    return NULL;
}

/* Forgets the request and keeps the connection. */
static void handle_give(struct http_client *client, CURL *handle)
{
    (void)curl_easy_setopt(handle, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(handle, CURLOPT_POSTFIELDS, NULL);
    (void)curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, NULL);
    (void)pthread_mutex_lock(&client->lock);
    if (client->idle_count < IDLE_MAX) {
        client->idle[client->idle_count++] = handle;
        handle = NULL;
    }
    (void)pthread_mutex_unlock(&client->lock);
    curl_easy_cleanup(handle);
}

static bool slist_add(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static enum store_err headers_make(const struct http_request *request, struct curl_slist **out)
{
    /* Expect would cost a round trip, and some servers do not answer it */
    if (!slist_add(out, "Expect:"))
        return STORE_NO_MEMORY;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        AUTO_SECRET line = {0};

        TRY(store_secret_set(&line, header->name, strlen(header->name)));
        TRY(store_secret_append(&line, ": ", 2));
        TRY(store_secret_append(&line, header->value, header->len));
        TRY(store_secret_append(&line, "", 1));
        if (!slist_add(out, (const char *)line.data))
            return STORE_NO_MEMORY;
    }
    return STORE_OK;
}

/* Sets what is this request's own. Whatever one request sets, each does: handles are used again. */
static bool handle_set(const struct http_client *client, CURL *handle, struct running *running,
                       struct curl_slist *headers, long left_ms)
{
    const struct http_request *request = running->request;
    bool get = strcmp(request->method, "GET") == 0;
    const char *body =
        request->body == NULL || request->body->len == 0 ? "" : (const char *)request->body->data;
    long connect_ms = request->connect_ms == 0 ? CONNECT_MS : request->connect_ms;
    bool ok =
        curl_easy_setopt(handle, CURLOPT_URL, request->url) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, left_ms) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                         connect_ms < left_ms ? connect_ms : left_ms) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_PROXY, request->direct ? "" : client->proxy) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, running) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_HEADERDATA, running) == CURLE_OK &&
        curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, running->reply->why) == CURLE_OK;

    if (!ok)
        return false;
    if (get && request->body == NULL)
        return curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
               curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, NULL) == CURLE_OK;
    return curl_easy_setopt(handle, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)(request->body == NULL ? 0 : request->body->len)) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

/* Performs it without a SIGPIPE for the process: OpenSSL writes to sockets that are closed. */
static CURLcode perform(CURL *handle)
{
    const struct timespec now = {0};
    sigset_t pipe_signal;
    sigset_t pending;
    sigset_t before;
    CURLcode code;

    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    (void)sigpending(&pending);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    code = curl_easy_perform(handle);
    if (sigismember(&pending, SIGPIPE) == 0)
        (void)sigtimedwait(&pipe_signal, NULL, &now);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static enum store_err outcome(CURLcode code, const struct running *running)
{
    struct http_reply *reply = running->reply;

    if (code == CURLE_OK)
        return STORE_OK;
    if (reply->why[0] == '\0')
        (void)snprintf(reply->why, HTTP_WHY_SIZE, "%s", curl_easy_strerror(code));
    if (running->err != STORE_OK)
        return running->err;
    if (code == CURLE_OUT_OF_MEMORY)
        return STORE_NO_MEMORY;
    reply->hopeless = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ||
                      code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT ||
                      code == CURLE_UNSUPPORTED_PROTOCOL;
    return code == CURLE_OPERATION_TIMEDOUT ? STORE_TIMEOUT : STORE_UNAVAILABLE;
}

enum store_err http_run(struct http_client *client, const struct http_request *request,
                        struct http_reply *reply)
{
    struct running running = {.request = request, .reply = reply};
    int64_t left_ms = (request->deadline_ns - store_time_monotonic()) / MS_NS;
    struct curl_slist *headers = NULL;
    long status = 0;
    CURL *handle;
    enum store_err err;

    reply->status = 0;
    reply->hopeless = false;
    reply->why[0] = '\0';
    store_secret_wipe(&reply->body);
    for (size_t i = 0; i < reply->wanted_count; i++)
        reply->wanted[i].out[0] = '\0';
    if (left_ms <= 0)
        return STORE_TIMEOUT;
    handle = handle_take(client);
    if (handle == NULL)
        return STORE_NO_MEMORY;
    err = headers_make(request, &headers);
    if (err == STORE_OK && !handle_set(client, handle, &running, headers, (long)left_ms))
        err = STORE_NO_MEMORY;
    if (err == STORE_OK)
        err = outcome(perform(handle), &running);
    if (err == STORE_OK && curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        reply->status = (int)status;
    if (err != STORE_OK)
        store_secret_wipe(&reply->body);
    handle_give(client, handle);
    curl_slist_free_all(headers);
    return err;
}

int64_t http_date(const char *text)
{
    time_t seconds = text[0] == '\0' ? -1 : curl_getdate(text, NULL);

    return seconds <= 0 ? 0 : (int64_t)seconds * 1000000000;
}
