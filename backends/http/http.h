/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * HTTP for the stores that are somewhere else, over libcurl; for the store process only.
 *
 * What is promised: a request ends by its deadline, name resolution included; redirects are not
 * followed; nothing but http and https is spoken, TLS 1.2 or newer, with the certificate checked;
 * replies are capped; bodies and secret headers are in the secret type as far as they are ours, and
 * what libcurl and OpenSSL copy is wiped when they free it.
 *
 * Threads: a client may be used by any number of threads at once; each request has a connection of
 * its own, and connections are kept for the next.
 */
struct http_client;

/* How to connect. NULL and false: as usual. Texts are borrowed for http_client_open. */
struct http_options {
    const char *ca_file; /* PEM, in place of the system's */
    const char *ca_path; /* a folder of them */
    const char *client_cert;
    const char *client_key;
    const char *proxy; /* URL; "": none; NULL: as http_proxy, https_proxy and no_proxy say */
    bool skip_verify;  /* take any certificate */
};

/* BAD_CONF, logged with the name of the file, if a file of the options cannot be read. FAILED,
 * logged, if libcurl cannot be used. Quick: no network. */
enum store_err http_client_open(struct http_client **out,
                                const struct http_options *options) STORE_CHECKED;

/* Closes the connections. Accepts NULL. No request is running. */
void http_client_close(struct http_client *client);

struct http_header {
    const char *name;
    const void *value; /* without control characters; the caller has checked */
    size_t len;
};

struct http_request {
    const char *method; /* "GET", "POST", … */
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    const struct store_secret *body; /* NULL or empty: none */
    int64_t deadline_ns;             /* store_time_monotonic() */
    long connect_ms;                 /* for the connection alone; 0: 5,000 */
    size_t reply_max;                /* bytes; 0: 32 MiB */
    bool direct;                     /* through no proxy, whatever the options say */
};

/* A header of the reply that is wanted; `out` is "" if there is none, and cut if it does not fit.
 */
struct http_wanted {
    const char *name;
    char *out;
    size_t size;
};

#define HTTP_WHY_SIZE 256

struct http_reply {
    struct http_wanted *wanted; /* filled in by the caller; may be NULL */
    size_t wanted_count;
    int status;               /* 0 if there was no whole reply */
    struct store_secret body; /* the caller wipes it */
    bool hopeless;            /* trying again cannot help: the certificate is wrong, say */
    char why[HTTP_WHY_SIZE];  /* after an error: what failed, without secrets */
};

/* Sends a request and waits for the reply, whatever its status. TIMEOUT at the deadline;
 * UNAVAILABLE if the server cannot be reached, hangs up, or sends what is no reply or too much;
 * NO_MEMORY. Nothing is logged. */
enum store_err http_run(struct http_client *client, const struct http_request *request,
                        struct http_reply *reply) STORE_CHECKED;

/* The time of a Date header, store/time.h; 0 if it is none. */
int64_t http_date(const char *text);

#endif
