/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_ANSWER_H
#define BACKENDS_AWS_ANSWER_H

#include "core/json.h"
#include "backends/aws/exchange.h"

/*
 * Tells AWS's own answers from others. A proxy, an ingress, a login page or a wrong address also
 * answers with some status, which says nothing about secrets, rights or keys. Such an answer is
 * UNAVAILABLE, and the log describes it.
 *
 * Threads: pure functions but for the log.
 */

#define AWS_CAME_SIZE 400

/* Describes an answer without quoting its body: "HTTP 302, text/html, to https://login.example/".
 */
void aws_answer_came(const struct aws_exchange *exchange, char out[AWS_CAME_SIZE]);

/* Logs that the answer is not one of `who` (at exchange->url), and returns UNAVAILABLE. `remedy`
 * (may be NULL) comes last. */
enum store_err aws_answer_foreign(const struct aws_exchange *exchange, const char *who,
                                  const char *remedy);

/* True if a document with status 200 has the members that Secrets Manager's answer to `operation`
 * always has (API reference, each operation's "Response Syntax"). */
bool aws_answer_fits(const char *operation, struct json_value root);

#endif
