/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/client.h"

#include <dlfcn.h>
#include <p11-kit/p11-kit.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/path.h"
#include "platform/program.h"
#include "store/scope.h"
#include "store/user.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/module_log.h"

/* Room for the path of this program. */
#define PROGRAM_SIZE 4096

/* The module that was installed with this program, wherever that was moved to; the caller frees it.
 * NULL with raised privileges, or if there is none. */
static char *installed_module(void)
{
    char program[PROGRAM_SIZE] = "";
    char path[sizeof program + sizeof SIDESEAT_MODULE_FROM_PROGRAM + 1];

    if (store_privileged())
        return NULL;
    platform_program_of(getpid(), program, sizeof program);
    if (!platform_path_is_absolute(program) || !platform_path_parent(program))
        return NULL;
    (void)snprintf(path, sizeof path, "%s/%s", program, SIDESEAT_MODULE_FROM_PROGRAM);
    return realpath(path, NULL);
}

/* The path of the module; without one that is installed, that of the build. That one may be of
 * another kind of system: Windows would look for "/usr/..." on the current drive, where others can
 * put a module. NULL: there is none. */
static const char *module_path(struct client *client, const struct request *request)
{
    const char *path = request->module;

    if (path == NULL)
        path = store_env("SIDESEAT_PKCS11_MODULE");
    if (path != NULL && path[0] != '\0')
        return path;
    if (client->installed == NULL)
        client->installed = installed_module();
    if (client->installed != NULL)
        return client->installed;
    return platform_path_is_absolute(SIDESEAT_MODULE_PATH) ? SIDESEAT_MODULE_PATH : NULL;
}

static enum outcome not_loaded(const char *reason)
{
    outcome_print("cannot load the module: %s; give its path with --module or in "
                  "SIDESEAT_PKCS11_MODULE",
                  reason);
    return OUTCOME_FAILED;
}

enum outcome client_start(struct client *client, const struct request *request, CK_RV *answer)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK, .pReserved = request->words};
    CK_C_GetFunctionList get_list;
    CK_RV rv;

    client->options = request->options;
    client->option_count = request->option_count;
    client->path = module_path(client, request);
    if (client->path == NULL)
        return not_loaded("none is installed with this program");
    client->library = dlopen(client->path, RTLD_NOW | RTLD_LOCAL);
    if (client->library == NULL)
        return not_loaded(dlerror());
    /* POSIX gives functions through this pointer to an object. */
    *(void **)&get_list = dlsym(client->library, "C_GetFunctionList");
    if (get_list == NULL) {
        outcome_print("%s is not a PKCS#11 module: it has no C_GetFunctionList", client->path);
        return OUTCOME_FAILED;
    }
    rv = get_list(&client->p11);
    if (rv != CKR_OK)
        return outcome_of_rv("load", client->path, rv);
    module_log_begin();
    rv = client->p11->C_Initialize(&args);
    module_log_begun();
    client->initialized = rv == CKR_OK;
    *answer = rv;
    return OUTCOME_OK;
}

enum outcome client_load(struct client *client, const struct request *request)
{
    CK_RV rv = CKR_OK;

    STEP(client_start(client, request, &rv));
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("initialize", client->path, rv);
}

enum outcome client_slots(struct client *client, CK_SLOT_ID **slots, CK_ULONG *count)
{
    CK_RV rv = client->p11->C_GetSlotList(CK_TRUE, NULL, count);

    if (rv != CKR_OK)
        return outcome_of_rv("list the tokens of", client->path, rv);
    *slots = calloc(*count + 1, sizeof **slots);
    if (*slots == NULL)
        return outcome_no_memory();
    rv = client->p11->C_GetSlotList(CK_TRUE, *slots, count);
    if (rv == CKR_OK)
        return OUTCOME_OK;
    free(*slots);
    *slots = NULL;
    return outcome_of_rv("list the tokens of", client->path, rv);
}

bool client_token(struct client *client, CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    return client->p11->C_GetTokenInfo(slot, info) == CKR_OK &&
           (info->flags & CKF_TOKEN_INITIALIZED) != 0;
}

