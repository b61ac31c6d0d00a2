/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_X509_REQUEST_H
#define TOOLS_SIDESEAT_SECRETS_X509_REQUEST_H

#include <openssl/x509v3.h>

#include "tools/sideseat-secrets/public_key.h"

/* A certificate request (PKCS#10, RFC 2986) whose signature is made elsewhere. Each function that
 * gives an outcome prints why it fails. */

/* A request for this key, without a name; NULL without memory. */
X509_REQ *x509_request_new(const struct public_key *key) STORE_CHECKED;

/* Sets the subject: "/CN=www.example.org/O=Example", in which a backslash makes the next character
 * an ordinary one. */
enum outcome x509_request_set_subject(X509_REQ *request, const char *text) STORE_CHECKED;

/* Adds an alternative name to the list: DNS:NAME, IP:ADDRESS, email:ADDRESS, URI:TEXT, or a NAME
 * alone for DNS. */
enum outcome x509_request_add_name(GENERAL_NAMES *names, const char *text) STORE_CHECKED;
enum outcome x509_request_set_names(X509_REQ *request, GENERAL_NAMES *names) STORE_CHECKED;

/* The bytes to sign, with the key's usual algorithm. */
enum outcome x509_request_bytes(X509_REQ *request, struct store_secret *out) STORE_CHECKED;

/* Sets the signature, which is in the module's form, verifies it, and writes the request in PEM. */
enum outcome x509_request_finish(X509_REQ *request, const struct public_key *key,
                                 const struct store_secret *signature,
                                 struct store_secret *out) STORE_CHECKED;

#endif
