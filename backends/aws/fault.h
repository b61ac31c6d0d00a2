/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_FAULT_H
#define BACKENDS_AWS_FAULT_H

#include <stdbool.h>

#include "backends/aws/exchange.h"

/*
 * The meaning of AWS's error names: one table (fault.c). Pure functions; any thread.
 */
struct aws_fault {
    const char *code;
    enum store_err err;
    unsigned flags;     /* AWS_FAULT_… */
    const char *remedy; /* NULL: the name says enough */
};

#define AWS_FAULT_RETRY 1u    /* may go away by itself */
#define AWS_FAULT_THROTTLE 2u /* too many requests: RETRY, more slowly */
#define AWS_FAULT_CLOCK 4u    /* possibly a clock that is wrong */
#define AWS_FAULT_KEYS 8u     /* AWS refuses the keys; newer ones may work */

/* The row for an answer; never NULL. Unknown names are judged by the HTTP status. */
const struct aws_fault *aws_fault_find(int status, const char *code);

/* The row for an answer that is not AWS's: UNAVAILABLE, perhaps with RETRY. */
const struct aws_fault *aws_fault_foreign(int status);

/* The row for a refusal whose message says more than its name (a signature for the wrong region);
 * else `fault`. */
const struct aws_fault *aws_fault_by_message(const struct aws_fault *fault,
                                             const struct store_secret *reply);

/* Extracts the name from "namespace#Name:http://…" as AWS's JSON protocols write it. */
void aws_fault_code(const char *text, char out[AWS_CODE_SIZE]);

#endif