void client_label(const CK_TOKEN_INFO *info, char out[CLIENT_LABEL_SIZE])
{
    size_t len = p11_kit_space_strlen(info->label, sizeof info->label);

    memcpy(out, info->label, len);
    out[len] = '\0';
}

/* True if the token in `slot` is the one that the label (NULL: any) and the URI name. */
static bool slot_matches(struct client *client, const CK_INFO *module, CK_SLOT_ID slot,
                         const char *label, const struct uri *uri)
{
    char name[CLIENT_LABEL_SIZE];
    CK_SLOT_INFO slot_info;
    CK_TOKEN_INFO info;

    if (!client_token(client, slot, &info) ||
        client->p11->C_GetSlotInfo(slot, &slot_info) != CKR_OK)
        return false;
    client_label(&info, name);
    return (label == NULL || strcmp(name, label) == 0) &&
           uri_matches(uri, module, slot, &slot_info, &info);
}

/* The slot whose token the label (NULL: any) and the URI name. */
static enum outcome find_slot(struct client *client, const char *label, const struct uri *uri,
                              CK_SLOT_ID *out)
{
    CK_INFO module;
    CK_SLOT_ID *slots = NULL;
    CK_ULONG count = 0;
    bool found = false;
    CK_RV rv = client->p11->C_GetInfo(&module);

    if (rv != CKR_OK)
        return outcome_of_rv("use", client->path, rv);
    STEP(client_slots(client, &slots, &count));
    for (CK_ULONG i = 0; i < count && !found; i++) {
        found = slot_matches(client, &module, slots[i], label, uri);
        *out = slots[i];
    }
    free(slots);
    if (found)
        return OUTCOME_OK;
    if (uri->parsed == NULL)
        return client_absent(client, label);
    outcome_print("no token fits the URI of %s; list the tokens with: sideseat-secrets status",
                  uri->label);
    return OUTCOME_NOT_FOUND;
}

enum outcome client_absent(const struct client *client, const char *label)
{
    if (label == NULL)
        outcome_print("%s has no token", client->path);
    else
        outcome_print("no token '%s'; list the tokens with: sideseat-secrets status", label);
    return OUTCOME_NOT_FOUND;
}

bool client_fits(struct client *client, const struct uri *uri)
{
    CK_INFO module;

    return client->p11->C_GetInfo(&module) == CKR_OK &&
           slot_matches(client, &module, client->slot, NULL, uri);
}

/* Asks for the PIN at the terminal. A token with a way of its own (a desktop's prompt, say) is left
 * to use it, unless --pin is given. */
static enum outcome ask_pin(const struct request *request, const CK_TOKEN_INFO *info,
                            const char *question, struct store_secret *out)
{
    if (request->pin || (info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0)
        return input_prompt(question, out);
    return OUTCOME_OK;
}

static enum outcome log_in(struct client *client, const struct request *request,
                           const CK_TOKEN_INFO *info)
{
    AUTO_SECRET pin = {0};
    char label[CLIENT_LABEL_SIZE];
    CK_RV rv;

    STEP(ask_pin(request, info, "PIN: ", &pin));
    client_label(info, label);
    rv = client->p11->C_Login(client->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)pin.data,
                              pin.len);
    if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
        return outcome_of_rv("log in to token", label, rv);
    outcome_note_login();
    return OUTCOME_OK;
}

enum outcome client_confirm(struct client *client, const struct request *request, const char *key)
{
    char question[LABEL_SIZE];
    char shown[LABEL_SIZE];
    AUTO_SECRET pin = {0};
    CK_TOKEN_INFO info;
    CK_RV rv = client->p11->C_GetTokenInfo(client->slot, &info);

    if (rv != CKR_OK)
        return outcome_of_rv("use", "the token", rv);
    if (!request->login) {
        outcome_print("cannot use %s: the key asks for a login before each use; add --login, or "
                      "--pin to give its PIN or passphrase",
                      key);
        return OUTCOME_LOCKED;
    }
    label_for_terminal(key, shown);
    (void)snprintf(question, sizeof question, "PIN for %.*s: ", LABEL_SIZE - 16, shown);
    STEP(ask_pin(request, &info, question, &pin));
    rv = client->p11->C_Login(client->session, CKU_CONTEXT_SPECIFIC,
                              (CK_UTF8CHAR *)(uintptr_t)pin.data, pin.len);
    if (rv == CKR_PIN_INCORRECT && pin.len == 0 && !request->pin) {
        outcome_print("cannot use %s: the key asks for its passphrase before each use; add --pin",
                      key);
        return OUTCOME_LOCKED;
    }
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("log in for", key, rv);
}

