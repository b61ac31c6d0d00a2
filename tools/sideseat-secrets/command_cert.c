/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/certificate.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/own_certificates.h"
#include "tools/sideseat-secrets/search.h"

#define VERSION_SIZE 256

/* A search for the key pair that a certificate is for. */
struct owner {
    const struct store_secret *info; /* its public key */
    bool found;
};

static enum outcome compare(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                            const char *name)
{
    struct owner *owner = arg;
    AUTO_SECRET info = {0};

    (void)name;
    object_read_optional(client, object, CKA_PUBLIC_KEY_INFO, &info);
    if (store_secret_equal(&info, owner->info->data, owner->info->len))
        owner->found = true;
    return OUTCOME_OK;
}

/* Refuses certificates of keys that the token does not have. */
static enum outcome check_owner(struct client *client, const struct store_secret *info)
{
    struct owner owner = {.info = info};

    STEP(search_class(client, CKO_PUBLIC_KEY, "the public keys", compare, &owner));
    if (owner.found)
        return OUTCOME_OK;
    outcome_print("the first certificate is for none of the token's key pairs, which the rules of "
                  "pkcs11.keys make (sideseat.json(5)); nothing has changed");
    return OUTCOME_NOT_FOUND;
}

/* Finds the version to replace; "0" for a secret that is absent. The value is not read. */
static enum outcome find_version(struct client *client, const struct request *request,
                                 char version[VERSION_SIZE])
{
    const char *key = request->keys[0];
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET text = {0};
    enum outcome outcome = object_find_asked(client, request, 0, CKO_DATA, &object);

    (void)snprintf(version, VERSION_SIZE, "0");
    if (outcome == OUTCOME_NOT_FOUND)
        return OUTCOME_OK;
    STEP(outcome);
    if (!option_given(request, OPTION_OVERWRITE))
        return outcome_of_conflict("import", key,
                                   "it exists already, and nothing has changed; to replace it: "
                                   "--overwrite");
    object_read_optional(client, object, CKA_SIDESEAT_VERSION, &text);
    if (text.len == 0 || text.len >= VERSION_SIZE) {
        outcome_print("cannot replace %s, since its store shows no version, and another program's "
                      "change could be lost; delete it first",
                      key);
        return OUTCOME_FAILED;
    }
    memcpy(version, text.data, text.len);
    version[text.len] = '\0';
    return OUTCOME_OK;
}

static enum outcome read_certificates(const struct request *request, struct certificates *out)
{
    AUTO_SECRET text = {0};

    if (request->file == NULL)
        STEP(input_read(&text));
    else
        STEP(input_read_file(request->file, &text));
    return certificate_parse(request->file == NULL ? "standard input" : request->file, &text, out);
}

/* Stores the certificates as a secret of their own. */
static enum outcome import_apart(struct client *client, const struct request *request,
                                 const struct certificates *certificates)
{
    char version[VERSION_SIZE];
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(check_owner(client, &certificates->info));
    STEP(find_version(client, request, version));
    rv = make_secret(client, request->keys[0], &certificates->pem, version, &object);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("import", request->keys[0],
                                   "another program has changed it meanwhile, and nothing has "
                                   "changed; run the command again");
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("store", request->keys[0], rv);
}

/* Adds the certificates to the secret that holds their private key. */
static enum outcome import_own(struct client *client, const struct request *request,
                               CK_OBJECT_HANDLE private, const struct certificates *certificates)
{
    AUTO_SECRET info = {0};

    object_read_optional(client, private, CKA_PUBLIC_KEY_INFO, &info);
    if (!store_secret_equal(&info, certificates->info.data, certificates->info.len)) {
        outcome_print("the first certificate is not for the key pair %s; nothing has changed",
                      request->keys[0]);
        return OUTCOME_NOT_FOUND;
    }
    return own_certificates_import(client, request->keys[0], private, certificates,
                                   option_given(request, OPTION_OVERWRITE));
}

enum outcome command_cert(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_CERTIFICATES certificates = {0};
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome;

    if (strcmp(request->places[0], "import") != 0) {
        outcome_print("no command 'cert %s'; there is cert import", request->places[0]);
        return OUTCOME_USAGE;
    }
    STEP(read_certificates(request, &certificates));
    /* the store decides which certificates exist, not a file of public parts */
    STEP(client_open_with(&client, request, CLIENT_WRITE, "public_cache_s='0'"));
    outcome = object_find_asked(&client, request, 0, CKO_PRIVATE_KEY, &object);
    if (outcome == OUTCOME_NOT_FOUND)
        outcome = import_apart(&client, request, &certificates);
    else if (outcome == OUTCOME_OK)
        outcome = import_own(&client, request, object, &certificates);
    STEP(outcome);
    if (!request->json)
        return OUTCOME_OK;
    STEP(object_find_asked(&client, request, 0, CKO_DATA, &object));
    return object_print(&client, object);
}
