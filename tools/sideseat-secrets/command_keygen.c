/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/number.h"
#include "tools/sideseat-secrets/object.h"
#include "tools/sideseat-secrets/option.h"

#define RSA "rsa:"
#define RSA_BITS_MAX 16384 /* the module knows which it makes */

/* The kinds of key on a curve: CKA_EC_PARAMS is the curve's OID (RFC 5480, 2.1.1.1; RFC 8410, 3).
 */
static const struct curve {
    const char *name;
    CK_MECHANISM_TYPE mechanism;
    unsigned char oid[10];
    CK_ULONG oid_len;
} curves[] = {
    {"ec:P-256",
     CKM_EC_KEY_PAIR_GEN,
     {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07},
     10},
    {"ec:P-384", CKM_EC_KEY_PAIR_GEN, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}, 7},
    {"ec:P-521", CKM_EC_KEY_PAIR_GEN, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}, 7},
    {"ed25519", CKM_EC_EDWARDS_KEY_PAIR_GEN, {0x06, 0x03, 0x2b, 0x65, 0x70}, 5},
    {"ed448", CKM_EC_EDWARDS_KEY_PAIR_GEN, {0x06, 0x03, 0x2b, 0x65, 0x71}, 5},
};

/* A kind of key pair. */
struct kind {
    CK_MECHANISM_TYPE mechanism;
    CK_ULONG bits;             /* of RSA */
    const struct curve *curve; /* NULL: RSA */
};

static bool parse_kind(const char *text, struct kind *out)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (strcmp(text, curves[i].name) == 0) {
            *out = (struct kind){curves[i].mechanism, 0, &curves[i]};
            return true;
        }
    }
    if (strncmp(text, RSA, strlen(RSA)) != 0 ||
        !number_parse(text + strlen(RSA), RSA_BITS_MAX, &bits))
        return false;
    *out = (struct kind){CKM_RSA_PKCS_KEY_PAIR_GEN, (CK_ULONG)bits, NULL};
    return true;
}

/* Has the module make the pair and store it. */
static CK_RV generate(struct client *client, const char *key, const struct kind *kind,
                      CK_OBJECT_HANDLE *private)
{
    CK_MECHANISM mechanism = {kind->mechanism, NULL, 0};
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE public_rows[] = {
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_MODULUS_BITS, &kind->bits, sizeof kind->bits),
    };
    CK_ATTRIBUTE private_rows[] = {
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_LABEL, key, strlen(key)),
    };
    CK_OBJECT_HANDLE public = 0;

    if (kind->curve != NULL)
        public_rows[1] =
            (CK_ATTRIBUTE)OBJECT_ROW(CKA_EC_PARAMS, kind->curve->oid, kind->curve->oid_len);
    return client->p11->C_GenerateKeyPair(client->session, &mechanism, public_rows, 2, private_rows,
                                          2, &public, private);
}

enum outcome command_keygen(const struct request *request)
{
    const char *type = option_text(request, OPTION_TYPE);
    const char *key = request->keys[0];
    CK_OBJECT_HANDLE private = 0;
    AUTO_CLIENT client = {0};
    struct kind kind;
    CK_RV rv;

    if (type == NULL)
        type = "ec:P-256";
    if (!parse_kind(type, &kind)) {
        outcome_print("no type '%s'; there are rsa:BITS, ec:P-256, ec:P-384, ec:P-521, ed25519 and "
                      "ed448",
                      type);
        return OUTCOME_USAGE;
    }
    STEP(client_open(&client, request, CLIENT_WRITE));
    rv = generate(&client, key, &kind, &private);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("make", key,
                                   "it exists already, and nothing has changed; to make another, "
                                   "delete it first");
    if (rv != CKR_OK)
        return outcome_of_rv("make", key, rv);
    return request->json ? object_print(&client, private) : OUTCOME_OK;
}
