/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/random.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/status.h"

/* The findings about one token: words for people and programs. Failures are printed as they are
 * found, each with its remedy. */
struct findings {
    const char *health;
    const char *list;
    const char *read;
    const char *write;
    size_t secrets;
    char key[LABEL_SIZE]; /* the first secret; "": none */
    char backend[64];
    enum outcome first;
};

/* The word for the outcome of a step, which is noted. */
static const char *word(struct findings *findings, enum outcome outcome)
{
    static const char *const words[] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_FAILED] = "failed",
        [OUTCOME_USAGE] = "misconfigured",
        [OUTCOME_NOT_FOUND] = "absent",
        [OUTCOME_CONFLICT] = "conflict",
        [OUTCOME_LOCKED] = "locked",
        [OUTCOME_UNREACHABLE] = "unreachable",
        [OUTCOME_DENIED] = "denied",
        [OUTCOME_NO_VALUE] = "no value",
        [OUTCOME_UNAUTHENTICATED] = "unauthenticated",
        [OUTCOME_DAMAGED] = "damaged",
    };

    if (findings->first == OUTCOME_OK)
        findings->first = outcome;
    return outcome <= OUTCOME_DAMAGED ? words[outcome] : "failed";
}

static enum outcome count(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                          const char *key)
{
    struct findings *findings = arg;

    (void)client;
    (void)object;
    if (findings->secrets++ == 0)
        (void)snprintf(findings->key, sizeof findings->key, "%s", key);
    return OUTCOME_OK;
}

static enum outcome ask_health(struct client *client, struct findings *findings)
{
    json_t *status = NULL;
    enum outcome outcome = status_read(client, client->label, &status);
    const json_t *health = json_object_get(status, "health");

    if (outcome == OUTCOME_OK && status != NULL) {
        (void)snprintf(findings->backend, sizeof findings->backend, "%s",
                       status_text(status, "backend"));
        if (health != NULL && !json_is_true(json_object_get(health, "ok"))) {
            outcome = outcome_of_health(status_text(health, "error"));
            outcome_print("token %s: %s; %s", client->label, status_text(health, "text"),
                          status_text(health, "remedy"));
        }
    }
    json_decref(status);
    return outcome;
}

static enum outcome try_read(struct client *client, const struct findings *findings)
{
    const CK_OBJECT_CLASS class = CKO_DATA;
    const CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                                 OBJECT_ROW(CKA_LABEL, findings->key, strlen(findings->key))};
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome = object_find(client, rows, 2, findings->key, &object);
    CK_RV rv;

    if (outcome != OUTCOME_OK)
        return outcome == OUTCOME_NOT_FOUND ? OUTCOME_OK : outcome; /* deleted meanwhile */
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OK || rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_SIDESEAT_NO_VALUE)
        return OUTCOME_OK;
    return outcome_of_rv("read", findings->key, rv);
}

/* Makes a secret of a random name, reads it back and deletes it. */
static enum outcome try_write(struct client *client)
{
    static const char prefix[] = "global/sideseat-doctor-";
    AUTO_SECRET name = {0};
    AUTO_SECRET back = {0};
    char key[sizeof prefix + 32];
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(random_text(random_find("hex"), 16, &name));
    (void)snprintf(key, sizeof key, "%s%.*s", prefix, (int)name.len, (const char *)name.data);
    rv = make_secret(client, key, &name, "0", &object);
    if (rv != CKR_OK)
        return outcome_of_rv("store", key, rv);
    rv = object_read(client, object, CKA_VALUE, &back);
    if (rv != CKR_OK)
        return outcome_of_rv("read", key, rv);
    rv = client->p11->C_DestroyObject(client->session, object);
    if (rv != CKR_OK)
        return outcome_of_rv("delete", key, rv);
    if (store_secret_equal(&back, name.data, name.len))
        return OUTCOME_OK;
    outcome_print("the store gave another value for %s than was stored", key);
    return OUTCOME_FAILED;
}

static void examine(struct client *client, const struct request *request, CK_SLOT_ID slot,
                    bool writable, struct findings *findings)
{
    bool write = option_given(request, OPTION_WRITE);
    enum outcome outcome =
        client_connect_slot(client, request, slot, write && writable ? CLIENT_WRITE : CLIENT_READ);

    findings->list = findings->read = "not tried";
    findings->write = writable ? "not tried" : "read-only";
    findings->health = word(findings, outcome);
    if (outcome != OUTCOME_OK)
        return;
    outcome = ask_health(client, findings);
    findings->health = word(findings, outcome);
    /* a store that is away would only fail again, later */
    if (outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_USAGE ||
        outcome == OUTCOME_UNAUTHENTICATED)
        return;
    findings->list = word(findings, search_scope(client, NULL, count, findings));
    if (findings->secrets > 0)
        findings->read = word(findings, try_read(client, findings));
    if (write && writable)
        findings->write = word(findings, try_write(client));
}

static void tell_text(const struct findings *findings, const char *label)
{
    char shown[LABEL_SIZE];

    label_for_output(label, shown);
    (void)printf("token %s (%s)\n  health  %s\n  list    %s, %zu secrets\n  read    %s\n"
                 "  write   %s\n",
                 shown, findings->backend, findings->health, findings->list, findings->secrets,
                 findings->read, findings->write);
}

static void tell_json(struct print_json *json, const struct findings *findings, const char *label)
{
    (void)yajl_gen_map_open(json->gen);
    print_json_text(json, "token", label);
    print_json_text(json, "backend", findings->backend);
    print_json_text(json, "health", findings->health);
    print_json_text(json, "list", findings->list);
    print_json_number(json, "secrets", findings->secrets);
    print_json_text(json, "read", findings->read);
    print_json_text(json, "write", findings->write);
    (void)yajl_gen_map_close(json->gen);
}

/* Examines the token in the slot, unless another one is asked for. */
static void examine_slot(struct client *client, const struct request *request, CK_SLOT_ID slot,
                         struct print_json *json, struct findings *findings)
{
    char label[CLIENT_LABEL_SIZE];
    CK_TOKEN_INFO token;

    if (!client_token(client, slot, &token))
        return;
    client_label(&token, label);
    if (request->token != NULL && strcmp(request->token, label) != 0)
        return;
    examine(client, request, slot, (token.flags & CKF_WRITE_PROTECTED) == 0, findings);
    if (request->json)
        tell_json(json, findings, label);
    else
        tell_text(findings, label);
}

enum outcome command_doctor(const struct request *request)
{
    enum outcome first = OUTCOME_OK;
    bool found = false;
    AUTO_CLIENT client = {0};
    AUTO_JSON json = {0};
    CK_SLOT_ID *slots = NULL;
    CK_ULONG slot_count = 0;

    STEP(client_load(&client, request));
    if (request->json) {
        if (!print_json_open(&json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(json.gen);
    }
    STEP(client_slots(&client, &slots, &slot_count));
    for (CK_ULONG i = 0; i < slot_count; i++) {
        struct findings findings = {0};

        examine_slot(&client, request, slots[i], &json, &findings);
        found = found || findings.health != NULL;
        if (first == OUTCOME_OK)
            first = findings.first;
    }
    free(slots);
    if (!found) {
        outcome_print("no token%s%s", request->token == NULL ? "" : " ",
                      request->token == NULL ? "" : request->token);
        return OUTCOME_NOT_FOUND;
    }
    if (request->json) {
        (void)yajl_gen_array_close(json.gen);
        STEP(print_json_close(&json));
    }
    return first;
}