bool client_is_ours(const CK_TOKEN_INFO *info)
{
    static const char ours[] = "SideSeat ";

    return memcmp(info->manufacturerID, ours, sizeof ours - 1) == 0;
}

/* Refuses a key that no token of sideseat's can have, before anything is asked for or done. Another
 * module's labels are free, and so is a name to be looked up along scopes. */
static enum outcome check_keys(const struct request *request, const CK_TOKEN_INFO *info)
{
    if (!client_is_ours(info) || request->scope_count > 0 || request->place_count > 0)
        return OUTCOME_OK;
    for (size_t i = 0; i < request->key_count; i++) {
        char full[STORE_KEY_MAX + 1];

        if (store_scope_complete(request->keys[i], strlen(request->keys[i]), full) == STORE_OK)
            continue;
        outcome_print("'%s' is not a key; a key is %s", request->keys[i], REQUEST_KEY_FORMS);
        return OUTCOME_USAGE;
    }
    return OUTCOME_OK;
}

enum outcome client_connect_slot(struct client *client, const struct request *request,
                                 CK_SLOT_ID slot, enum client_access access)
{
    CK_FLAGS flags = CKF_SERIAL_SESSION | (access == CLIENT_WRITE ? CKF_RW_SESSION : 0);
    CK_TOKEN_INFO info;
    CK_RV rv;

    client_disconnect(client);
    rv = client->p11->C_GetTokenInfo(slot, &info);
    if (rv != CKR_OK)
        return outcome_of_rv("use", "the token", rv);
    STEP(check_keys(request, &info));
    client_label(&info, client->label);
    rv = client->p11->C_OpenSession(slot, flags, NULL, NULL, &client->session);
    if (rv != CKR_OK)
        return outcome_of_rv(access == CLIENT_WRITE ? "write to token" : "use token", client->label,
                             rv);
    client->slot = slot;
    client->ours = client_is_ours(&info);
    client->access = access;
    return request->login ? log_in(client, request, &info) : OUTCOME_OK;
}

enum outcome client_use(struct client *client, const struct request *request, const struct uri *uri,
                        enum client_access access)
{
    CK_SLOT_ID slot = 0;

    STEP(find_slot(client, request->token, uri, &slot));
    client->named = request->token != NULL || uri->parsed != NULL;
    if (client->session != 0 && client->slot == slot && client->access == access)
        return OUTCOME_OK;
    return client_connect_slot(client, request, slot, access);
}

/* A session with the token that the request and its first key name. */
static enum outcome use_first(struct client *client, const struct request *request,
                              enum client_access access)
{
    static const struct uri any;

    return client_use(client, request, request->key_count > 0 ? &request->uris[0] : &any, access);
}

enum outcome client_open(struct client *client, const struct request *request,
                         enum client_access access)
{
    STEP(client_load(client, request));
    return use_first(client, request, access);
}

enum outcome client_load_with(struct client *client, const struct request *request,
                              const char *setting)
{
    struct request with = *request;
    enum outcome outcome;

    with.words = NULL;
    if (asprintf(&with.words, "%s %s",
                 request->words == NULL ? "from=command-line" : request->words, setting) < 0)
        return outcome_no_memory();
    outcome = client_load(client, &with);
    free(with.words);
    return outcome;
}

enum outcome client_open_with(struct client *client, const struct request *request,
                              enum client_access access, const char *setting)
{
    STEP(client_load_with(client, request, setting));
    return use_first(client, request, access);
}

void client_disconnect(struct client *client)
{
    if (client->session != 0)
        (void)client->p11->C_CloseSession(client->session);
    client->session = 0;
}

void client_close(struct client *client)
{
    client_disconnect(client);
    if (client->initialized)
        (void)client->p11->C_Finalize(NULL);
    if (client->library != NULL)
        (void)dlclose(client->library);
    free(client->installed);
    memset(client, 0, sizeof *client);
}
