/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_FILE_H
#define BACKENDS_FILE_FILE_H

#include "store/backend.h"

/*
 * Secrets in sideseat's own file, secrets.json in the data folder: plain text, for development.
 * docs/file.md lists what that protects. Runs in the module.
 */
extern const struct store_backend file_backend;

#endif
