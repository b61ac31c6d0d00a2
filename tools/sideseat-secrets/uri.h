/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_URI_H
#define TOOLS_SIDESEAT_SECRETS_URI_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdbool.h>

/* PKCS#11 URIs (RFC 7512), which can stand wherever a key can. */

/* A URI that names one secret. Zero-initialized is "not a URI": it matches every token. */
struct uri {
    P11KitUri *parsed;
    char *label;           /* of the secret: its key */
    CK_OBJECT_CLASS class; /* CKO_DATA, unless the URI names a key */
};

/* Room for the reason of a refusal. */
#define URI_REASON_SIZE 128

/* True if the text begins with "pkcs11:", in any case. */
bool uri_is(const char *text);

/* How many bytes of a URI an error may show: not its query or a PIN. */
int uri_shown(const char *text);

/* Parses a URI that names a secret by its label. False with a reason if it does not, has a part
 * that is not obeyed (a PIN, a module, an unknown attribute), or memory is short. */
bool uri_parse(const char *text, struct uri *out, char reason[URI_REASON_SIZE]);

/* Frees what uri_parse has made. Idempotent. */
void uri_free(struct uri *uri);

/* True if the module, the slot and the token agree with all that the URI says of them. */
bool uri_matches(const struct uri *uri, const CK_INFO *module, CK_SLOT_ID slot_id,
                 const CK_SLOT_INFO *slot, const CK_TOKEN_INFO *token);

/* The id that the URI gives beside the label; NULL if it gives none. */
const CK_ATTRIBUTE *uri_id(const struct uri *uri);

/* "pkcs11:token=LABEL;object=KEY;type=data"; the caller frees it. NULL without memory. */
char *uri_format(const CK_TOKEN_INFO *token, const char *key);

#endif
