/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/own_certificates.h"

#include <string.h>

#include "sideseat-pkcs11.h"

/* What a search for the certificates of a secret begins with. */
struct place {
    struct client *client;
    const char *key;
    struct store_secret scope;
    struct store_secret scope_id;
    struct store_secret name;
};

static void place_drop(struct place *place)
{
    store_secret_wipe(&place->scope);
    store_secret_wipe(&place->scope_id);
    store_secret_wipe(&place->name);
}

#define AUTO_PLACE __attribute__((cleanup(place_drop))) struct place

/* Gives handles of the certificates, at most CERTIFICATES_MAX. */
static enum outcome find_all(const struct place *place, CK_OBJECT_HANDLE found[CERTIFICATES_MAX],
                             CK_ULONG *count)
{
    const CK_FUNCTION_LIST *p11 = place->client->p11;
    const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_SIDESEAT_SCOPE, place->scope.data, place->scope.len),
        OBJECT_ROW(CKA_SIDESEAT_NAME, place->name.data, place->name.len),
        OBJECT_ROW(CKA_SIDESEAT_SCOPE_ID, place->scope_id.data, place->scope_id.len),
    };
    CK_ULONG rows_count = place->scope_id.len > 0 ? 4 : 3;
    CK_RV rv = p11->C_FindObjectsInit(place->client->session, rows, rows_count);

    if (rv == CKR_OK) {
        rv = p11->C_FindObjects(place->client->session, found, CERTIFICATES_MAX, count);
        (void)p11->C_FindObjectsFinal(place->client->session);
    }
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("find the certificates of", place->key, rv);
}

static bool is_among(const struct store_secret *der, const struct certificates *certificates)
{
    for (size_t i = 0; i < certificates->count; i++)
        if (store_secret_equal(der, certificates->der[i].data, certificates->der[i].len))
            return true;
    return false;
}

/* Destroys the certificates that are among these (`those`), or that are not. The numbers of the
 * others change each time, so it looks again. */
static enum outcome destroy(const struct place *place, const struct certificates *certificates,
                            bool those)
{
    struct client *client = place->client;

    for (int round = 0; round <= CERTIFICATES_MAX; round++) {
        CK_OBJECT_HANDLE found[CERTIFICATES_MAX];
        CK_ULONG count = 0;
        CK_ULONG at = 0;
        CK_RV rv;

        STEP(find_all(place, found, &count));
        for (; at < count; at++) {
            AUTO_SECRET der = {0};
            object_read_optional(client, found[at], CKA_VALUE, &der);
            if (der.len > 0 && is_among(&der, certificates) == those)
                break;
        }
        if (at == count)
            return OUTCOME_OK;
        rv = client->p11->C_DestroyObject(client->session, found[at]);
        if (rv != CKR_OK)
            return outcome_of_rv("remove a certificate of", place->key, rv);
    }
    return outcome_of_conflict("import", place->key,
                               "another program keeps adding certificates; look at them and run "
                               "the command again");
}

static CK_RV create(const struct place *place, const struct store_secret *der)
{
    const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    const CK_CERTIFICATE_TYPE type = CKC_X_509;
    const CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_CERTIFICATE_TYPE, &type, sizeof type),
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_LABEL, place->key, strlen(place->key)),
        OBJECT_ROW(CKA_VALUE, der->data, der->len),
    };

    return place->client->p11->C_CreateObject(place->client->session, rows,
                                              sizeof rows / sizeof rows[0], &object);
}

/* Which of the certificates are there, and whether any other is. */
static enum outcome look(const struct place *place, const struct certificates *certificates,
                         bool there[CERTIFICATES_MAX], bool *others)
{
    CK_OBJECT_HANDLE found[CERTIFICATES_MAX];
    CK_ULONG count = 0;

    STEP(find_all(place, found, &count));
    *others = false;
    for (CK_ULONG i = 0; i < count; i++) {
        AUTO_SECRET der = {0};
        object_read_optional(place->client, found[i], CKA_VALUE, &der);
        *others = *others || !is_among(&der, certificates);
        for (size_t j = 0; j < certificates->count; j++)
            there[j] = there[j] || store_secret_equal(&der, certificates->der[j].data,
                                                      certificates->der[j].len);
    }
    return OUTCOME_OK;
}

static enum outcome refused(const struct place *place, CK_RV rv)
{
    if (rv != CKR_TEMPLATE_INCONSISTENT)
        return outcome_of_rv("import a certificate to", place->key, rv);
    outcome_print("cannot import to %s: its secret has no room for all of them, since it may show "
                  "%d certificates, old and new; or it is not in PEM, and then another secret can "
                  "hold them: name that as the rule's certificate (sideseat.json(5))",
                  place->key, CERTIFICATES_MAX);
    return OUTCOME_FAILED;
}

/* Adds those that are missing: the authorities' first, so that whoever sees the key's own one sees
 * its chain, too. */
static enum outcome add(const struct place *place, const struct certificates *certificates,
                        const bool there[CERTIFICATES_MAX])
{
    struct certificates added = {0};
    enum outcome outcome = OUTCOME_OK;

    for (size_t i = 1; i <= certificates->count && outcome == OUTCOME_OK; i++) {
        size_t at = i == certificates->count ? 0 : i;
        CK_RV rv = there[at] ? CKR_OK : create(place, &certificates->der[at]);
        if (rv != CKR_OK)
            outcome = refused(place, rv);
        else if (!there[at])
            store_secret_share(&added.der[added.count++], &certificates->der[at]);
    }
    if (outcome != OUTCOME_OK && added.count > 0 && destroy(place, &added, true) != OUTCOME_OK)
        outcome_print("some of the new certificates may be left in %s", place->key);
    certificates_drop(&added);
    return outcome;
}

enum outcome own_certificates_import(struct client *client, const char *key,
                                     CK_OBJECT_HANDLE private,
                                     const struct certificates *certificates, bool replace)
{
    AUTO_PLACE place = {.client = client, .key = key};
    bool there[CERTIFICATES_MAX] = {false};
    bool others;

    object_read_optional(client, private, CKA_SIDESEAT_SCOPE, &place.scope);
    object_read_optional(client, private, CKA_SIDESEAT_SCOPE_ID, &place.scope_id);
    object_read_optional(client, private, CKA_SIDESEAT_NAME, &place.name);
    STEP(look(&place, certificates, there, &others));
    if (others && !replace)
        return outcome_of_conflict("import", key,
                                   "it has certificates already, and nothing has changed; to "
                                   "replace them: --overwrite");
    STEP(add(&place, certificates, there));
    if (others && destroy(&place, certificates, false) != OUTCOME_OK) {
        outcome_print("the new certificates of %s are in use, and old ones are still there, too",
                      key);
        return OUTCOME_FAILED;
    }
    return OUTCOME_OK;
}
