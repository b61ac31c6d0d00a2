/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/remedy.h"
#include "tools/sideseat-secrets/table.h"

/* What has become of a secret. */
struct fate {
    struct store_secret label;
    enum { FATE_GONE, FATE_KEPT, FATE_DESTROYED } end; /* GONE: in a store without versions */
    CK_ULONG count;                                    /* of the versions that remain; 0: unknown */
    char until[HISTORY_TEXT_SIZE];                     /* and until when; "": without a limit */
};

/* Finds out what remains. The secret is deleted by now, so that a failure fails nothing. */
static void look(struct client *client, const char *key, struct fate *fate)
{
    struct history history;

    (void)outcome_silence(true);
    if (history_find(client, key, &history) == OUTCOME_OK && history.count > 0) {
        fate->count = history.count;
        history_text(client, history.objects[0], CKA_SIDESEAT_RECOVERABLE_UNTIL, fate->until);
    }
    (void)outcome_silence(false);
}

/* Tells people and scripts what remains, and for how long. */
static void tell(const struct client *client, const char *key, const struct fate *fate)
{
    const struct table form = {.terminal = isatty(STDERR_FILENO) != 0};
    char until[TABLE_TIME_SIZE];
    char count[32] = "its";
    char line[REMEDY_SIZE];

    if (fate->end == FATE_GONE)
        return;
    if (fate->end == FATE_DESTROYED) {
        outcome_print("%s and all its versions are gone; nothing can bring them back", key);
        return;
    }
    table_time(&form, fate->until, strlen(fate->until), until);
    if (fate->count > 0)
        (void)snprintf(count, sizeof count, "%lu", fate->count);
    remedy_line(client, "undelete", key, line);
    outcome_print("%s is deleted; %s version%s%s%s; bring it back with: %s", key, count,
                  fate->count == 1 ? " remains" : "s remain",
                  until[0] == '\0' ? " without a limit of time" : " until ", until, line);
}

/* Asks before every version goes. */
static enum outcome confirm(const struct request *request, const char *key, CK_ULONG count)
{
    char shown[LABEL_SIZE];
    char question[LABEL_SIZE + 80];
    AUTO_SECRET answer = {0};

    if (option_given(request, OPTION_YES))
        return OUTCOME_OK;
    if (isatty(STDIN_FILENO) == 0) {
        outcome_print("%s would be destroyed with all its versions, and nothing could bring it "
                      "back; if you want that, add --yes",
                      key);
        return OUTCOME_USAGE;
    }
    label_for_terminal(key, shown);
    (void)snprintf(question, sizeof question,
                   "Destroy %s with %lu version%s for good? Type yes (not shown): ", shown, count,
                   count == 1 ? "" : "s");
    STEP(input_prompt(question, &answer));
    if (store_secret_equal(&answer, "yes", 3))
        return OUTCOME_OK;
    outcome_print("%s stays", key);
    return OUTCOME_USAGE;
}

/* Deletes a secret that has no versions, or prints that there is none. */
static enum outcome delete_object(struct client *client, const struct request *request,
                                  size_t index, struct fate *fate)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(object_find_secret(client, request, key, &request->uris[index], &object));
    object_read_optional(client, object, CKA_LABEL, &fate->label);
    rv = client->p11->C_DestroyObject(client->session, object);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("delete", key, rv);
}

/* Without --destroy: the versions stay, for undelete, where the store keeps them. */
static enum outcome retire(struct client *client, const struct request *request, size_t index,
                           struct fate *fate)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    struct history history;
    CK_RV rv;

    if (option_given(request, OPTION_KEEP)) {
        STEP(history_need(client, request, index, &history));
    } else {
        STEP(client_use(client, request, &request->uris[index], client->access));
        STEP(history_find(client, key, &history));
    }
    if (!history.kept || history.count == 0)
        return delete_object(client, request, index, fate);
    if (!history_is(client, history.objects[0], "current"))
        return object_absent("secret", key, ": it is deleted already");
    /* as in any store, a damaged secret stays unless more is said */
    if (!option_given(request, OPTION_KEEP))
        STEP(object_find_secret(client, request, key, &request->uris[index], &object));
    object_read_optional(client, history.objects[0], CKA_LABEL, &fate->label);
    rv = history_set(client, history.objects[0], CKA_SIDESEAT_VERSION_STATE, "deleted");
    if (rv != CKR_OK)
        return outcome_of_rv("delete", key, rv);
    fate->end = FATE_KEPT;
    look(client, key, fate);
    return OUTCOME_OK;
}

/* --destroy: nothing stays. In a store without versions that is an ordinary delete. */
static enum outcome destroy(struct client *client, const struct request *request, size_t index,
                            struct fate *fate)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    struct history history;
    CK_RV rv;

    STEP(client_use(client, request, &request->uris[index], client->access));
    STEP(history_find(client, key, &history));
    if (!history.kept || history.count == 0)
        STEP(object_find_secret(client, request, key, &request->uris[index], &object));
    STEP(confirm(request, key, history.count > 0 ? history.count : 1));
    if (!history.kept || history.count == 0)
        return delete_object(client, request, index, fate);
    object_read_optional(client, history.objects[0], CKA_LABEL, &fate->label);
    rv = history_set(client, history.objects[0], CKA_SIDESEAT_DESTROY_ALL, "1");
    if (rv != CKR_OK)
        return outcome_of_rv("destroy", key, rv);
    fate->end = FATE_DESTROYED;
    return OUTCOME_OK;
}

static void print_fate(struct print_json *json, const struct fate *fate)
{
    (void)yajl_gen_map_open(json->gen);
    print_json_bytes(json, "deleted", &fate->label);
    if (fate->end == FATE_KEPT) {
        print_json_number(json, "versions", fate->count);
        print_json_text(json, "recoverable_until", fate->until[0] == '\0' ? NULL : fate->until);
    }
    (void)yajl_gen_map_close(json->gen);
}

static enum outcome delete_one(struct client *client, const struct request *request, size_t index,
                               struct print_json *json)
{
    struct fate fate = {.end = FATE_GONE};
    enum outcome outcome;

    if (option_given(request, OPTION_DESTROY))
        outcome = destroy(client, request, index, &fate);
    else
        outcome = retire(client, request, index, &fate);
    if (outcome == OUTCOME_OK) {
        tell(client, request->keys[index], &fate);
        if (request->json)
            print_fate(json, &fate);
    }
    store_secret_wipe(&fate.label);
    return outcome;
}

enum outcome command_delete(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_PRINT_JSON json = {0};
    enum outcome first = OUTCOME_OK;
    enum outcome printed = OUTCOME_OK;

    if (option_given(request, OPTION_KEEP) && option_given(request, OPTION_DESTROY)) {
        outcome_print("--keep and --destroy exclude each other");
        return OUTCOME_USAGE;
    }
    STEP(client_open(&client, request, CLIENT_WRITE));
    if (request->json && !print_json_open(&json))
        return outcome_no_memory();
    if (request->json)
        (void)yajl_gen_array_open(json.gen);
    outcome_gather();
    /* as rm(1): one that fails does not keep the others */
    for (size_t i = 0; i < request->key_count; i++) {
        enum outcome outcome = delete_one(&client, request, i, &json);
        if (first == OUTCOME_OK)
            first = outcome;
    }
    outcome_gathered();
    if (request->json) {
        (void)yajl_gen_array_close(json.gen);
        printed = print_json_close(&json);
    }
    return first != OUTCOME_OK ? first : printed;
}
