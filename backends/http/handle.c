/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "backends/http/ca.h"
#include "backends/http/system.h"
#include "store/time.h"
#include "store/url.h"

#define CONNECT_MS 5000L
#define REPLY_MAX ((size_t)32 * 1024 * 1024)
#define IDLE_S 90L      /* do not use a connection again that has been idle longer */
#define CA_CACHE_S 600L /* so that new certificates are found without a restart */

_Static_assert(HTTP_WHY_SIZE >= CURL_ERROR_SIZE, "libcurl writes that much");

/* Sets an option, unless `code` has the failure of one before. */
#define SET(option, value) code = code != CURLE_OK ? code : curl_easy_setopt(handle, option, value)

static size_t reply_max(const struct http_running *running)
{
    return running->request->reply_max == 0 ? REPLY_MAX : running->request->reply_max;
}

static size_t body_add(char *data, size_t size, size_t count, void *arg)
{
    struct http_running *running = arg;
    size_t len = size * count;

    if (len > reply_max(running) - running->reply->body.len) {
        running->err = STORE_UNAVAILABLE;
        running->reply->hopeless = true;
        return 0;
    }
    running->err = store_secret_append(&running->reply->body, data, len);
    return running->err == STORE_OK ? len : 0;
}

/* Keeps the value of a wanted header. A new status line (after 100) drops those before it. */
static size_t header_add(char *data, size_t size, size_t count, void *arg)
{
    struct http_running *running = arg;
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

/* Reads the folder of certificates again, now and then; an unreadable one changes nothing then. */
static void authorities_refresh(struct http_client *client)
{
    int64_t now = store_time_monotonic();
    char *pem = NULL;
    size_t len;
    bool due;

    (void)pthread_mutex_lock(&client->lock);
    due = now - client->ca_read_ns > CA_CACHE_S * STORE_TIME_S;
    if (due)
        client->ca_read_ns = now;
    (void)pthread_mutex_unlock(&client->lock);
    if (!due || http_ca_folder_read(client->ca_path, client->ca_setting, &pem, &len) != STORE_OK)
        return;
    (void)pthread_mutex_lock(&client->lock);
    free(client->ca_pem);
    client->ca_pem = pem;
    client->ca_pem_len = len;
    (void)pthread_mutex_unlock(&client->lock);
}

/* Sets the certificates that may sign the server's. A setting replaces the system's. */
static CURLcode authorities_set(struct http_client *client, CURL *handle)
{
    CURLcode code = CURLE_OK;

    if (client->ca_file == NULL && client->ca_path == NULL)
        return code;
    code = system_distrust(handle);
    if (client->ca_file != NULL)
        SET(CURLOPT_CAINFO, client->ca_file);
    if (client->ca_path == NULL)
        return code;
    authorities_refresh(client);
    (void)pthread_mutex_lock(&client->lock);
    SET(CURLOPT_CAINFO_BLOB,
        (&(struct curl_blob){
            .data = client->ca_pem, .len = client->ca_pem_len, .flags = CURL_BLOB_COPY}));
    (void)pthread_mutex_unlock(&client->lock);
    return code;
}

/* Sets the options that all requests of a client share. */
static CURLcode handle_prepare(struct http_client *client, CURL *handle)
{
    CURLcode code = system_prepare(handle);

    SET(CURLOPT_PROTOCOLS_STR, client->https_only ? "https" : "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    /* nghttp2 keeps the headers of a connection, tokens included, in memory that it does not wipe
     */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_MAXAGE_CONN, IDLE_S);
    SET(CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S);
    /* a stuck name look-up must not delay the end of the request */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_WRITEFUNCTION, body_add);
    SET(CURLOPT_HEADERFUNCTION, header_add);
    if (code == CURLE_OK)
        code = authorities_set(client, handle);
    if (client->client_cert != NULL)
        SET(CURLOPT_SSLCERT, client->client_cert);
    if (client->client_key != NULL)
        SET(CURLOPT_SSLKEY, client->client_key);
    if (client->skip_verify) {
        SET(CURLOPT_SSL_VERIFYPEER, 0L);
        SET(CURLOPT_SSL_VERIFYHOST, 0L);
    }
    return code;
}

