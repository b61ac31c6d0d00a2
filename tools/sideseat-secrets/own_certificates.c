/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/own_certificates.h"

#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/search.h"

#define CATEGORY_AUTHORITY 2UL /* PKCS#11 3.0, 4.6.2 */

/* The secret that shows the certificates. */
struct place {
    struct client *client;
    const char *key; /* as it was asked for */
    struct object_scope scope;
};

/* Gives handles of the certificates, at most CERTIFICATES_MAX. */
static enum outcome find_all(const struct place *place, CK_OBJECT_HANDLE found[CERTIFICATES_MAX],
                             CK_ULONG *count)
{
    const CK_FUNCTION_LIST *p11 = place->client->p11;
    const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE rows[OBJECT_SCOPE_ROWS + 1] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class)};
    CK_RV rv;

    memcpy(rows + 1, place->scope.rows, place->scope.count * sizeof rows[0]);
    rv = p11->C_FindObjectsInit(place->client->session, rows, place->scope.count + 1);
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

/* The certificates that would go, without those of the key itself. */
struct dropped {
    const struct place *place;
    size_t count;
    struct {
        struct store_secret der;
        struct store_secret info; /* its public key */
        bool authority;
    } all[CERTIFICATES_MAX];
    char user[LABEL_SIZE]; /* another key pair or secret that has one of them; "": none */
};

static void dropped_wipe(struct dropped *dropped)
{
    for (size_t i = 0; i < CERTIFICATES_MAX; i++) {
        store_secret_wipe(&dropped->all[i].der);
        store_secret_wipe(&dropped->all[i].info);
    }
}

#define AUTO_DROPPED __attribute__((cleanup(dropped_wipe))) struct dropped

static enum outcome find_dropped(const struct certificates *certificates, struct dropped *out)
{
    const struct store_secret *own = &certificates->info;
    struct client *client = out->place->client;
    CK_OBJECT_HANDLE found[CERTIFICATES_MAX];
    CK_ULONG count = 0;

    STEP(find_all(out->place, found, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        CK_ULONG category = 0;
        CK_ATTRIBUTE row = {CKA_CERTIFICATE_CATEGORY, &category, sizeof category};
        AUTO_SECRET der = {0};
        AUTO_SECRET info = {0};

        object_read_optional(client, found[i], CKA_VALUE, &der);
        object_read_optional(client, found[i], CKA_PUBLIC_KEY_INFO, &info);
        if (is_among(&der, certificates) || store_secret_equal(&info, own->data, own->len))
            continue;
        (void)client->p11->C_GetAttributeValue(client->session, found[i], &row, 1);
        out->all[out->count].authority = category == CATEGORY_AUTHORITY;
        store_secret_move(&out->all[out->count].der, &der);
        store_secret_move(&out->all[out->count++].info, &info);
    }
    return OUTCOME_OK;
}

/* Notes a key pair of which one of the certificates is. */
static enum outcome see_key(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                            const char *name)
{
    struct dropped *dropped = arg;
    AUTO_SECRET info = {0};

    object_read_optional(client, object, CKA_PUBLIC_KEY_INFO, &info);
    for (size_t i = 0; info.len > 0 && i < dropped->count; i++)
        if (store_secret_equal(&info, dropped->all[i].info.data, dropped->all[i].info.len))
            (void)snprintf(dropped->user, sizeof dropped->user, "%s", name);
    return OUTCOME_OK;
}

/* Notes another secret that shows one of them: that of a key that cannot be used now, say. Each may
 * have its own copy of an authority's. */
static enum outcome see_certificate(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                                    const char *name)
{
    struct dropped *dropped = arg;
    char key[STORE_KEY_MAX + 1];
    AUTO_SECRET der = {0};

    if (object_key(client, object, key) && strcmp(key, dropped->place->scope.key) == 0)
        return OUTCOME_OK;
    object_read_optional(client, object, CKA_VALUE, &der);
    for (size_t i = 0; der.len > 0 && i < dropped->count; i++)
        if (!dropped->all[i].authority &&
            store_secret_equal(&der, dropped->all[i].der.data, dropped->all[i].der.len))
            (void)snprintf(dropped->user, sizeof dropped->user, "%s", name);
    return OUTCOME_OK;
}

/* Refuses to drop a certificate that another key pair has in the same secret. */
static enum outcome check_dropped(const struct place *place,
                                  const struct certificates *certificates)
{
    AUTO_DROPPED dropped = {.place = place};

    STEP(find_dropped(certificates, &dropped));
    if (dropped.count > 0)
        STEP(search_class(place->client, CKO_PUBLIC_KEY, "the public keys", see_key, &dropped));
    if (dropped.count > 0 && dropped.user[0] == '\0')
        STEP(search_class(place->client, CKO_CERTIFICATE, "the certificates", see_certificate,
                          &dropped));
    if (dropped.user[0] == '\0')
        return OUTCOME_OK;
    outcome_print(
        "cannot import %s: a certificate that would be replaced is one of %s, and nothing "
        "has changed; add that to the new ones to keep it, or give the key a secret of "
        "its own for certificates, in its rule in pkcs11.keys (sideseat.json(5))",
        place->key, dropped.user);
    return OUTCOME_CONFLICT;
}

enum outcome own_certificates_import(struct client *client, const char *key,
                                     CK_OBJECT_HANDLE private,
                                     const struct certificates *certificates, bool replace)
{
    struct place place = {.client = client, .key = key};
    char secret[STORE_KEY_MAX + 1];
    bool there[CERTIFICATES_MAX] = {false};
    enum outcome outcome = OUTCOME_OK;
    bool added = false;
    bool others;

    if (!object_key(client, private, secret) || !object_scope_read(secret, &place.scope)) {
        outcome_print(
            "cannot import %s: its token is not one of sideseat-pkcs11; choose one with -t", key);
        return OUTCOME_FAILED;
    }
    STEP(look(&place, certificates, there, &others));
    if (others && !replace)
        return outcome_of_conflict("import", key,
                                   "it has certificates already, and nothing has changed; to "
                                   "replace them: --overwrite");
    if (others)
        STEP(check_dropped(&place, certificates));
    STEP(add(&place, certificates, there));
    if (others)
        outcome = destroy(&place, certificates, false);
    for (size_t i = 0; i < certificates->count; i++)
        added = added || !there[i];
    if (outcome != OUTCOME_OK && added)
        outcome_print("the new certificates of %s are in use, and old ones are still there, too",
                      key);
    return outcome;
}
