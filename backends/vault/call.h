/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VAULT_CALL_H
#define VAULT_CALL_H

#include "backends/http/http.h"
#include "core/json.h"
#include "backends/vault/context.h"
#include "backends/vault/path.h"

/*
 * One call of Vault's HTTP API, with its retries, its redirect, and its token.
 */
struct vault_call {
    const char *what;       /* for the log: "reading", … */
    const char *method;     /* "GET", "POST", "DELETE" */
    struct vault_path path; /* after /v1, with the '/' at its begin */
    struct store_secret body;
    int64_t deadline_ns;
    bool anonymous;                   /* without a token: logins, sys/health */
    const struct store_secret *token; /* this one instead of the ctx's; no second login then */
    bool once;                        /* repeated only if the server says that it has not acted */
    bool quiet;  /* what the server refuses is not logged: the caller looks at `status` */
    bool silent; /* nothing at all is logged: the caller tells it in its own way */

    int status;              /* 0: no reply */
    bool foreign;            /* the reply is none of Vault's own */
    bool deep;               /* the reply is nested too deeply to be read */
    bool unknown;            /* after an error: the server may have acted on it all the same */
    char why[HTTP_WHY_SIZE]; /* without a reply, or foreign: what failed or came, without secrets */
    struct json_document *reply; /* NULL without a body that is JSON */
};

#define AUTO_CALL __attribute__((cleanup(vault_call_clear))) struct vault_call

/* Drops body and reply. */
void vault_call_clear(struct vault_call *call);

/* Makes the call. OK for 200 and 204; otherwise what the status means (fault.h), logged unless it
 * is an ordinary answer. A call may be run again, with its reply dropped. */
enum store_err vault_call_run(struct store_ctx *ctx, struct vault_call *call) STORE_CHECKED;

/* Whether the body of a 403, made with `token` and now in call->reply, is the last word. Then `err`
 * is the error, which is logged; else the call is to be run. */
bool vault_call_refused(struct store_ctx *ctx, struct vault_call *call,
                        const struct store_secret *token, enum store_err *err);

/* Reads what came back into the call: status, the body if it is JSON, and whether it is Vault's. */
void vault_call_parse(struct vault_call *call, struct http_reply *reply);

/* When a request of a call with this deadline has to end: vault.timeout may be sooner. */
int64_t vault_request_deadline(const struct store_ctx *ctx, int64_t deadline_ns);

/* The headers of a call, borrowed from `ctx` and `token` (may be NULL). */
#define VAULT_HEADERS 4
size_t vault_headers(const struct store_ctx *ctx, const struct store_secret *token, bool body,
                     struct http_header out[VAULT_HEADERS]);

/* `url` is address, "/v1" and path. BAD_KEY if it does not fit. */
#define VAULT_URL_SIZE (VAULT_ADDRESS_SIZE + VAULT_PATH_SIZE + 8)
enum store_err vault_url(const char *address, const struct vault_path *path,
                         char out[VAULT_URL_SIZE]) STORE_CHECKED;

#endif
