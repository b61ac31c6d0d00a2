/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/request.h"

struct row {
    CK_RV rv;
    const char *name;
    enum outcome outcome;
    const char *text;
};

#define ROW(rv, outcome, text)                                                                     \
    {                                                                                              \
        rv, #rv, OUTCOME_##outcome, text                                                           \
    }

/* What can be said to a person. The module has printed the store's own words already. */
static const struct row rows[] = {
    ROW(CKR_SIDESEAT_CONFLICT, CONFLICT,
        "it is not at the expected version; nothing has changed; read it again and decide"),
    ROW(CKR_SIDESEAT_NO_VALUE, NO_VALUE,
        "the secret is there, but has no value yet; give it one with: sideseat-secrets set KEY"),
    ROW(CKR_USER_NOT_LOGGED_IN, LOCKED,
        "the store is locked; try again with --login, or see: sideseat-secrets status"),
    ROW(CKR_SIDESEAT_UNAUTHENTICATED, UNAUTHENTICATED,
        "the store's credentials are missing, expired or wrong; see: sideseat-secrets status"),
    ROW(CKR_SIDESEAT_DENIED, DENIED,
        "the store denies it to these credentials; have its owner allow it, or use others"),
    ROW(CKR_SIDESEAT_DAMAGED, DAMAGED,
        "the stored data is damaged, and nothing was made in its place; the module says where "
        "and what to do"),
    ROW(CKR_SIDESEAT_MISCONFIGURED, USAGE,
        "a setting is wrong or missing, as the module says; see sideseat.json(5)"),
    ROW(CKR_PIN_INCORRECT, LOCKED, "the PIN or password is wrong"),
    ROW(CKR_PIN_LOCKED, LOCKED, "the PIN is locked after too many wrong attempts"),
    ROW(CKR_PIN_LEN_RANGE, LOCKED, "the PIN is too short or too long"),
    ROW(CKR_FUNCTION_CANCELED, LOCKED, "the prompt was dismissed"),
    ROW(CKR_DEVICE_ERROR, UNREACHABLE,
        "the store cannot be reached or does not work; see: sideseat-secrets status"),
    ROW(CKR_DEVICE_REMOVED, UNREACHABLE, "the token has gone"),
    ROW(CKR_TOKEN_NOT_PRESENT, UNREACHABLE, "the token is not there"),
    ROW(CKR_TOKEN_WRITE_PROTECTED, DENIED,
        "the store is read-only; change it where it comes from, or choose another backend"),
    ROW(CKR_ACTION_PROHIBITED, DENIED, "the store does not allow it"),
    ROW(CKR_ATTRIBUTE_READ_ONLY, DENIED, "the store does not allow this change"),
    ROW(CKR_ATTRIBUTE_SENSITIVE, DENIED,
        "its value is not given out, as pkcs11.sensitive lists the key, which can be used with: "
        "sideseat-secrets sign"),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, DENIED, "the key may not be used for this"),
    ROW(CKR_ATTRIBUTE_VALUE_INVALID, USAGE,
        "the key or the value is not one this store takes; a value is never empty, and a key "
        "is " REQUEST_KEY_FORMS),
    ROW(CKR_DATA_LEN_RANGE, FAILED, "the value is longer than the store takes"),
    ROW(CKR_DEVICE_MEMORY, FAILED, "it is longer than the store takes, or the store is full"),
    ROW(CKR_HOST_MEMORY, FAILED, "out of memory"),
    ROW(CKR_OBJECT_HANDLE_INVALID, NOT_FOUND, "it is no longer there"),
    ROW(CKR_KEY_HANDLE_INVALID, NOT_FOUND, "the key is no longer there"),
    ROW(CKR_MECHANISM_INVALID, FAILED, "the module does not offer this algorithm"),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, FAILED, "the module cannot do this"),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, FAILED,
        "the module does not know this attribute; is it sideseat-pkcs11.so?"),
    ROW(CKR_TEMPLATE_INCONSISTENT, FAILED, "the module does not take these attributes together"),
    ROW(CKR_ARGUMENTS_BAD, USAGE, "the module does not take these settings, as it says"),
    ROW(CKR_FUNCTION_FAILED, FAILED, "it failed, for the reason that the module gives"),
    ROW(CKR_GENERAL_ERROR, FAILED, "it failed, for the reason that the module gives"),
};

void outcome_print(const char *format, ...)
{
    char text[LABEL_SIZE];
    char shown[LABEL_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    label_for_terminal(text, shown);
    /* after what has been printed so far, where both go to the same place */
    (void)fflush(stdout);
    (void)fprintf(stderr, "sideseat-secrets: %s\n", shown);
}

enum outcome outcome_of_rv(const char *what, const char *thing, CK_RV rv)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].rv != rv)
            continue;
        outcome_print("cannot %s %s: %s (%s)", what, thing, rows[i].text, rows[i].name);
        return rows[i].outcome;
    }
    outcome_print("cannot %s %s: the module answered 0x%08lx", what, thing, rv);
    return OUTCOME_FAILED;
}

enum outcome outcome_of_health(const char *word)
{
    static const struct {
        const char *word;
        enum outcome outcome;
    } words[] = {
        {"NOT_FOUND", OUTCOME_NOT_FOUND},     {"CONFLICT", OUTCOME_CONFLICT},
        {"LOCKED", OUTCOME_LOCKED},           {"CANCELED", OUTCOME_LOCKED},
        {"UNAVAILABLE", OUTCOME_UNREACHABLE}, {"TIMEOUT", OUTCOME_UNREACHABLE},
        {"FAILED", OUTCOME_UNREACHABLE},      {"DENIED", OUTCOME_DENIED},
        {"READ_ONLY", OUTCOME_DENIED},        {"NO_VALUE", OUTCOME_NO_VALUE},
        {"AUTH", OUTCOME_UNAUTHENTICATED},    {"CORRUPT", OUTCOME_DAMAGED},
        {"BAD_CONF", OUTCOME_USAGE},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].outcome;
    return OUTCOME_FAILED;
}

enum outcome outcome_no_memory(void)
{
    outcome_print("out of memory");
    return OUTCOME_FAILED;
}
