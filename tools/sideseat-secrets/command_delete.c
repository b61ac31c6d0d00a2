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

/* The versions, where only a person's comfort depends on them: none, and nothing printed, if they
 * cannot be had. */
static void look(struct client *client, const char *key, struct history *out)
{
    outcome_silence(true);
    if (history_find(client, key, out) != OUTCOME_OK)
        out->kept = false;
    outcome_silence(false);
}

/* Tells a person, or whoever has asked to keep or destroy the versions, what remains. */
static void tell(struct client *client, const struct request *request, const char *key)
{
    bool asked = option_given(request, OPTION_KEEP) || option_given(request, OPTION_DESTROY);
    char until[HISTORY_TEXT_SIZE];
    char shown[LABEL_SIZE];
    struct history history;

    if (isatty(STDOUT_FILENO) == 0 && !asked)
        return;
    look(client, key, &history);
    if (!history.kept)
        return;
    label_for_output(key, shown);
    if (history.count == 0) {
        (void)printf("%s and all its versions are gone; nothing can bring them back\n", shown);
        return;
    }
    history_text(client, history.objects[0], CKA_SIDESEAT_RECOVERABLE_UNTIL, until);
    (void)printf("%s is deleted; %lu version%s%s%s; bring it back with: sideseat-secrets "
                 "undelete %s\n",
                 shown, history.count, history.count == 1 ? " remains" : "s remain",
                 until[0] == '\0' ? "" : " until ", until, shown);
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

/* Asks a person before an ordinary delete destroys old versions, too. */
static enum outcome confirm_delete(struct client *client, const struct request *request,
                                   const char *key)
{
    char destroyed[HISTORY_TEXT_SIZE] = "";
    struct history history;

    if (isatty(STDIN_FILENO) == 0 || request->json)
        return OUTCOME_OK;
    look(client, key, &history);
    if (history.kept && history.count > 1)
        history_text(client, history.objects[0], CKA_SIDESEAT_DESTROY_ALL, destroyed);
    return strcmp(destroyed, "1") == 0 ? confirm(request, key, history.count) : OUTCOME_OK;
}

static enum outcome delete_object(struct client *client, const struct request *request,
                                  size_t index, struct store_secret *label)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(object_find_secret(client, request, key, &request->uris[index], &object));
    if (!option_given(request, OPTION_DESTROY))
        STEP(confirm_delete(client, request, key));
    object_read_optional(client, object, CKA_LABEL, label);
    rv = client->p11->C_DestroyObject(client->session, object);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("delete", key, rv);
}

/* --keep: the versions stay, for undelete. */
static enum outcome retire(struct client *client, const struct request *request, size_t index,
                           struct store_secret *label)
{
    const char *key = request->keys[index];
    struct history history;
    CK_RV rv;

    STEP(history_need(client, request, index, &history));
    if (!history_is(client, history.objects[0], "current"))
        return object_absent("secret", key, ": it is deleted already");
    object_read_optional(client, history.objects[0], CKA_LABEL, label);
    rv = history_set(client, history.objects[0], CKA_SIDESEAT_VERSION_STATE, "deleted");
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("delete", key, rv);
}

/* --destroy: nothing stays. In a store without versions that is an ordinary delete. */
static enum outcome destroy(struct client *client, const struct request *request, size_t index,
                            struct store_secret *label)
{
    const char *key = request->keys[index];
    struct history history;
    CK_RV rv;

    STEP(client_use(client, request, &request->uris[index], client->access));
    STEP(history_find(client, key, &history));
    if (history.kept && history.count == 0)
        return object_absent("secret", key, "");
    STEP(confirm(request, key, history.kept ? history.count : 1));
    if (!history.kept)
        return delete_object(client, request, index, label);
    object_read_optional(client, history.objects[0], CKA_LABEL, label);
    rv = history_set(client, history.objects[0], CKA_SIDESEAT_DESTROY_ALL, "1");
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("destroy", key, rv);
}

static enum outcome delete_one(struct client *client, const struct request *request, size_t index,
                               struct print_json *json)
{
    AUTO_SECRET label = {0};

    if (option_given(request, OPTION_DESTROY))
        STEP(destroy(client, request, index, &label));
    else if (option_given(request, OPTION_KEEP))
        STEP(retire(client, request, index, &label));
    else
        STEP(delete_object(client, request, index, &label));
    if (!request->json) {
        tell(client, request, request->keys[index]);
        return OUTCOME_OK;
    }
    (void)yajl_gen_map_open(json->gen);
    print_json_bytes(json, "deleted", &label);
    (void)yajl_gen_map_close(json->gen);
    return OUTCOME_OK;
}

enum outcome command_delete(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_JSON json = {0};
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
    /* as rm(1): one that fails does not keep the others */
    for (size_t i = 0; i < request->key_count; i++) {
        enum outcome outcome = delete_one(&client, request, i, &json);
        if (first == OUTCOME_OK)
            first = outcome;
    }
    if (request->json) {
        (void)yajl_gen_array_close(json.gen);
        printed = print_json_close(&json);
    }
    return first != OUTCOME_OK ? first : printed;
}
