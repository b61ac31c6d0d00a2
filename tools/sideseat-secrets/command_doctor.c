/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/module_log.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/scratch.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/status.h"

/* A token under examination, with words for people and programs. Failures are printed as they are
 * found, each with its remedy. */
struct patient {
    struct client client; /* with a session of its own */
    CK_SLOT_ID slot;
    char label[CLIENT_LABEL_SIZE];
    bool asked_for; /* the request names it, or no token */
    bool writable;
    pthread_t thread;
    bool has_thread;
    enum outcome connected;
    enum outcome answered;
    json_t *status; /* with the findings; NULL: the module has none */
    const char *health;
    const char *list;
    const char *read;
    const char *write;
    size_t secrets;
    char key[LABEL_SIZE]; /* the first secret; "": none */
    char backend[64];
    enum outcome first;
    char reason[MODULE_LOG_SIZE]; /* of its ill health, from the log; "": the health has it */
};

/* The word for the outcome of a step, which is noted. */
static const char *word(struct patient *patient, enum outcome outcome)
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

    if (patient->first == OUTCOME_OK)
        patient->first = outcome;
    return outcome <= OUTCOME_DAMAGED ? words[outcome] : "failed";
}

static enum outcome count(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                          const char *key)
{
    struct patient *patient = arg;

    (void)client;
    (void)object;
    if (patient->secrets++ == 0)
        (void)snprintf(patient->key, sizeof patient->key, "%s", key);
    return OUTCOME_OK;
}

/* Asks for health and findings, in a thread: a store that does not answer holds up no other. */
static void *ask(void *arg)
{
    struct patient *patient = arg;

    patient->answered = status_examine(&patient->client, patient->label, &patient->status);
    return NULL;
}

/* True if the health says only that a setting or the credentials are wrong: the log says which. */
static bool reason_is_logged(const struct patient *patient)
{
    const char *error = status_text(json_object_get(patient->status, "health"), "error");

    return patient->asked_for && (strcmp(error, "BAD_CONF") == 0 || strcmp(error, "AUTH") == 0);
}

/* The outcome for what the store's health and its findings say; prints those that are amiss. */
static enum outcome judge(struct patient *patient)
{
    const json_t *health = json_object_get(patient->status, "health");
    enum outcome outcome = patient->answered;
    json_t *finding;
    size_t i;

    if (outcome != OUTCOME_OK)
        return outcome;
    (void)snprintf(patient->backend, sizeof patient->backend, "%s",
                   status_text(patient->status, "backend"));
    if (health != NULL && !json_is_true(json_object_get(health, "ok"))) {
        outcome = outcome_of_health(status_text(health, "error"));
        if (patient->reason[0] != '\0')
            outcome_print("token %s: %s", patient->label, patient->reason);
        else
            outcome_print("token %s: %s; %s", patient->label, status_text(health, "text"),
                          status_text(health, "remedy"));
    }
    json_array_foreach(json_object_get(patient->status, "findings"), i, finding)
    {
        if (json_is_true(json_object_get(finding, "ok")))
            continue;
        outcome_print("token %s: %s: %s; %s", patient->label, status_text(finding, "what"),
                      status_text(finding, "text"), status_text(finding, "remedy"));
        if (patient->first == OUTCOME_OK)
            patient->first = outcome_of_health(status_text(finding, "error"));
    }
    return outcome;
}

static enum outcome try_read(struct client *client, const struct patient *patient)
{
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome = object_find_data(client, patient->key, &object);
    CK_RV rv;

    if (outcome != OUTCOME_OK)
        return outcome == OUTCOME_NOT_FOUND ? OUTCOME_OK : outcome; /* deleted meanwhile */
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OK || rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_SIDESEAT_NO_VALUE)
        return OUTCOME_OK;
    return outcome_of_rv("read", patient->key, rv);
}

/* Stores a secret of a random name and reads it back. */
static enum outcome try_scratch(struct client *client, struct scratch *scratch)
{
    AUTO_SECRET back = {0};
    CK_RV rv;

    STEP(scratch_make(client, "store", "global/sideseat-doctor-", scratch));
    rv = object_read(client, scratch->object, CKA_VALUE, &back);
    if (rv != CKR_OK)
        return outcome_of_rv("read", scratch->key, rv);
    if (store_secret_equal(&back, scratch->value.data, scratch->value.len))
        return OUTCOME_OK;
    outcome_print("the store gave another value for %s than was stored", scratch->key);
    return OUTCOME_FAILED;
}

