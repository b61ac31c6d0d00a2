/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_REQUEST_H
#define BACKENDS_VAULT_REQUEST_H

#include "backends/http/http.h"
#include "core/json.h"
#include "backends/vault/context.h"
#include "backends/vault/fault.h"
#include "backends/vault/path.h"

/*
 * One call of Vault's HTTP API with the token that it is given: its retries and its redirect. The
 * calls that begin with the backend's own token are in call.h.
 */
struct vault_call {
    const char *what;       /* for the log: "reading", … */
    const char *method;     /* "GET", "POST", "DELETE" */
    struct vault_path path; /* after /v1, with the '/' at its begin */
    struct store_secret body;
    int64_t deadline_ns;
    bool once;          /* repeated only if the server says that it has not acted */
    bool quiet;         /* the server's refusals are not logged: the caller looks at `status` */
    bool silent;        /* nothing is logged: the caller reports the error itself */
    const char *denied; /* the remedy for a denial; NULL: the usual one */
    bool may_miss;      /* set by vault_call_run: a 404 says that the secret is not there */

    int status;                  /* 0: there was no reply */
    bool foreign;                /* the reply did not come from Vault */
    bool deep;                   /* the reply is nested too deeply to be read */
    bool unknown;                /* after an error: the server may have acted on the call */
    char why[HTTP_WHY_SIZE];     /* without a reply, or foreign: the reason, without secrets */
    struct json_document *reply; /* NULL without a body that is JSON */
};

#define AUTO_CALL __attribute__((cleanup(vault_call_clear))) struct vault_call

/* Drops body and reply. */
void vault_call_clear(struct vault_call *call);

/* `url` is address, "/v1" and path. BAD_KEY if it does not fit. */
#define VAULT_URL_SIZE (VAULT_ADDRESS_SIZE + VAULT_PATH_SIZE + 8)
enum store_err vault_url(const char *address, const struct vault_path *path,
                         char out[VAULT_URL_SIZE]) STORE_CHECKED;

/* The result of an attempt, besides the call's own members. */
struct vault_attempt {
    enum store_err err;
    bool retry;
    int64_t asked_ms;
    char location[VAULT_URL_SIZE];
    char type[64];                   /* the Content-Type */
    const char *remedy;              /* where another attempt cannot help; NULL: the usual */
    const struct vault_fault *fault; /* NULL: there was no reply, or no error */
    char message[VAULT_MESSAGE_SIZE];
    struct http_reply reply;
};

/* Makes the call with `token` (NULL or empty: without one). OK for 200 and 204; otherwise the
 * meaning of the status (fault.h), logged unless it is an ordinary answer. A call may be run again.
 */
enum store_err vault_request_run(struct store_ctx *ctx, struct vault_call *call,
                                 const struct store_secret *token) STORE_CHECKED;

/* The two halves of vault_request_run, for a caller that may try another token in between: the
 * attempts, which log nothing, and the report of the last one, which returns its error. */
enum store_err vault_attempts_run(struct store_ctx *ctx, struct vault_call *call,
                                  const struct store_secret *token,
                                  struct vault_attempt *attempt) STORE_CHECKED;
enum store_err vault_attempt_tell(const struct store_ctx *ctx, struct vault_call *call,
                                  const struct vault_attempt *attempt) STORE_CHECKED;

/* Fills in the meaning of the call's status and reply. */
void vault_attempt_judge(struct vault_call *call, struct vault_attempt *attempt);

/* Moves a reply into the call: its status, and its body if it is JSON. */
void vault_request_parse(struct vault_call *call, struct http_reply *reply);

/* The deadline of each request of a call with this deadline: vault.timeout may be sooner. */
int64_t vault_request_deadline(const struct store_ctx *ctx, int64_t deadline_ns);

/* The headers of a call, borrowed from `ctx` and `token` (may be NULL). */
#define VAULT_HEADERS 4
size_t vault_headers(const struct store_ctx *ctx, const struct store_secret *token, bool body,
                     struct http_header out[VAULT_HEADERS]);

#endif
