/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/curve.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/number.h"
#include "tools/sideseat-secrets/object.h"
#include "tools/sideseat-secrets/option.h"

#define RSA "rsa:"
#define RSA_BITS_MAX 16384 /* the module knows which it makes */

/* A kind of key pair. */
struct kind {
    CK_MECHANISM_TYPE mechanism;
    CK_ULONG bits;             /* of RSA */
    const struct curve *curve; /* NULL: RSA */
};

static bool parse_kind(const char *text, struct kind *out)
{
    const struct curve *curve = curve_of_type(text);
    uint64_t bits = 0;

    if (curve != NULL) {
        *out = (struct kind){curve->generate, 0, curve};
        return true;
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

/* Tells of a key that its rule lets do nothing: only the new key shows that. */
static void warn_useless(struct client *client, const char *key, const char *type,
                         CK_OBJECT_HANDLE private)
{
    static const CK_ATTRIBUTE_TYPE uses[] = {CKA_SIGN, CKA_DECRYPT, CKA_DERIVE};

    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if (object_is(client, private, uses[i]))
            return;
    outcome_print(
        "warning: %s can be used for nothing: its rule in pkcs11.keys allows nothing that "
        "a key of type %s does; change the rule's usage, or delete the key and make "
        "another",
        key, type);
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
        outcome_print("no type '%s'; there are rsa:BITS, ec:P-256, ec:P-384, ec:P-521, ed25519, "
                      "ed448 and x25519",
                      type);
        return OUTCOME_USAGE;
    }
    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(field_refuse(&client, request, 0));
    rv = generate(&client, key, &kind, &private);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("make", key,
                                   "it exists already, and nothing has changed; to make another, "
                                   "delete it first");
    if (rv == CKR_TEMPLATE_INCONSISTENT && client.ours)
        return outcome_of_refusal(
            "make", key,
            "no rule in pkcs11.keys makes it a key pair (a rule for an AES key "
            "does not); add a rule (sideseat.json(5)), or use another key");
    if (rv != CKR_OK)
        return outcome_of_rv("make", key, rv);
    warn_useless(&client, key, type, private);
    return request->json ? object_print(&client, private) : OUTCOME_OK;
}