/* The same, and deletes it again. */
static enum outcome try_write(struct client *client)
{
    struct scratch scratch = {0};
    enum outcome outcome = try_scratch(client, &scratch);
    enum outcome dropped = scratch.object == 0 ? OUTCOME_OK : scratch_drop(client, &scratch);

    store_secret_wipe(&scratch.value);
    return outcome == OUTCOME_OK ? dropped : outcome;
}

/* True if the store has said that it would not delete what is stored: "read; not make, destroy". */
static bool keeps_writes(const struct patient *patient)
{
    json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(patient->status, "findings"), i, finding)
    {
        const char *not_allowed = strstr(status_text(finding, "text"), "; not ");
        if (strcmp(status_text(finding, "what"), "capabilities") == 0 && not_allowed != NULL &&
            strstr(not_allowed, "destroy") != NULL && strstr(not_allowed, "make") == NULL)
            return true;
    }
    return false;
}

/* Begins to examine the token in a slot. A login, which may have to ask somebody, is over before
 * the next one begins. */
static void begin(struct patient *patient, const struct client *client,
                  const struct request *request, CK_SLOT_ID slot)
{
    bool write = option_given(request, OPTION_WRITE);
    CK_TOKEN_INFO token;

    patient->client = *client;
    patient->slot = slot;
    if (!client_token(&patient->client, slot, &token))
        return;
    client_label(&token, patient->label);
    patient->client.named = true; /* which of them it is */
    patient->asked_for = request->token == NULL || strcmp(request->token, patient->label) == 0;
    patient->writable = (token.flags & CKF_WRITE_PROTECTED) == 0;
    if (!patient->asked_for)
        return;
    patient->connected = client_connect_slot(
        &patient->client, request, slot, write && patient->writable ? CLIENT_WRITE : CLIENT_READ);
    if (patient->connected != OUTCOME_OK)
        return;
    patient->has_thread = pthread_create(&patient->thread, NULL, ask, patient) == 0;
    if (!patient->has_thread)
        ask(patient);
}

/* Tries the store once it has said how it is. One that is away would only fail again, later. */
static void try_all(struct patient *patient, const struct request *request)
{
    struct client *client = &patient->client;
    enum outcome outcome = patient->connected;

    patient->list = patient->read = "not tried";
    patient->write = patient->writable ? "not tried" : "read-only";
    if (outcome == OUTCOME_OK)
        outcome = judge(patient);
    patient->health = word(patient, outcome);
    if (patient->connected != OUTCOME_OK || outcome == OUTCOME_UNREACHABLE ||
        outcome == OUTCOME_USAGE || outcome == OUTCOME_UNAUTHENTICATED)
        return;
    patient->list = word(patient, search_scope(client, NULL, count, patient));
    if (patient->secrets > 0)
        patient->read = word(patient, try_read(client, patient));
    if (!option_given(request, OPTION_WRITE) || !patient->writable)
        return;
    if (!keeps_writes(patient)) {
        patient->write = word(patient, try_write(client));
        return;
    }
    outcome_print("token %s: nothing is written to try it, since these credentials may not delete "
                  "it again; allow them to, or leave out --write",
                  patient->label);
    (void)word(patient, OUTCOME_DENIED);
}

static void tell_line(const char *what, const char *text)
{
    char shown[LABEL_SIZE];

    label_for_output(text, shown);
    (void)printf("  %-13s %s\n", what, shown);
}

static void tell_text(const struct patient *patient)
{
    char shown[LABEL_SIZE];
    json_t *finding;
    size_t i;

    label_for_output(patient->label, shown);
    (void)printf("token %s (%s)\n", shown, patient->backend);
    tell_line("health", patient->health);
    if (strcmp(patient->list, "ok") == 0)
        (void)printf("  %-13s ok, %zu secret%s\n", "list", patient->secrets,
                     patient->secrets == 1 ? "" : "s");
    else
        tell_line("list", patient->list);
    tell_line("read", patient->read);
    tell_line("write", patient->write);
    json_array_foreach(json_object_get(patient->status, "findings"), i, finding)
    {
        tell_line(status_text(finding, "what"), status_text(finding, "text"));
        if (status_text(finding, "remedy")[0] != '\0')
            tell_line("", status_text(finding, "remedy"));
    }
}

static void tell_finding(struct print_json *json, const json_t *finding)
{
    static const char *const members[] = {"what", "error", "text", "remedy"};

    (void)yajl_gen_map_open(json->gen);
    print_json_flag(json, "ok", json_is_true(json_object_get(finding, "ok")));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        print_json_text(json, members[i], json_string_value(json_object_get(finding, members[i])));
    (void)yajl_gen_map_close(json->gen);
}

