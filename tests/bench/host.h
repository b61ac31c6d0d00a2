/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_HOST_H
#define TESTS_BENCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/cryptoki.h"

/* A host program of a PKCS#11 module, ours or another. Everything here ends the process on an
 * error. */
struct host {
    void *library;
    CK_FUNCTION_LIST *f;
    CK_SLOT_ID slot;
    const char *pin;    /* NULL: no login */
    int64_t loaded_cpu; /* the processor time taken before C_Initialize */
};

/* Loads and initializes the module, and picks the first slot with an initialized token. The PIN is
 * in BENCH_PIN if the module needs one. */
void host_open(struct host *host, const char *module);
void host_close(struct host *host);

CK_SESSION_HANDLE host_session(struct host *host);

/* Find by CKA_CLASS and CKA_LABEL, then CKA_VALUE in two calls, as every client does. Returns the
 * length of the value, 0 if the object does not exist. */
size_t host_get(struct host *host, CK_SESSION_HANDLE session, const char *label,
                unsigned char *value, size_t size);

/* Enumerates all data objects, reading label and value of each; how many there were. */
size_t host_list(struct host *host, CK_SESSION_HANDLE session);

/* Gives the secret a new value: C_SetAttributeValue or, where data objects cannot be changed,
 * destroy and create. */
void host_update(struct host *host, CK_SESSION_HANDLE session, const char *label,
                 const unsigned char *value, size_t len);
void host_create(struct host *host, CK_SESSION_HANDLE session, const char *label,
                 const unsigned char *value, size_t len);

/* The handle of the first object of the class with this label, 0 if there is none. */
CK_OBJECT_HANDLE host_find(struct host *host, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
                           const char *label);

/* The handle of the private key with this label, which exists. */
CK_OBJECT_HANDLE host_private_key(struct host *host, CK_SESSION_HANDLE session, const char *label);

/* The label of secret `i` of the bench's own population. */
void host_label(char out[64], size_t i);

#endif
