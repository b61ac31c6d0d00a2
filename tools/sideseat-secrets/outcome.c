/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/outcome.h"

#include <jansson.h>
#include <stdarg.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/gather.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/module_log.h"
#include "tools/sideseat-secrets/request.h"

/* The words that tell the reason: ours, the line that the module has logged (ours if it has not), a
 * logged line of this one secret, or ours in place of a line that says the same to programmers. */
enum reason { REASON_OURS, REASON_LOGGED, REASON_LOGGED_ALONE, REASON_REPLACED };

#define READ_ONLY_TEXT                                                                             \
    "either the store is read-only, or the setting read_only or read_only_keys forbids this; "     \
    "change the store where it comes from, or the setting (sideseat.json(5)), or choose another "  \
    "backend"
#define LOCKED_TEXT "the store is locked; try again with --login, or see: sideseat-secrets status"
#define LOCKED_AFTER_LOGIN_TEXT                                                                    \
    "the store is locked, although the login worked; unlock it with its own program, or see: "     \
    "sideseat-secrets status"

struct row {
    CK_RV rv;
    const char *name;
    enum outcome outcome;
    enum reason reason;
    const char *text;
};

#define ROW(rv, outcome, reason, text)                                                             \
    {                                                                                              \
        rv, #rv, OUTCOME_##outcome, REASON_##reason, text                                          \
    }

