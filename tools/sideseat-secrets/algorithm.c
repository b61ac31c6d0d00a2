/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/algorithm.h"

#include <stdio.h>
#include <string.h>

/* RFC 7518, 3.5: the salt is as long as the hash. */
static CK_RSA_PKCS_PSS_PARAMS pss[] = {
    {CKM_SHA256, CKG_MGF1_SHA256, 32},
    {CKM_SHA384, CKG_MGF1_SHA384, 48},
    {CKM_SHA512, CKG_MGF1_SHA512, 64},
};

static const struct algorithm rows[] = {
    {"sha256", "HS256", CKK_GENERIC_SECRET, 0, CKM_SHA256_HMAC, 32, NULL},
    {"sha384", "HS384", CKK_GENERIC_SECRET, 0, CKM_SHA384_HMAC, 48, NULL},
    {"sha512", "HS512", CKK_GENERIC_SECRET, 0, CKM_SHA512_HMAC, 64, NULL},
    {"RS256", "RS256", CKK_RSA, 0, CKM_SHA256_RSA_PKCS, 0, NULL},
    {"RS384", "RS384", CKK_RSA, 0, CKM_SHA384_RSA_PKCS, 0, NULL},
    {"RS512", "RS512", CKK_RSA, 0, CKM_SHA512_RSA_PKCS, 0, NULL},
    {"PS256", "PS256", CKK_RSA, 0, CKM_SHA256_RSA_PKCS_PSS, 0, &pss[0]},
    {"PS384", "PS384", CKK_RSA, 0, CKM_SHA384_RSA_PKCS_PSS, 0, &pss[1]},
    {"PS512", "PS512", CKK_RSA, 0, CKM_SHA512_RSA_PKCS_PSS, 0, &pss[2]},
    {"ES256", "ES256", CKK_EC, 256, CKM_ECDSA_SHA256, 64, NULL},
    {"ES384", "ES384", CKK_EC, 384, CKM_ECDSA_SHA384, 96, NULL},
    {"ES512", "ES512", CKK_EC, 521, CKM_ECDSA_SHA512, 132, NULL},
    {"EdDSA", "EdDSA", CKK_EC_EDWARDS, 0, CKM_EDDSA, 0, NULL},
    {"RSA", NULL, CKK_RSA, 0, CKM_RSA_PKCS, 0, NULL},
    {"ECDSA", NULL, CKK_EC, 256, CKM_ECDSA, 64, NULL},
    {"ECDSA", NULL, CKK_EC, 384, CKM_ECDSA, 96, NULL},
    {"ECDSA", NULL, CKK_EC, 521, CKM_ECDSA, 132, NULL},
};

#define ROWS (sizeof rows / sizeof rows[0])

/* "": it has none. */
static const char *name_of(const struct algorithm *algorithm, bool jws)
{
    if (jws)
        return algorithm->jws == NULL ? "" : algorithm->jws;
    return algorithm->name;
}

const struct algorithm *algorithm_find(const char *name, bool jws)
{
    for (size_t i = 0; name[0] != '\0' && i < ROWS; i++)
        if (strcmp(name, name_of(&rows[i], jws)) == 0)
            return &rows[i];
    return NULL;
}

static bool algorithm_fits(const struct algorithm *algorithm, CK_KEY_TYPE type, unsigned bits)
{
    return algorithm->key_type == type && (algorithm->bits == 0 || algorithm->bits == bits);
}

const struct algorithm *algorithm_named_as(const struct algorithm *asked, CK_KEY_TYPE type,
                                           unsigned bits)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, asked->name) == 0 && algorithm_fits(&rows[i], type, bits))
            return &rows[i];
    return NULL;
}

const struct algorithm *algorithm_of_key(CK_KEY_TYPE type, unsigned bits)
{
    for (size_t i = 0; i < ROWS; i++)
        if (algorithm_fits(&rows[i], type, bits))
            return &rows[i];
    return NULL;
}

/* Appends the name number `index` of `count`. */
static void append(char out[ALGORITHM_NAMES_SIZE], size_t index, size_t count, const char *name)
{
    size_t len = strlen(out);
    const char *before = index == 0 ? "" : index + 1 == count ? " and " : ", ";

    (void)snprintf(out + len, ALGORITHM_NAMES_SIZE - len, "%s%s", before, name);
}

/* The names of those that fit, or of all, each once. */
static void join(const struct algorithm *const *list, size_t count, bool jws,
                 char out[ALGORITHM_NAMES_SIZE])
{
    const char *names[ROWS];
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(list[i], jws);
        if (name[0] != '\0' && (known == 0 || strcmp(names[known - 1], name) != 0))
            names[known++] = name;
    }
    out[0] = '\0';
    for (size_t i = 0; i < known; i++)
        append(out, i, known, names[i]);
}

void algorithm_names(CK_KEY_TYPE type, unsigned bits, bool jws, char out[ALGORITHM_NAMES_SIZE])
{
    const struct algorithm *fitting[ROWS];
    size_t count = 0;

    for (size_t i = 0; i < ROWS; i++)
        if (algorithm_fits(&rows[i], type, bits))
            fitting[count++] = &rows[i];
    join(fitting, count, jws, out);
}

void algorithm_all_names(bool jws, char out[ALGORITHM_NAMES_SIZE])
{
    const struct algorithm *all[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        all[i] = &rows[i];
    join(all, ROWS, jws, out);
}

CK_MECHANISM algorithm_mechanism(const struct algorithm *algorithm)
{
    return (CK_MECHANISM){algorithm->mechanism, algorithm->pss,
                          algorithm->pss == NULL ? 0 : sizeof *algorithm->pss};
}
