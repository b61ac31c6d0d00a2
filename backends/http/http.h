/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_HTTP_HTTP_H
#define BACKENDS_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * HTTP for remote stores, over libcurl; for the store process only.
 *
 * Promises: a request ends by its deadline, name resolution included; redirects are not followed;
 * the protocols are http and https only, TLS 1.2 or newer, with the certificate checked; replies
 * are capped; our own bodies and secret headers are in the secret type, and libcurl's and OpenSSL's
 * copies are wiped when they are freed (memory.h). ~/.netrc is not read, and nothing is logged: the
 * caller knows the purpose of the request and the setting to change.
 *
 * The caller decides which hosts may be reached without TLS; `https_only` forbids all.
 *
 * Threads: a client may be used by any number of threads at once; each request has a connection of
 * its own, and connections are kept for the next (curl_easy_reset(3) keeps them).
 */
struct http_client;

/* Options of connections. NULL and false: the defaults. Texts are borrowed for http_client_open. */
struct http_options {
    const char *ca_file;    /* PEM, in place of the system's */
    const char *ca_path;    /* a folder of them, all of which count; ignored beside ca_file */
    const char *ca_setting; /* the name of the setting of those two, for the log */
    const char *client_cert;
    const char *client_key;
    const char *server_name; /* the name that the server's certificate must have, also sent as SNI
                              */
    const char *proxy;       /* URL; "": none; NULL: from http_proxy, https_proxy and no_proxy */
    bool skip_verify;        /* accept any certificate */
    bool https_only;         /* a URL that begins with http:// is an error */
};

/* Checks a name for `server_name`, once a client is open: BAD_VALUE if the host of a URL cannot
 * have it, NO_MEMORY. */
enum store_err http_host_check(const char *name) STORE_CHECKED;

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
    bool direct;                     /* use no proxy, despite the options */
    bool once;                       /* send it once at most: see http_run */
};

/* A wanted header of the reply; `out` is "" if the reply lacks it, and cut if it does not fit. */
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
    bool hopeless;            /* after an error: another attempt cannot help */
    bool untrusted;           /* after an error: the server's certificate was not accepted */
    bool unsent;              /* after an error: no connection, so nothing reached the server */
    char why[HTTP_WHY_SIZE];  /* after an error: the reason, without secrets */
};

/* Sends a request and waits for the reply, whatever its status. On a kept connection libcurl
 * repeats a request if the server hangs up without an answer; a request that the server must not
 * act on twice sets `once` and gets a connection of its own. TIMEOUT at the deadline; UNAVAILABLE
 * if the server cannot be reached, hangs up, or sends an invalid or too large reply, or if libcurl
 * refuses the URL or an option; NO_MEMORY.
 * Nothing is logged. */
enum store_err http_run(struct http_client *client, const struct http_request *request,
                        struct http_reply *reply) STORE_CHECKED;

/* Receives a reply of a batch; `index` is the request's. `reply` is borrowed, except its body,
 * which may be moved away. An error ends the batch, which returns it. */
typedef enum store_err http_each_fn(void *arg, size_t index, enum store_err err,
                                    struct http_reply *reply);

/* Runs `count` requests, `at_once` (1 to 64) of them at a time, in the calling thread, and calls
 * `each` once for each, in the order in which they end. OK if every request had its call, whatever
 * its result. A batch keeps no headers of the replies. */
enum store_err http_run_many(struct http_client *client, const struct http_request *requests,
                             size_t count, size_t at_once, http_each_fn *each,
                             void *arg) STORE_CHECKED;

/* Percent-encodes a byte for a path's segment, a query or a form: RFC 3986's unreserved characters
 * (2.3) stay, every other byte becomes %XX (2.1). `out` gets a text; its length is returned. */
size_t http_escape(unsigned char byte, char out[4]);

/* The names and versions of libcurl and its libraries; static. */
const char *http_libraries(void);

/* Parses the time of a Date header, store/time.h; 0 if it is invalid. */
int64_t http_date(const char *text);

#endif
