/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_HTTP_SYSTEM_H
#define BACKENDS_HTTP_SYSTEM_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "store/secret.h"

/* What differs between systems under libcurl: the library for TLS, which is OpenSSL or Windows'
 * Schannel, and sockets. For this folder only. */

/* Has that library use these functions for its memory, if it can; before its first use. */
void system_memory(void *(*get)(size_t size), void *(*change)(void *data, size_t size),
                   void (*release)(void *data));

/* Sets the options of a handle that only this system needs. */
CURLcode system_prepare(CURL *handle);

/* The certificates that a handle trusts by its own settings are then the only ones. */
CURLcode system_distrust(CURL *handle);

/* False if TLS cannot use a client's certificate and key in PEM. */
extern const bool system_has_client_keys;

/* A list of certificates, each once. */
struct system_list;

/* NULL without memory. */
struct system_list *system_list_new(void);
void system_list_free(struct system_list *list);

/* Adds every certificate of a text in PEM, and skips everything else. */
enum store_err system_list_add(struct system_list *list,
                               const struct store_secret *text) STORE_CHECKED;

bool system_list_is_empty(const struct system_list *list);

/* The list in PEM, for the caller to free. */
enum store_err system_list_write(const struct system_list *list, char **pem,
                                 size_t *len) STORE_CHECKED;

#endif