/* What can be said to a person. */
static const struct row rows[] = {
    ROW(CKR_SIDESEAT_CONFLICT, CONFLICT, OURS,
        "it is not at the expected version; nothing has changed; read it again and decide"),
    ROW(CKR_SIDESEAT_NO_VALUE, NO_VALUE, REPLACED,
        "the secret is there, but has no value yet; give it one with: sideseat-secrets set KEY"),
    ROW(CKR_USER_NOT_LOGGED_IN, LOCKED, REPLACED, LOCKED_TEXT),
    ROW(CKR_SIDESEAT_UNAUTHENTICATED, UNAUTHENTICATED, LOGGED,
        "the store's credentials are missing, expired or wrong; see: sideseat-secrets status"),
    ROW(CKR_SIDESEAT_DENIED, DENIED, LOGGED,
        "the store denies it to these credentials; have its owner allow it, or use others"),
    ROW(CKR_SIDESEAT_DAMAGED, DAMAGED, LOGGED_ALONE,
        "the stored data is damaged, and nothing was made in its place; see the module's log"),
    ROW(CKR_SIDESEAT_MISCONFIGURED, USAGE, LOGGED,
        "a setting is wrong or missing, as the module's log says; see sideseat.json(5)"),
    ROW(CKR_PIN_INCORRECT, LOCKED, REPLACED, "the PIN or password is wrong; try again"),
    ROW(CKR_PIN_LOCKED, LOCKED, OURS,
        "the PIN is locked after too many wrong attempts; have the token's owner unlock it"),
    ROW(CKR_PIN_LEN_RANGE, LOCKED, OURS, "the PIN is too short or too long; try again"),
    ROW(CKR_FUNCTION_CANCELED, LOCKED, REPLACED, "the prompt was dismissed; try again"),
    ROW(CKR_DEVICE_ERROR, UNREACHABLE, LOGGED,
        "the store cannot be reached or does not work; see: sideseat-secrets status"),
    ROW(CKR_DEVICE_REMOVED, UNREACHABLE, OURS, "the token is gone; see: sideseat-secrets status"),
    ROW(CKR_TOKEN_NOT_PRESENT, UNREACHABLE, OURS,
        "the token is not there; see: sideseat-secrets status"),
    ROW(CKR_TOKEN_WRITE_PROTECTED, DENIED, REPLACED, READ_ONLY_TEXT),
    ROW(CKR_SESSION_READ_ONLY, DENIED, OURS, READ_ONLY_TEXT),
    ROW(CKR_ACTION_PROHIBITED, DENIED, LOGGED, "the store does not allow it; use another one"),
    ROW(CKR_ATTRIBUTE_READ_ONLY, DENIED, LOGGED,
        "the store does not allow this change; use another one"),
    ROW(CKR_ATTRIBUTE_SENSITIVE, DENIED, REPLACED,
        "its value is never given out, as pkcs11.sensitive or its rule in pkcs11.keys says; it can "
        "only be used as a key (one that signs: sideseat-secrets sign)"),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, DENIED, OURS,
        "the key may not be used for this; use another key"),
    ROW(CKR_ATTRIBUTE_VALUE_INVALID, USAGE, LOGGED,
        "the key or the value is not one this store takes; a value is never empty, and a key "
        "is " REQUEST_KEY_FORMS),
    ROW(CKR_TEMPLATE_INCOMPLETE, USAGE, OURS, "a value is at least one byte long; give one"),
    ROW(CKR_DATA_LEN_RANGE, FAILED, LOGGED, "the value is longer than the store takes; shorten it"),
    ROW(CKR_DEVICE_MEMORY, FAILED, LOGGED,
        "it is longer than the store takes, or the store is full; shorten it, or make room"),
    ROW(CKR_HOST_MEMORY, FAILED, OURS, "out of memory; close other programs"),
    ROW(CKR_OBJECT_HANDLE_INVALID, NOT_FOUND, OURS, "it was deleted at this moment"),
    ROW(CKR_KEY_HANDLE_INVALID, NOT_FOUND, OURS, "the key was deleted at this moment"),
    ROW(CKR_KEY_TYPE_INCONSISTENT, USAGE, LOGGED,
        "the secret is not a key for this; list it with its encoding in pkcs11.hmac_keys "
        "(sideseat.json(5))"),
    ROW(CKR_KEY_SIZE_RANGE, USAGE, LOGGED, "the key is too short or too long; use another key"),
    ROW(CKR_MECHANISM_INVALID, FAILED, REPLACED,
        "the token does not offer this algorithm; choose another, or list the secrets that hold "
        "key pairs in pkcs11.keys (sideseat.json(5))"),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, FAILED, OURS,
        "the module cannot do this; is it sideseat-pkcs11.so?"),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, FAILED, OURS,
        "the module does not know this attribute; is it sideseat-pkcs11.so?"),
    ROW(CKR_TEMPLATE_INCONSISTENT, FAILED, LOGGED,
        "the module does not take these attributes together; is it sideseat-pkcs11.so?"),
    ROW(CKR_ARGUMENTS_BAD, USAGE, LOGGED,
        "the module does not take these settings, as its log says; see sideseat.json(5)"),
    ROW(CKR_FUNCTION_FAILED, FAILED, LOGGED, "it failed, for the reason that the module logs"),
    ROW(CKR_GENERAL_ERROR, FAILED, LOGGED, "it failed, for the reason that the module logs"),
};

/* The log in that worked did not unlock the store. */
static bool after_login;

static bool silent;
static bool json;
static struct gather *gathering;                         /* NULL: each line is printed at once */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `said` */
static json_t *said; /* lines that wait to be printed as JSON; NULL before the first */

void outcome_note_login(void)
{
    after_login = true;
}

bool outcome_silence(bool on)
{
    bool before = silent;

    silent = on;
    return before;
}

void outcome_as_json(bool on)
{
    json = on;
}

void outcome_gather(void)
{
    if (gathering == NULL)
        gathering = gather_new();
}

void outcome_gathered(void)
{
    struct gather *all = gathering;
    char line[LABEL_SIZE];

    gathering = NULL;
    while (gather_next(all, line))
        outcome_print("%s", line);
    gather_free(all);
}

