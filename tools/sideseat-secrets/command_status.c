/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sideseat-secrets/object.h"
#include "tools/sideseat-secrets/status.h"
#include "tools/sideseat-secrets/label.h"

static void print_line(const char *name, const char *text)
{
    char shown[LABEL_SIZE];

    label_for_terminal(text, shown);
    (void)printf("  %-11s %s\n", name, shown);
}

static void print_settings(const json_t *status)
{
    size_t i;
    json_t *setting;

    json_array_foreach(json_object_get(status, "settings"), i, setting)
    {
        const char *value = json_string_value(json_object_get(setting, "value"));
        char path[LABEL_SIZE];
        char text[LABEL_SIZE];
        char origin[LABEL_SIZE];

        label_for_terminal(status_text(setting, "path"), path);
        label_for_terminal(value == NULL ? "(secret)" : value, text);
        label_for_terminal(status_text(setting, "origin"), origin);
        (void)printf("  %-11s %s = %s  [%s]\n", i == 0 ? "settings" : "", path, text, origin);
    }
}

static void print_faults(const json_t *status)
{
    size_t i;
    json_t *faulty;

    json_array_foreach(json_object_get(status, "faulty_keys"), i, faulty)
    {
        char text[LABEL_SIZE];

        (void)snprintf(text, sizeof text, "%s %s", status_text(faulty, "key"),
                       status_text(faulty, "fault"));
        print_line("key", text);
    }
}

static void print_token(const char *label, CK_SLOT_ID slot, const CK_TOKEN_INFO *info,
                        const json_t *status)
{
    const json_t *health = json_object_get(status, "health");
    char shown[LABEL_SIZE];
    bool read_only = (info->flags & CKF_WRITE_PROTECTED) != 0;

    label_for_terminal(label, shown);
    (void)printf("token %s (slot %lu)\n", shown, slot);
    if (status == NULL) {
        print_line("access", read_only ? "read-only" : "read and write");
        return;
    }
    print_line("backend", status_text(status, "backend"));
    print_line("store", status_text(status, "description"));
    print_line("chosen by", status_text(status, "selected_by"));
    print_line("kept", status_text(status, "persistence"));
    print_line("access",
               json_is_true(json_object_get(status, "read_only")) ? "read-only" : "read and write");
    if (json_is_true(json_object_get(health, "ok"))) {
        print_line("health", "ok");
        if (status_text(health, "text")[0] != '\0')
            print_line("details", status_text(health, "text"));
    } else {
        print_line("health", status_text(health, "error"));
        print_line("problem", status_text(health, "text"));
        print_line("remedy", status_text(health, "remedy"));
    }
    print_faults(status);
    print_settings(status);
}

/* A token that is asked, in a thread of its own: one that does not answer holds up no other. */
struct question {
    struct client client; /* with a session of its own */
    CK_SLOT_ID slot;
    CK_TOKEN_INFO info;
    char label[CLIENT_LABEL_SIZE];
    pthread_t thread;
    bool has_thread;
    enum outcome outcome;
    json_t *status;
};

/* Has the module read the secrets that hold key pairs: its status names those that it cannot use.
 * False if the token has none. */
static bool find_private_keys(const struct client *client)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE rows[] = {{CKA_CLASS, &class, sizeof class}};
    CK_MECHANISM_INFO info;
    CK_SESSION_INFO session;

    if (client->p11->C_GetSessionInfo(client->session, &session) != CKR_OK ||
        client->p11->C_GetMechanismInfo(session.slotID, CKM_ECDSA, &info) != CKR_OK ||
        client->p11->C_FindObjectsInit(client->session, rows, 1) != CKR_OK)
        return false;
    (void)client->p11->C_FindObjectsFinal(client->session);
    return true;
}

static void *ask(void *arg)
{
    struct question *question = arg;

    question->outcome = status_read(&question->client, question->label, &question->status);
    if (question->outcome == OUTCOME_OK && question->status != NULL &&
        json_is_true(json_object_get(json_object_get(question->status, "health"), "ok")) &&
        find_private_keys(&question->client)) {
        json_decref(question->status);
        question->outcome = status_read(&question->client, question->label, &question->status);
    }
    return NULL;
}

