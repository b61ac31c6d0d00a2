/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_FAULT_H
#define AWS_FAULT_H

#include <stdbool.h>

#include "backends/aws/exchange.h"

/*
 * What AWS's error names mean: one table (fault.c). Pure functions; any thread.
 */
struct aws_fault {
    const char *code;
    enum store_err err;
    unsigned flags;     /* AWS_FAULT_… */
    const char *remedy; /* NULL: there is nothing to say beyond the name */
};

#define AWS_FAULT_RETRY 1u    /* may go away by itself */
#define AWS_FAULT_THROTTLE 2u /* too many requests: RETRY, more slowly */
#define AWS_FAULT_CLOCK 4u    /* possibly a clock that is wrong */
#define AWS_FAULT_KEYS 8u     /* the keys are not taken: newer ones may be */

/* The row for an answer; never NULL. Unknown names are judged by the HTTP status. */
const struct aws_fault *aws_fault_find(int status, const char *code);

/* The row for an answer that is not AWS's: UNAVAILABLE, and whether trying again may help. */
const struct aws_fault *aws_fault_foreign(int status);

/* The row for a refusal whose message says more than its name: a signature that is for the wrong
 * region; else `fault`. */
const struct aws_fault *aws_fault_by_message(const struct aws_fault *fault,
                                             const struct store_secret *reply);

/* Takes the name out of "namespace#Name:http://…" as AWS's JSON protocols write it. */
void aws_fault_code(const char *text, char out[AWS_CODE_SIZE]);

#endif
