/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/history.h"

#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/remedy.h"

enum outcome history_find(struct client *client, const char *key, struct history *out)
{
    CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_LABEL, key, strlen(key)),
                           OBJECT_ROW(CKA_SIDESEAT_HISTORY, "1", 1)};
    CK_RV rv = client->p11->C_FindObjectsInit(client->session, rows, 2);

    out->count = 0;
    out->kept = rv != CKR_FUNCTION_NOT_SUPPORTED;
    if (!out->kept)
        return OUTCOME_OK;
    if (rv == CKR_OK) {
        rv = client->p11->C_FindObjects(client->session, out->objects, HISTORY_MAX, &out->count);
        (void)client->p11->C_FindObjectsFinal(client->session);
    }
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("look up the versions of", key, rv);
}

enum outcome history_need(struct client *client, const struct request *request, size_t index,
                          struct history *out)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome;

    STEP(client_use(client, request, &request->uris[index], client->access));
    STEP(history_find(client, key, out));
    if (!out->kept) {
        outcome_print("the store of %s keeps no old versions", key);
        return OUTCOME_FAILED;
    }
    if (out->count > 0)
        return OUTCOME_OK;
    outcome = object_find_secret(client, request, key, &request->uris[index], &object);
    return outcome != OUTCOME_OK ? outcome : object_absent("version of", key, "");
}

void history_text(struct client *client, CK_OBJECT_HANDLE version, CK_ATTRIBUTE_TYPE type,
                  char out[HISTORY_TEXT_SIZE])
{
    AUTO_SECRET text = {0};
    size_t len;

    object_read_optional(client, version, type, &text);
    len = text.len < HISTORY_TEXT_SIZE ? text.len : 0;
    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

bool history_is(struct client *client, CK_OBJECT_HANDLE version, const char *state)
{
    char text[HISTORY_TEXT_SIZE];

    history_text(client, version, CKA_SIDESEAT_VERSION_STATE, text);
    return strcmp(text, state) == 0;
}

enum outcome history_pick(struct client *client, const struct history *history, const char *key,
                          const char *version, CK_OBJECT_HANDLE *out)
{
    static const CK_ATTRIBUTE_TYPE types[] = {CKA_SIDESEAT_VERSION_NUMBER, CKA_SIDESEAT_VERSION};
    char line[REMEDY_SIZE];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        for (CK_ULONG at = 0; at < history->count; at++) {
            char text[HISTORY_TEXT_SIZE];

            history_text(client, history->objects[at], types[i], text);
            *out = history->objects[at];
            if (strcmp(text, version) == 0)
                return OUTCOME_OK;
        }
    remedy_line(client, "history", key, line);
    outcome_print("no version %s of %s; see: %s", version, key, line);
    return OUTCOME_NOT_FOUND;
}

enum outcome history_value(struct client *client, const char *key, CK_OBJECT_HANDLE version,
                           struct store_secret *out)
{
    CK_RV rv = object_read(client, version, CKA_VALUE, out);
    char number[HISTORY_TEXT_SIZE];
    char words[HISTORY_TEXT_SIZE + 32];
    char line[REMEDY_SIZE];

    if (rv == CKR_OK)
        return OUTCOME_OK;
    if (rv != CKR_SIDESEAT_NO_VALUE)
        return outcome_of_rv("read a version of", key, rv);
    history_text(client, version, CKA_SIDESEAT_VERSION_NUMBER, number);
    (void)snprintf(words, sizeof words, "undelete --version %s", number);
    remedy_line(client, words, key, line);
    if (history_is(client, version, "destroyed"))
        outcome_print("version %s of %s was destroyed; its value is gone", number, key);
    else
        outcome_print("version %s of %s is deleted; bring it back with: %s", number, key, line);
    return OUTCOME_NOT_FOUND;
}

enum outcome history_drop(struct client *client, const char *key, CK_OBJECT_HANDLE object,
                          bool *kept)
{
    char destroys[HISTORY_TEXT_SIZE] = "";
    struct history history;
    CK_RV rv;

    STEP(history_find(client, key, &history));
    if (history.count > 1 && history_is(client, history.objects[0], "current"))
        history_text(client, history.objects[0], CKA_SIDESEAT_DESTROY_ALL, destroys);
    *kept = strcmp(destroys, "1") == 0;
    if (*kept)
        rv = history_set(client, history.objects[0], CKA_SIDESEAT_VERSION_STATE, "deleted");
    else
        rv = client->p11->C_DestroyObject(client->session, object);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("delete", key, rv);
}

CK_RV history_set(struct client *client, CK_OBJECT_HANDLE version, CK_ATTRIBUTE_TYPE type,
                  const char *text)
{
    CK_ATTRIBUTE rows[] = {OBJECT_ROW(type, text, strlen(text))};

    return client->p11->C_SetAttributeValue(client->session, version, rows, 1);
}