/* Prints a line of outcome_of_rv, or gathers it. */
static void tell(const struct gather_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(const struct gather_fault *fault, const char *format, ...)
{
    char text[LABEL_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (silent || !gather_add(gathering, fault, text))
        outcome_print("%s", text);
}

/* Tells a line that the module has logged. */
static void tell_logged(bool error, const char *line)
{
    const struct gather_fault none = {.what = ""};

    tell(&none, error ? "%s" : "warning: %s", line);
}

void outcome_end(enum outcome outcome)
{
    enum module_log_kind kind;
    char line[MODULE_LOG_SIZE];
    json_t *all;
    char *text;

    outcome_gather();
    while (module_log_next(&kind, line))
        tell_logged(kind == MODULE_LOG_ERROR, line);
    outcome_gathered();
    if (said == NULL)
        return;
    all = json_pack("{s:i, s:o}", "status", (int)outcome, "messages", said);
    text = json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text != NULL)
        (void)fprintf(stderr, "%s\n", text);
    free(text);
    json_decref(all);
    said = NULL;
}

void outcome_print(const char *format, ...)
{
    char text[LABEL_SIZE];
    char shown[LABEL_SIZE];
    va_list args;

    if (silent)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    label_for_terminal(text, shown);
    /* after what has been printed so far, where both go to the same place */
    (void)fflush(stdout);
    if (!json) {
        (void)fprintf(stderr, "sideseat-secrets: %s\n", shown);
        return;
    }
    pthread_mutex_lock(&lock);
    if (said == NULL)
        said = json_array();
    (void)json_array_append_new(said, json_string(shown));
    pthread_mutex_unlock(&lock);
}

/* Takes the lines that the module has logged. `out` gets the reason of a failure of `thing`: the
 * error that names it, else the first error, else the last line, or "" if the words are ours.
 * Others that matter are printed. */
static void take_logged(enum reason reason, const char *thing, char out[MODULE_LOG_SIZE])
{
    char line[MODULE_LOG_SIZE];
    enum module_log_kind kind;
    bool certain = false;

    out[0] = '\0';
    while (module_log_next(&kind, line)) {
        if (!certain && out[0] != '\0')
            tell_logged(false, out);
        if (certain && kind == MODULE_LOG_WARNING)
            tell_logged(false, line);
        if (certain)
            continue;
        certain = kind == MODULE_LOG_ERROR;
        (void)snprintf(out, MODULE_LOG_SIZE, "%s", line);
    }
    if (reason == REASON_LOGGED_ALONE && module_log_find(thing, line)) {
        (void)snprintf(out, MODULE_LOG_SIZE, "%s", line);
        certain = true;
    } else if (reason == REASON_LOGGED_ALONE && strstr(out, " more like this)") != NULL) {
        reason = REASON_OURS; /* the module has left out the line for this thing */
    }
    if (reason == REASON_OURS && out[0] != '\0')
        tell_logged(certain, out);
    if (reason == REASON_OURS || reason == REASON_REPLACED)
        out[0] = '\0';
}

enum outcome outcome_of_rv(const char *what, const char *thing, CK_RV rv)
{
    const struct gather_fault fault = {what, thing, rv};
    char line[MODULE_LOG_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].rv != rv)
            continue;
        take_logged(rows[i].reason, thing, line);
        if (line[0] != '\0')
            tell(&fault, "cannot %s %s: %s", what, thing, line);
        else if (!gather_again(gathering, &fault))
            tell(&fault, "cannot %s %s: %s (%s)", what, thing,
                 rv == CKR_USER_NOT_LOGGED_IN && after_login ? LOCKED_AFTER_LOGIN_TEXT
                                                             : rows[i].text,
                 rows[i].name);
        return rows[i].outcome;
    }
    tell(&fault, "cannot %s %s: the module answered 0x%08lx, which PKCS#11 explains", what, thing,
         rv);
    return OUTCOME_FAILED;
}

/* Prints the caller's reason in place of the module's line. */
static void replace_logged(const char *what, const char *thing, const char *reason)
{
    char line[MODULE_LOG_SIZE];

    take_logged(REASON_REPLACED, thing, line);
    outcome_print("cannot %s %s: %s", what, thing, reason);
}

enum outcome outcome_of_conflict(const char *what, const char *thing, const char *reason)
{
    replace_logged(what, thing, reason);
    return OUTCOME_CONFLICT;
}

enum outcome outcome_of_refusal(const char *what, const char *thing, const char *reason)
{
    replace_logged(what, thing, reason);
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
