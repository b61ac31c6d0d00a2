/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_AWS_H
#define BACKENDS_AWS_AWS_H

#include "store/backend.h"

/* AWS Secrets Manager: one secret per key (docs/aws.md). Runs in the store process. */
extern const struct store_backend aws_backend;

#endif
