/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/make.h"

#include <string.h>

#include "sideseat-pkcs11.h"

#define KEY_BYTES 32

CK_RV make_secret(struct client *client, const char *key, const struct store_secret *value,
                  const char *version, CK_OBJECT_HANDLE *out)
{
    static const char application[] = "sideseat";
    const CK_OBJECT_CLASS class = CKO_DATA;
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_PRIVATE, &yes, sizeof yes),
        OBJECT_ROW(CKA_APPLICATION, application, sizeof application - 1),
        OBJECT_ROW(CKA_LABEL, key, strlen(key)),
        OBJECT_ROW(CKA_VALUE, value->data, value->len),
        OBJECT_ROW(CKA_SIDESEAT_VERSION, version, version == NULL ? 0 : strlen(version)),
    };
    CK_ULONG count = sizeof rows / sizeof rows[0] - (version == NULL ? 1 : 0);
    return client->p11->C_CreateObject(client->session, rows, count, out);
}

CK_RV make_inside(struct client *client, const char *key, CK_OBJECT_HANDLE *out)
{
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    const CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    const CK_ULONG length = KEY_BYTES;
    const CK_BBOOL yes = CK_TRUE;
    const CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_KEY_TYPE, &type, sizeof type),
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_PRIVATE, &yes, sizeof yes),
        OBJECT_ROW(CKA_SENSITIVE, &yes, sizeof yes),
        OBJECT_ROW(CKA_EXTRACTABLE, &no, sizeof no),
        OBJECT_ROW(CKA_SIGN, &yes, sizeof yes),
        OBJECT_ROW(CKA_VERIFY, &yes, sizeof yes),
        OBJECT_ROW(CKA_VALUE_LEN, &length, sizeof length),
        OBJECT_ROW(CKA_LABEL, key, strlen(key)),
    };

    return client->p11->C_GenerateKey(client->session, &mechanism, rows,
                                      sizeof rows / sizeof rows[0], out);
}
