/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/certificate.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/own_certificates.h"
#include "tools/sideseat-secrets/search.h"

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
    outcome_print(
        "the first certificate does not belong to a key pair of the token, and nothing has "
        "changed; rules in pkcs11.keys make key pairs (sideseat.json(5))");
    return OUTCOME_NOT_FOUND;
}

/* Refuses a secret that a rule makes an AES key, whatever its value is. */
static enum outcome check_not_aes(struct client *client, const struct request *request)
{
    CK_OBJECT_HANDLE object = 0;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ATTRIBUTE row = {CKA_KEY_TYPE, &type, sizeof type};
    enum outcome outcome = object_find_asked(client, request, 0, CKO_SECRET_KEY, &object);

    if (outcome == OUTCOME_NOT_FOUND)
        return OUTCOME_OK;
    STEP(outcome);
    if (client->p11->C_GetAttributeValue(client->session, object, &row, 1) != CKR_OK ||
        type != CKK_AES)
        return OUTCOME_OK;
    return outcome_of_conflict("import", request->keys[0],
                               "its rule in pkcs11.keys makes it an AES key, and nothing has "
                               "changed; import the certificates to another secret");
}

/* Refuses to replace anything but certificates. */
static enum outcome check_held(const char *key, const struct store_secret *value)
{
    static const char *const reasons[] = {
        [HOLDS_PRIVATE_KEY] = "it holds a private key that no rule of pkcs11.keys names, and "
                              "nothing has changed; add a rule, or import to another secret",
        [HOLDS_ENCRYPTED_KEY] =
            "it holds an encrypted private key, and nothing has changed; name its passphrase in "
            "the key's rule in pkcs11.keys, or import to another secret",
        [HOLDS_OTHER] = "it does not hold certificates alone, and nothing has changed; import to "
                        "another secret, or delete this one first",
    };
    enum certificate_holding holding = certificate_held(value);

    return holding == HOLDS_CERTIFICATES ? OUTCOME_OK
                                         : outcome_of_conflict("import", key, reasons[holding]);
}

/* Checks that the secret, if there is one, holds certificates alone, and gives the version to
 * replace; "0" for a secret that is absent or has no value. */
static enum outcome find_version(struct client *client, const struct request *request,
                                 char version[OBJECT_VERSION_SIZE])
{
    const char *key = request->keys[0];
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET value = {0};
    enum outcome outcome = object_find_asked(client, request, 0, CKO_DATA, &object);
    CK_RV rv;

    (void)snprintf(version, OBJECT_VERSION_SIZE, "0");
    if (outcome == OUTCOME_NOT_FOUND)
        return OUTCOME_OK;
    STEP(outcome);
    STEP(check_not_aes(client, request));
    rv = object_read_versioned(client, object, &value, version);
    if (rv == CKR_SIDESEAT_NO_VALUE)
        return OUTCOME_OK;
    if (rv == CKR_ATTRIBUTE_SENSITIVE) {
        outcome_print("cannot import %s: its value is never given out, so nothing shows that it "
                      "holds certificates alone, and nothing has changed; import to another "
                      "secret, or delete this one first",
                      key);
        return OUTCOME_DENIED;
    }
    if (rv != CKR_OK)
        return outcome_of_rv("read", key, rv);
    STEP(check_held(key, &value));
    if (!option_given(request, OPTION_OVERWRITE))
        return outcome_of_conflict("import", key,
                                   "it exists already, and nothing has changed; to replace it: "
                                   "--overwrite");
    if (version[0] != '\0')
        return OUTCOME_OK;
    outcome_print("cannot replace %s, since its store shows no version, and another program's "
                  "change could be lost; delete it first",
                  key);
    return OUTCOME_FAILED;
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

/* Stores the certificates as a secret of their own. Only a secret that exists shows what its rule
 * makes of it, so one that becomes an AES key is taken back. */
static enum outcome import_apart(struct client *client, const struct request *request,
                                 const struct certificates *certificates)
{
    const char *key = request->keys[0];
    char version[OBJECT_VERSION_SIZE];
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome;
    CK_RV rv;

    STEP(check_owner(client, &certificates->info));
    STEP(find_version(client, request, version));
    rv = make_secret(client, key, &certificates->pem, version, &object);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("import", key,
                                   "another program has changed it meanwhile, and nothing has "
                                   "changed; run the command again");
    if (rv != CKR_OK)
        return outcome_of_rv("store", key, rv);
    if (strcmp(version, "0") != 0)
        return OUTCOME_OK;
    outcome = check_not_aes(client, request);
    rv = outcome == OUTCOME_CONFLICT ? client->p11->C_DestroyObject(client->session, object)
                                     : CKR_OK;
    return rv == CKR_OK ? outcome : outcome_of_rv("take the certificates back from", key, rv);
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
        return OUTCOME_USAGE;
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
    if (outcome == OUTCOME_NOT_FOUND) {
        object = 0;
        STEP(field_refuse(&client, request, 0));
        outcome = import_apart(&client, request, &certificates);
    } else if (outcome == OUTCOME_OK) {
        outcome = import_own(&client, request, object, &certificates);
    }
    STEP(outcome);
    if (!request->json)
        return OUTCOME_OK;
    /* the private key, whose label may be another */
    if (object == 0)
        STEP(object_find_asked(&client, request, 0, CKO_DATA, &object));
    return object_print(&client, object);
}
