/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/status.h"

#include <string.h>

#include "tools/sideseat-secrets/object.h"
#include "sideseat-pkcs11.h"

/* Finds the status object; NOT_FOUND, which is not printed, if another module is connected. */
static enum outcome find_status(struct client *client, const char *label, CK_OBJECT_HANDLE *out)
{
    const CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    const CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class)};

    return object_find(client, rows, 1, label, out);
}

static enum outcome read_json(struct client *client, const char *label, CK_ATTRIBUTE_TYPE type,
                              json_t **out)
{
    AUTO_SECRET text = {0};
    CK_OBJECT_HANDLE object = 0;
    json_error_t error;
    enum outcome outcome = find_status(client, label, &object);
    CK_RV rv;

    *out = NULL;
    if (outcome == OUTCOME_NOT_FOUND)
        return OUTCOME_OK;
    STEP(outcome);
    rv = object_read(client, object, type, &text);
    if (rv != CKR_OK)
        return outcome_of_rv("read the status of token", label, rv);
    *out = json_loadb(text.len > 0 ? (const char *)text.data : "", text.len, 0, &error);
    if (*out != NULL)
        return OUTCOME_OK;
    outcome_print("the module's status of token %s is not JSON: %s", label, error.text);
    return OUTCOME_FAILED;
}

enum outcome status_read(struct client *client, const char *label, json_t **out)
{
    return read_json(client, label, CKA_SIDESEAT_STATUS, out);
}

enum outcome status_examine(struct client *client, const char *label, json_t **out)
{
    return read_json(client, label, CKA_SIDESEAT_DIAGNOSIS, out);
}

/* True if the store is a file, which alone goes on with a part of its secrets. */
static bool is_file(struct client *client)
{
    AUTO_SECRET backend = {0};
    CK_OBJECT_HANDLE object = 0;

    return find_status(client, client->label, &object) == OUTCOME_OK &&
           object_read(client, object, CKA_SIDESEAT_BACKEND, &backend) == CKR_OK &&
           store_secret_equal(&backend, "file", strlen("file"));
}

enum outcome status_whole(struct client *client)
{
    enum outcome outcome = OUTCOME_OK;
    json_t *status = NULL;
    const json_t *health;

    if (!is_file(client))
        return OUTCOME_OK;
    STEP(status_read(client, client->label, &status));
    health = json_object_get(status, "health");
    if (strcmp(status_text(health, "error"), "CORRUPT") == 0) {
        outcome_print("not all secrets are known: %s; %s (CKR_SIDESEAT_DAMAGED)",
                      status_text(health, "text"), status_text(health, "remedy"));
        outcome = OUTCOME_DAMAGED;
    }
    json_decref(status);
    return outcome;
}

enum outcome status_works(struct client *client)
{
    enum outcome outcome = OUTCOME_OK;
    json_t *status = NULL;
    const json_t *health;

    STEP(status_read(client, client->label, &status));
    health = json_object_get(status, "health");
    if (health != NULL && !json_is_true(json_object_get(health, "ok"))) {
        outcome_print("token %s: %s; %s", client->label, status_text(health, "text"),
                      status_text(health, "remedy"));
        outcome = outcome_of_health(status_text(health, "error"));
    }
    json_decref(status);
    return outcome;
}

enum outcome status_order(struct client *client, CK_ATTRIBUTE_TYPE type, CK_RV *rv)
{
    CK_ATTRIBUTE order = OBJECT_ROW(type, "1", 1);
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome = find_status(client, client->label, &object);

    if (outcome == OUTCOME_NOT_FOUND) {
        outcome_print("token %s is not one of sideseat-pkcs11, which alone can do this",
                      client->label);
        return OUTCOME_FAILED;
    }
    STEP(outcome);
    *rv = client->p11->C_SetAttributeValue(client->session, object, &order, 1);
    return OUTCOME_OK;
}

const char *status_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text == NULL ? "" : text;
}

const char *status_setting(const json_t *status, const char *path, const char *otherwise)
{
    size_t i;
    json_t *setting;

    json_array_foreach(json_object_get(status, "settings"), i, setting)
    {
        const char *value = json_string_value(json_object_get(setting, "value"));
        if (value != NULL && strcmp(status_text(setting, "path"), path) == 0)
            return value;
    }
    return otherwise;
}