/* Acquires a handle that no other thread has; NULL without memory. */
static CURL *handle_acquire(struct http_client *client)
{
    CURL *handle = NULL;

    (void)pthread_mutex_lock(&client->lock);
    if (client->idle_count > 0)
        handle = client->idle[--client->idle_count];
    (void)pthread_mutex_unlock(&client->lock);
    return handle == NULL ? curl_easy_init() : handle;
}

/* Forgets the request and keeps the connection. */
static void handle_release(struct http_client *client, CURL *handle)
{
    curl_easy_reset(handle);
    (void)pthread_mutex_lock(&client->lock);
    if (client->idle_count < HTTP_IDLE_MAX) {
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

static CURLcode url_code(CURLUcode code)
{
    if (code == CURLUE_OK)
        return CURLE_OK;
    return code == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT;
}

/*
 * libcurl checks the certificate against the host of the URL and has no option for another name. So
 * the URL gets the other name, and the connection and the Host header keep the real host.
 */
static CURLcode rename_host(const struct http_client *client, struct http_running *running,
                            CURLU *url)
{
    CURL *handle = running->handle;
    char *host = NULL;
    char *port = NULL;
    char line[1024];
    CURLcode code = url_code(curl_url_set(url, CURLUPART_URL, running->request->url, 0));

    if (code == CURLE_OK)
        code = url_code(curl_url_get(url, CURLUPART_HOST, &host, 0));
    if (code == CURLE_OK)
        code = url_code(curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT));
    if (code == CURLE_OK)
        code = url_code(curl_url_set(url, CURLUPART_HOST, client->server_name, 0));
    if (code == CURLE_OK) {
        (void)snprintf(line, sizeof line, "::%s:%s", host, port);
        if (!slist_add(&running->connect_to, line))
            code = CURLE_OUT_OF_MEMORY;
        (void)snprintf(line, sizeof line, "Host: %s:%s", host, port);
        if (!slist_add(&running->headers, line))
            code = CURLE_OUT_OF_MEMORY;
    }
    SET(CURLOPT_CONNECT_TO, running->connect_to);
    curl_free(host);
    curl_free(port);
    return code;
}

static CURLcode handle_url(const struct http_client *client, struct http_running *running)
{
    CURL *handle = running->handle;
    CURLU *url;
    char *text = NULL;
    CURLcode code;

    if (client->server_name == NULL)
        return curl_easy_setopt(handle, CURLOPT_URL, running->request->url);
    url = curl_url();
    if (url == NULL)
        return CURLE_OUT_OF_MEMORY;
    code = rename_host(client, running, url);
    if (code == CURLE_OK)
        code = url_code(curl_url_get(url, CURLUPART_URL, &text, 0));
    SET(CURLOPT_URL, text);
    curl_free(text);
    curl_url_cleanup(url);
    return code;
}

/* Sets the options of this request. */
static CURLcode handle_set(const struct http_client *client, struct http_running *running,
                           long left_ms)
{
    const struct http_request *request = running->request;
    CURL *handle = running->handle;
    bool body = request->body != NULL && request->body->len > 0;
    long connect_ms = request->connect_ms == 0 ? CONNECT_MS : request->connect_ms;
    CURLcode code = handle_url(client, running);

    SET(CURLOPT_HTTPHEADER, running->headers);
    SET(CURLOPT_TIMEOUT_MS, left_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, connect_ms < left_ms ? connect_ms : left_ms);
    /* Curl_retry_request() repeats on connections that were used before, and only there */
    if (request->once)
        SET(CURLOPT_FRESH_CONNECT, 1L);
    if (request->direct || client->proxy != NULL)
        SET(CURLOPT_PROXY, request->direct ? "" : client->proxy);
    SET(CURLOPT_WRITEDATA, running);
    SET(CURLOPT_HEADERDATA, running);
    SET(CURLOPT_ERRORBUFFER, running->reply->why);
    if (body || strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(body ? request->body->len : 0));
        SET(CURLOPT_POSTFIELDS, body ? (const char *)request->body->data : "");
    }
    SET(CURLOPT_CUSTOMREQUEST, request->method);
    return code;
}

