/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_EXCHANGE_H
#define AWS_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/aws/crypto.h"
#include "store/err.h"
#include "store/secret.h"

struct http_client;

/*
 * One HTTP request to something of AWS, and what everything that makes requests needs for it.
 */
struct aws_net {
    const struct aws_crypto *crypto;
    struct http_client *http;
    struct aws_clock *clock;
    int64_t deadline_ns; /* store_time_monotonic() */
};

/* How far AWS's clock is ahead of ours. AWS refuses signatures that are 15 minutes off, and a
 * machine whose clock is should still get at its secrets. Zero-initialized: not at all. */
struct aws_clock {
    _Atomic int64_t ahead_ns;
};

/* The time to sign with. */
int64_t aws_clock_now(const struct aws_clock *clock);

#define AWS_EXCHANGE_HEADERS 8
#define AWS_CODE_SIZE 96

/* What the body of an answer other than 200 is. */
enum aws_form {
    AWS_FORM_FOREIGN, /* no error of any service of AWS */
    AWS_FORM_JSON,    /* an object, as all of JSON's protocols have it */
    AWS_FORM_XML,     /* with <Code>, as STS has it */
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
    long timeout_ms; /* at most this for the whole of it, within the net's deadline; 0: the deadline
                      */
    bool direct;     /* never through a proxy */

    /* answered */
    int status;         /* 0: nothing came back */
    bool hopeless;      /* then: trying again cannot help */
    char why[256];      /* then: what failed, without secrets */
    char type[96];      /* the reply's Content-Type, "" if it has none */
    char location[256]; /* and its Location */
    enum aws_form form;
    struct store_secret reply;
    int64_t server_ns;        /* the reply's Date; 0 if it has none */
    int64_t retry_after_ms;   /* what the server asks to wait; 0 if it does not */
    char code[AWS_CODE_SIZE]; /* the error's name, "" if there is none */
};

#define AUTO_EXCHANGE __attribute__((cleanup(aws_exchange_clear))) struct aws_exchange

/* Adds a header. NO_MEMORY; BAD_VALUE, not logged, if the value has a control character. */
enum store_err aws_exchange_header(struct aws_exchange *exchange, const char *name,
                                   const void *value, size_t len) STORE_CHECKED;
enum store_err aws_exchange_header_text(struct aws_exchange *exchange, const char *name,
                                        const char *value) STORE_CHECKED;

/* Sends it and waits for the reply, of any status, whose error name is looked up in the places
 * where AWS's protocols have it. UNAVAILABLE or TIMEOUT, not logged, if there is none (`status` is
 * 0). */
enum store_err aws_exchange_run(const struct aws_net *net,
                                struct aws_exchange *exchange) STORE_CHECKED;

/* Looks at an answer that refuses the signature: if its code may mean that the clock is wrong, and
 * its Date shows that it is (by more than five minutes from what the request was signed with), the
 * clock is corrected and signing again is worth it. */
bool aws_clock_correct(struct aws_clock *clock, const struct aws_exchange *exchange);

/* Wipes and drops what was asked and answered. */
void aws_exchange_clear(struct aws_exchange *exchange);

/* Appends `name=value`, with '&' before it unless the form is empty, percent-encoded as RFC 3986
 * wants it. */
enum store_err aws_form_add(struct store_secret *form, const char *name, const void *value,
                            size_t len) STORE_CHECKED;
enum store_err aws_form_add_text(struct store_secret *form, const char *name,
                                 const char *value) STORE_CHECKED;

#endif