static void tell_json(struct print_json *json, const struct patient *patient)
{
    json_t *finding;
    size_t i;

    (void)yajl_gen_map_open(json->gen);
    print_json_text(json, "token", patient->label);
    print_json_text(json, "backend", patient->backend);
    print_json_text(json, "health", patient->health);
    print_json_text(json, "list", patient->list);
    print_json_number(json, "secrets", patient->secrets);
    print_json_text(json, "read", patient->read);
    print_json_text(json, "write", patient->write);
    print_json_name(json, "findings");
    (void)yajl_gen_array_open(json->gen);
    json_array_foreach(json_object_get(patient->status, "findings"), i, finding)
        tell_finding(json, finding);
    (void)yajl_gen_array_close(json->gen);
    (void)yajl_gen_map_close(json->gen);
}

/* True if the line may be of a token whose reason is only in the log: lines begin with the backend,
 * or with a part of the module that all share. */
static bool line_is_wanted(const struct patient *patients, size_t count, const char *line)
{
    size_t len = strcspn(line, ":");
    bool others = false;

    for (size_t i = 0; i < count; i++) {
        const char *backend = status_text(patients[i].status, "backend");

        if (!patients[i].asked_for || strlen(backend) != len || memcmp(backend, line, len) != 0)
            continue;
        if (reason_is_logged(&patients[i]))
            return true;
        others = true;
    }
    for (size_t i = 0; i < count && !others; i++)
        if (reason_is_logged(&patients[i]))
            return true;
    return false;
}

/* Takes the lines that the module logged. Most are dropped, since health and findings tell the
 * same, and of which token. Where only the log has the reason, the first error is that of the only
 * token; with several tokens, the lines do not say whose they are, so each error is printed once.
 */
static void take_log(struct patient *patients, size_t count)
{
    struct patient *only = NULL;
    json_t *printed = json_object();
    enum module_log_kind kind;
    char line[MODULE_LOG_SIZE];
    size_t asked = 0;

    for (size_t i = 0; i < count; i++)
        if (patients[i].asked_for && asked++ == 0)
            only = &patients[i];
    while (module_log_next(&kind, line)) {
        if (kind != MODULE_LOG_ERROR || !line_is_wanted(patients, count, line) ||
            json_object_get(printed, line) != NULL)
            continue;
        (void)json_object_set_new(printed, line, json_true());
        if (asked > 1)
            outcome_print("%s", line);
        else if (only->reason[0] == '\0')
            memcpy(only->reason, line, sizeof only->reason);
    }
    json_decref(printed);
}

/* Waits for all tokens, then tries one after another, so that each failure has its own reason. */
static enum outcome finish_all(const struct client *client, struct patient *patients, size_t count,
                               const struct request *request, struct print_json *json)
{
    enum outcome first = OUTCOME_OK;
    bool found = false;

    for (size_t i = 0; i < count; i++)
        if (patients[i].has_thread)
            pthread_join(patients[i].thread, NULL);
    take_log(patients, count);
    for (size_t i = 0; i < count; i++) {
        struct patient *patient = &patients[i];
        if (!patient->asked_for)
            continue;
        try_all(patient, request);
        if (request->json)
            tell_json(json, patient);
        else
            tell_text(patient);
        found = true;
        if (first == OUTCOME_OK)
            first = patient->first;
        json_decref(patient->status);
        client_disconnect(&patient->client);
    }
    if (found)
        return first;
    return client_absent(client, request->token);
}

static enum outcome examine_all(struct client *client, const struct request *request,
                                struct print_json *json)
{
    struct patient *patients;
    CK_SLOT_ID *slots = NULL;
    CK_ULONG slot_count = 0;
    enum outcome outcome;

    STEP(client_slots(client, &slots, &slot_count));
    patients = calloc(slot_count + 1, sizeof *patients);
    for (CK_ULONG i = 0; patients != NULL && i < slot_count; i++)
        begin(&patients[i], client, request, slots[i]);
    outcome = patients == NULL ? outcome_no_memory()
                               : finish_all(client, patients, slot_count, request, json);
    free(patients);
    free(slots);
    return outcome;
}

enum outcome command_doctor(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_PRINT_JSON json = {0};
    enum outcome outcome;

    STEP(client_load(&client, request));
    if (request->json) {
        if (!print_json_open(&json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(json.gen);
    }
    outcome = examine_all(&client, request, &json);
    if (request->json && outcome != OUTCOME_NOT_FOUND) {
        (void)yajl_gen_array_close(json.gen);
        STEP(print_json_close(&json));
    }
    return outcome;
}
