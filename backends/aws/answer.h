/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "core/json.h"
#include "backends/aws/exchange.h"

/*
 * Whether an answer is AWS's at all. Between AWS and us there may be a proxy, an ingress or a login
 * page, and an address may be wrong: what comes from there has some status, but says nothing about
 * secrets, rights or keys. Such an answer is UNAVAILABLE, and the log says what came.
 *
 * Threads: pure functions but for the log.
 */

#define AWS_CAME_SIZE 400

/* What came, without a word of the body: "HTTP 302, text/html, to https://login.example/". */
void aws_answer_came(const struct aws_exchange *exchange, char out[AWS_CAME_SIZE]);

/* Logs that what came in place of an answer of `who` (at exchange->url) is none, and returns
 * UNAVAILABLE. `remedy` (may be NULL) comes last. */
enum store_err aws_answer_foreign(const struct aws_exchange *exchange, const char *who,
                                  const char *remedy);

/* Whether a document, which came with status 200, has what Secrets Manager's answer to `operation`
 * always has (API reference, each operation's "Response Syntax"). */
bool aws_answer_fits(const char *operation, struct json_value root);

#endif
