/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_LAUNCH_H
#define STORE_REMOTE_LAUNCH_H

#include "platform/launch.h"
#include "store/conf.h"

/*
 * Starts `program` as a token's store process (platform_launch), with the environment for its
 * backend. UNAVAILABLE, logged with the remedy, if the program does not start.
 */
enum store_err launch(const char *program, const struct store_conf *conf,
                      struct launched *out) STORE_CHECKED;

#endif