static void reply_begin(struct http_reply *reply)
{
    reply->status = 0;
    reply->hopeless = false;
    reply->untrusted = false;
    reply->unsent = false;
    reply->why[0] = '\0';
    store_secret_wipe(&reply->body);
    for (size_t i = 0; i < reply->wanted_count; i++)
        reply->wanted[i].out[0] = '\0';
}

void http_abandon(struct http_client *client, struct http_running *running)
{
    handle_release(client, running->handle);
    running->handle = NULL;
    curl_slist_free_all(running->headers);
    running->headers = NULL;
    curl_slist_free_all(running->connect_to);
    running->connect_to = NULL;
}

/* Translates libcurl's result. A connection that took too long is unreachable before the deadline.
 */
static enum store_err code_error(CURLcode code, const struct http_running *running)
{
    struct http_reply *reply = running->reply;
    char why[HTTP_WHY_SIZE];

    /* libcurl does not know why a callback of ours failed */
    if (running->err == STORE_UNAVAILABLE)
        (void)snprintf(reply->why, sizeof reply->why, "the reply is larger than %zu bytes",
                       reply_max(running));
    else if (running->err != STORE_OK)
        (void)snprintf(reply->why, sizeof reply->why, "%s", store_err_text(running->err));
    if (running->err != STORE_OK)
        return running->err;
    /* libcurl's text may contain the proxy's URL, and a cut one ends before its '@' */
    if (reply->why[0] == '\0' || strlen(reply->why) + 1 >= CURL_ERROR_SIZE)
        (void)snprintf(reply->why, sizeof reply->why, "%s", curl_easy_strerror(code));
    store_url_show(reply->why, why, sizeof why);
    memcpy(reply->why, why, sizeof why);
    if (code == CURLE_OUT_OF_MEMORY)
        return STORE_NO_MEMORY;
    reply->untrusted = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR;
    reply->hopeless = reply->untrusted || code == CURLE_SSL_CERTPROBLEM ||
                      code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT ||
                      code == CURLE_LOGIN_DENIED;
    reply->unsent = reply->hopeless || code == CURLE_COULDNT_CONNECT ||
                    code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
                    code == CURLE_SSL_CONNECT_ERROR;
    /* This means a wrong scheme, but also a server that speaks another protocol than HTTP. */
    reply->hopeless = reply->hopeless || code == CURLE_UNSUPPORTED_PROTOCOL;
    if (code != CURLE_OPERATION_TIMEDOUT)
        return STORE_UNAVAILABLE;
    return running->request->deadline_ns - store_time_monotonic() > 2 * STORE_TIME_MS
               ? STORE_UNAVAILABLE
               : STORE_TIMEOUT;
}

enum store_err http_begin(struct http_client *client, struct http_running *running)
{
    int64_t left_ms = (running->request->deadline_ns - store_time_monotonic()) / STORE_TIME_MS;
    enum store_err err;
    CURLcode code;

    reply_begin(running->reply);
    if (left_ms <= 0) {
        running->reply->unsent = true;
        return STORE_TIMEOUT;
    }
    running->handle = handle_acquire(client);
    if (running->handle == NULL)
        return STORE_NO_MEMORY;
    err = headers_make(running->request, &running->headers);
    code = err == STORE_OK ? handle_prepare(client, running->handle) : CURLE_OK;
    if (err == STORE_OK && code == CURLE_OK)
        code = handle_set(client, running, (long)left_ms);
    if (code != CURLE_OK) {
        err = code_error(code, running);
        running->reply->hopeless = true;
        running->reply->unsent = true;
    }
    if (err != STORE_OK)
        http_abandon(client, running);
    return err;
}

enum store_err http_end(struct http_client *client, struct http_running *running, CURLcode code)
{
    enum store_err err = STORE_OK;
    long status = 0;

    if (code != CURLE_OK)
        err = code_error(code, running);
    else if (curl_easy_getinfo(running->handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        running->reply->status = (int)status;
    if (err != STORE_OK)
        store_secret_wipe(&running->reply->body);
    http_abandon(client, running);
    return err;
}
