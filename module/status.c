/* SPDX-License-Identifier: Apache-2.0 */
#include "module/status.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "module/key.h"
#include "module/pair.h"
#include "module/token.h"
#include "module/token_usage.h"
#include "store/url.h"
#include "store/utf8.h"

static const char *persistence_name(enum store_persistence persistence)
{
    switch (persistence) {
    case STORE_PERSISTENT:
        return "persistent";
    case STORE_UNTIL_REBOOT:
        return "until-reboot";
    case STORE_UNTIL_EXIT:
        return "until-exit";
    }
    return "unknown";
}

/* A text for people, which may have been cut in the middle of a character: JSON takes whole ones
 * only. NULL without memory. */
static json_t *text_json(const char *text)
{
    char *copy = strdup(text);
    json_t *json = NULL;

    if (copy != NULL) {
        store_utf8_defuse(copy);
        json = json_string(copy);
    }
    free(copy);
    return json;
}

static void add_setting(void *arg, const char *path, const char *value,
                        const struct store_secret *secret, const char *origin)
{
    char shown[2048];

    (void)secret; /* the status says only that the setting has a value */
    if (value != NULL && (strstr(value, "://") != NULL || strcmp(path, "vault.proxy") == 0)) {
        store_url_show(value, shown, sizeof shown);
        value = shown;
    }
    json_array_append_new(arg, json_pack("{s:s, s:s?, s:o}", "path", path, "value", value, "origin",
                                         text_json(origin)));
}

static json_t *health_json(const struct store_health *health)
{
    return json_pack("{s:b, s:s?, s:o, s:o}", "ok", health->err == STORE_OK, "error",
                     health->err == STORE_OK ? NULL : store_err_name(health->err), "text",
                     text_json(health->text), "remedy", text_json(health->remedy));
}

static void add_finding(void *arg, const struct store_finding *finding)
{
    json_array_append_new(
        arg, json_pack("{s:o, s:b, s:s?, s:o, s:o}", "what", text_json(finding->what), "ok",
                       finding->err == STORE_OK, "error",
                       finding->err == STORE_OK ? NULL : store_err_name(finding->err), "text",
                       text_json(finding->text), "remedy", text_json(finding->remedy)));
}

/* The findings: the module's own, and the store's. */
static json_t *findings_json(struct token *token)
{
    json_t *findings = json_array();
    const char *audit = store_conf_text(token->conf, "audit.target");

    store_finding_tell(add_finding, findings, "module", STORE_OK, "", "sideseat-pkcs11 %s",
                       SIDESEAT_VERSION);
    if (audit != NULL)
        store_finding_tell(add_finding, findings, "audit", STORE_OK, "", "%.200s", audit);
    token_examine(token, add_finding, findings);
    return findings;
}

/* The keys that the token cannot use, as far as it has read them. */
struct faults {
    const struct token *token;
    json_t *list;
};

static void add_fault(void *arg, const char *key, const struct pki *pki)
{
    const struct faults *faults = arg;
    char text[PAIR_FAULT_SIZE];

    if (!pair_fault_matters(faults->token, key, pki->fault))
        return;
    pair_fault_text(faults->token, key, pki->fault, pki->other, text);
    json_array_append_new(faults->list, json_pack("{s:s, s:s}", "key", key, "fault", text));
}

/* Looks at the value of each AES key. An error of the store is not a fault of a key. */
static void check_aes(struct token *token)
{
    const struct store_conf_rule *rule;

    for (size_t i = 0; (rule = store_conf_aes_at(token->conf, i)) != NULL; i++) {
        AUTO_RECORD record = {0};
        enum store_err err = token_read(token, rule->pattern, &record);

        if (err == STORE_OK || err == STORE_NOT_FOUND)
            token_note_aes(token, rule->pattern,
                           err == STORE_OK && !key_is_aes(rule->encoding, &record.value));
    }
}

static json_t *faults_json(struct token *token)
{
    struct faults faults = {.token = token, .list = json_array()};
    const struct store_conf_rule *rule;

    faces_each_fault(token->faces, add_fault, &faults);
    for (size_t i = 0; (rule = store_conf_aes_at(token->conf, i)) != NULL; i++)
        if (token_aes_is_bad(token, i))
            json_array_append_new(faults.list, json_pack("{s:s, s:s}", "key", rule->pattern,
                                                         "fault", "it is not an AES key"));
    return faults.list;
}

CK_RV status_describe(struct token *token, bool closely, struct store_secret *out)
{
    json_t *settings = json_array();
    struct store_health health;
    json_t *status;
    char *text;
    enum store_err err;

    token_health(token, &health);
    if (health.err == STORE_OK && !closely) /* a closer look reads no secret */
        check_aes(token);
    store_conf_each(token->conf, add_setting, settings);
    status = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:o, s:o}", "token", store_conf_label(token->conf),
        "backend", token->registration->name, "description", token->registration->description,
        "persistence", persistence_name(token->registration->persistence), "selected_by",
        text_json(store_conf_backend_origin(token->conf)), "read_only", token_read_only(token),
        "health", health_json(&health), "faulty_keys", faults_json(token), "settings", settings);
    if (closely)
        (void)json_object_set_new(status, "findings", findings_json(token));
    text = status == NULL ? NULL : json_dumps(status, JSON_COMPACT);
    json_decref(status);
    if (text == NULL)
        return CKR_HOST_MEMORY;
    err = store_secret_set(out, text, strlen(text));
    free(text);
    return err == STORE_OK ? CKR_OK : CKR_HOST_MEMORY;
}
