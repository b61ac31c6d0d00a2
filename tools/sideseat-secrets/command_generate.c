/* SPDX-License-Identifier: Apache-2.0 */
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/number.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/random.h"

/* Reads --alphabet and --length. */
static enum outcome take_form(const struct request *request,
                              const struct random_alphabet **alphabet, size_t *length)
{
    const char *name = option_text(request, OPTION_ALPHABET);
    const char *text = option_text(request, OPTION_LENGTH);
    uint64_t number;

    *alphabet = random_find(name == NULL ? "hex" : name);
    if (*alphabet == NULL) {
        outcome_print("no alphabet '%s'; there are hex, base64, base64url, alnum and words", name);
        return OUTCOME_USAGE;
    }
    number = (*alphabet)->usual;
    if (text != NULL &&
        (!number_parse(text, (*alphabet)->most, &number) || number < (*alphabet)->least)) {
        outcome_print("--length of %s is %zu to %zu, not '%s'", (*alphabet)->name,
                      (*alphabet)->least, (*alphabet)->most, text);
        return OUTCOME_USAGE;
    }
    *length = (size_t)number;
    return OUTCOME_OK;
}

enum outcome command_generate(const struct request *request)
{
    bool formed = option_given(request, OPTION_ALPHABET) || option_given(request, OPTION_LENGTH);
    const struct random_alphabet *alphabet = NULL;
    const char *key = request->keys[0];
    AUTO_CLIENT client = {0};
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE object = 0;
    size_t length = 0;
    CK_RV rv;

    STEP(take_form(request, &alphabet, &length));
    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(field_refuse(&client, request, 0));
    if (formed) {
        STEP(random_text(alphabet, length, &value));
        rv = make_secret(&client, key, &value, "0", &object);
    } else {
        rv = make_inside(&client, key, &object);
    }
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("generate", key,
                                   "it exists already, and nothing has changed; to make another, "
                                   "delete it first");
    if (rv != CKR_OK)
        return outcome_of_rv("generate", key, rv);
    return request->json ? object_print(&client, object) : OUTCOME_OK;
}