/* Begins to ask the token in `slot`; NOT_FOUND if it is not asked for. A login, which may have to
 * ask somebody, is over before the next one begins. */
static enum outcome begin(struct question *question, const struct client *client,
                          const struct request *request, CK_SLOT_ID slot)
{
    question->client = *client;
    question->slot = slot;
    if (!client_token(&question->client, slot, &question->info))
        return OUTCOME_NOT_FOUND;
    client_label(&question->info, question->label);
    if (request->token != NULL && strcmp(request->token, question->label) != 0)
        return OUTCOME_NOT_FOUND;
    STEP(client_connect_slot(&question->client, request, slot, CLIENT_READ));
    question->has_thread = pthread_create(&question->thread, NULL, ask, question) == 0;
    if (!question->has_thread)
        ask(question);
    return OUTCOME_OK;
}

/* Adds the answer to `tokens`, or prints it. The outcome is the token's own. */
static enum outcome finish(struct question *question, const struct request *request, json_t *tokens)
{
    const json_t *health;
    json_t *status;

    if (question->has_thread)
        pthread_join(question->thread, NULL);
    client_disconnect(&question->client);
    STEP(question->outcome);
    status = question->status;
    health = json_object_get(status, "health");
    if (health != NULL && !json_is_true(json_object_get(health, "ok")))
        question->outcome = outcome_of_health(status_text(health, "error"));
    if (!request->json) {
        print_token(question->label, question->slot, &question->info, status);
        json_decref(status);
        return question->outcome;
    }
    if (status == NULL)
        status = json_pack("{s:s%}", "token", question->label, strlen(question->label));
    (void)json_object_set_new(status, "slot", json_integer((json_int_t)question->slot));
    (void)json_array_append_new(tokens, status);
    return question->outcome;
}

/* Goes over the tokens: the first failure is the whole's, and the others are still shown. */
static enum outcome all_tokens(struct client *client, const struct request *request, json_t *tokens)
{
    enum outcome first = OUTCOME_OK;
    struct question *questions;
    CK_SLOT_ID *slots = NULL;
    CK_ULONG count = 0;
    bool found = false;

    STEP(client_slots(client, &slots, &count));
    questions = calloc(count + 1, sizeof *questions);
    for (CK_ULONG i = 0; questions != NULL && i < count; i++) {
        enum outcome outcome = begin(&questions[i], client, request, slots[i]);
        if (outcome != OUTCOME_OK)
            questions[i].outcome = outcome;
    }
    for (CK_ULONG i = 0; questions != NULL && i < count; i++) {
        enum outcome outcome = finish(&questions[i], request, tokens);

        if (outcome == OUTCOME_NOT_FOUND)
            continue;
        found = true;
        if (first == OUTCOME_OK)
            first = outcome;
    }
    free(slots);
    if (questions == NULL)
        return outcome_no_memory();
    free(questions);
    if (found)
        return first;
    return client_absent(client, request->token);
}

static enum outcome print_all(struct client *client, json_t *tokens)
{
    json_t *all = json_pack("{s:s, s:O}", "module", client->path, "tokens", tokens);
    char *text = json_dumps(all, JSON_INDENT(2) | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0));
    enum outcome outcome;

    json_decref(all);
    if (text == NULL)
        return outcome_no_memory();
    outcome = print_bytes(text, strlen(text));
    free(text);
    return outcome == OUTCOME_OK ? print_bytes("\n", 1) : outcome;
}

enum outcome command_status(const struct request *request)
{
    AUTO_CLIENT client = {0};
    json_t *tokens;
    enum outcome outcome;
    enum outcome printed = OUTCOME_OK;

    STEP(client_load(&client, request));
    tokens = json_array();
    if (!request->json)
        (void)printf("module %s\n", client.path);
    outcome = all_tokens(&client, request, tokens);
    if (request->json)
        printed = print_all(&client, tokens);
    json_decref(tokens);
    return outcome != OUTCOME_OK ? outcome : printed;
}
