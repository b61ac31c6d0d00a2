/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_HTTP_HANDLE_H
#define BACKENDS_HTTP_HANDLE_H

#include <curl/curl.h>
#include <pthread.h>

#include "backends/http/http.h"

/*
 * libcurl's handles: a pool of them, and one request on one of them. For this folder only.
 */
#define HTTP_IDLE_MAX 32 /* handles that are kept, each with its connection */
#define HTTP_BATCHES_MAX 4

struct http_client {
    pthread_mutex_t lock; /* guards the four below; never held during a request */
    CURL *idle[HTTP_IDLE_MAX];
    size_t idle_count;
    CURLM *batches[HTTP_BATCHES_MAX]; /* for batches, each with the connections of the last */
    size_t batch_count;

    char *ca_pem; /* the content of ca_path; guarded by the lock, as the next two */
    size_t ca_pem_len;
    int64_t ca_read_ns;

    char *ca_file; /* the options, copied; NULL where not given */
    char *ca_path;
    char *ca_setting;
    char *client_cert;
    char *client_key;
    char *server_name;
    char *proxy;
    bool skip_verify;
    bool https_only;
};

/* A request from beginning to end. It must not move meanwhile. */
struct http_running {
    const struct http_request *request;
    struct http_reply *reply;
    CURL *handle;
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    enum store_err err; /* of ours, in a callback */
};

/* Acquires a handle that no other thread has and sets it up. After an error there is nothing to
 * end. TIMEOUT if the deadline has passed. */
enum store_err http_begin(struct http_client *client, struct http_running *running) STORE_CHECKED;

/* Fills in the reply from libcurl's result `code`, and releases the handle. */
enum store_err http_end(struct http_client *client, struct http_running *running,
                        CURLcode code) STORE_CHECKED;

/* Releases the handle and drops the reply. */
void http_abandon(struct http_client *client, struct http_running *running);

#endif
