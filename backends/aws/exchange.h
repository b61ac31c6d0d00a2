/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_EXCHANGE_H
#define BACKENDS_AWS_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/aws/crypto.h"
#include "store/err.h"
#include "store/secret.h"

struct http_client;

/*
 * One HTTP request to AWS, and the network context that all requests share.
 */
struct aws_net {
    const struct aws_crypto *crypto;
    struct http_client *http;
    struct aws_clock *clock;
    int64_t deadline_ns; /* store_time_monotonic() */
};

/* The lead of AWS's clock over ours. AWS refuses signatures that are 15 minutes off, and a machine
 * with a wrong clock should still reach its secrets. Zero-initialized: no lead. */
struct aws_clock {
    _Atomic int64_t ahead_ns;
};

/* The time for signatures. */
int64_t aws_clock_now(const struct aws_clock *clock);

#define AWS_EXCHANGE_HEADERS 8
#define AWS_CODE_SIZE 96

/* The form of the body of an answer other than 200. */
enum aws_form {
    AWS_FORM_FOREIGN, /* not an error of an AWS service */
    AWS_FORM_JSON,    /* an object, as in AWS's JSON protocols */
    AWS_FORM_XML,     /* with <Code>, as from STS */
};

struct aws_header {
    const char *name;
    struct store_secret value; /* wiped by aws_exchange_clear */
};

struct aws_exchange {
    /* asked */
    const char *method; /* "GET", "POST" or "PUT" */
    const char *url;
    struct aws_header headers[AWS_EXCHANGE_HEADERS];
    size_t header_count;
    struct store_secret body;
    long timeout_ms; /* the limit for the exchange, within the net's deadline; 0: the deadline alone
                      */
    bool direct;     /* never through a proxy */

    /* answered */
    int status;         /* 0: no answer came */
    bool hopeless;      /* then: another attempt cannot help */
    char why[256];      /* then: the reason, without secrets */
    char type[96];      /* the reply's Content-Type, "" if it has none */
    char location[256]; /* the reply's Location */
    enum aws_form form;
    struct store_secret reply;
    int64_t server_ns;        /* the reply's Date; 0 if it has none */
    int64_t retry_after_ms;   /* the wait that the server asks for; 0 if none */
    char code[AWS_CODE_SIZE]; /* the error's name, "" if there is none */
};

#define AUTO_EXCHANGE __attribute__((cleanup(aws_exchange_clear))) struct aws_exchange

/* Adds a header. NO_MEMORY; BAD_VALUE, not logged, if the value has a control character. */
enum store_err aws_exchange_header(struct aws_exchange *exchange, const char *name,
                                   const void *value, size_t len) STORE_CHECKED;
enum store_err aws_exchange_header_text(struct aws_exchange *exchange, const char *name,
                                        const char *value) STORE_CHECKED;

/* Sends the request, waits for the reply, of any status, and finds the error's name where AWS's
 * protocols put it. UNAVAILABLE or TIMEOUT, not logged, without a reply (`status` is 0). */
enum store_err aws_exchange_run(const struct aws_net *net,
                                struct aws_exchange *exchange) STORE_CHECKED;

/* Corrects the clock after an answer that refuses the signature, if its code may mean a wrong clock
 * and its Date is more than five minutes off the time of the signature. True if it did: sign again.
 */
bool aws_clock_correct(struct aws_clock *clock, const struct aws_exchange *exchange);

/* Wipes and drops the request and the reply. */
void aws_exchange_clear(struct aws_exchange *exchange);

/* Appends `name=value`, with '&' before it unless the form is empty, percent-encoded as RFC 3986
 * wants it. */
enum store_err aws_form_add(struct store_secret *form, const char *name, const void *value,
                            size_t len) STORE_CHECKED;
enum store_err aws_form_add_text(struct store_secret *form, const char *name,
                                 const char *value) STORE_CHECKED;

#endif
