/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/programs/child.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/member.h"
#include "tools/sideseat-secrets/number.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/process.h"

struct watch {
    const struct request *request;
    struct client client;
    struct store_secret state; /* the version, or without versions the value; empty: absent */
    bool failing;              /* the store could not be asked; said once */
    time_t interval;
    int number; /* of --signal; 0: the program runs after each change */
};

static void watch_clear(struct watch *watch)
{
    store_secret_wipe(&watch->state);
    client_close(&watch->client);
}

#define AUTO_WATCH __attribute__((cleanup(watch_clear))) struct watch

/* Takes the field out of the value; one that is not there is empty, as an absent secret is. */
static enum outcome pick(const struct field *field, struct store_secret *value)
{
    bool before = outcome_silence(true);
    enum outcome outcome = member_pick(field->owner, field->name, value);

    (void)outcome_silence(before);
    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    store_secret_wipe(value);
    return OUTCOME_OK;
}

/* Reads the state: OK also for a secret that is absent. */
static enum outcome read_state(struct watch *watch, struct store_secret *out)
{
    const struct request *request = watch->request;
    const char *key = request->keys[0];
    struct client *client = &watch->client;
    struct field field;
    enum outcome outcome = field_find(client, request, key, &request->uris[0], false, &field);
    CK_RV rv = CKR_OK;

    if (outcome != OUTCOME_OK)
        return outcome == OUTCOME_NOT_FOUND ? OUTCOME_OK : outcome;
    if (field.name == NULL)
        rv = object_read(client, field.object, CKA_SIDESEAT_VERSION, out);
    if (rv == CKR_OK && out->len == 0)
        rv = object_read(client, field.object, CKA_VALUE, out);
    if (rv == CKR_OK && field.name != NULL)
        return pick(&field, out);
    if (rv == CKR_OK || rv == CKR_SIDESEAT_NO_VALUE || rv == CKR_OBJECT_HANDLE_INVALID)
        return OUTCOME_OK;
    return outcome_of_rv("read", key, rv);
}

/* True if the secret has changed since the last time. A store that is away changes nothing. */
static bool has_changed(struct watch *watch)
{
    AUTO_SECRET now = {0};
    bool changed;

    /* one line for an outage, however long */
    if (watch->failing)
        (void)outcome_silence(true);
    watch->failing = read_state(watch, &now) != OUTCOME_OK;
    (void)outcome_silence(false);
    if (watch->failing)
        return false;
    changed = !store_secret_equal(&watch->state, now.data, now.len);
    store_secret_move(&watch->state, &now);
    return changed;
}

static int failed(const char *name, int error)
{
    return (int)process_failed(name, error);
}

static enum outcome start(const struct watch *watch)
{
    int error = platform_child_start(watch->request->program, failed);

    if (error == 0)
        return OUTCOME_OK;
    outcome_print("cannot start %s: %s", watch->request->program[0], strerror(error));
    return OUTCOME_FAILED;
}

/* Runs or signals the program at each change, until it or this one is to end. */
static enum outcome follow(struct watch *watch)
{
    bool ending = false;

    if (watch->number != 0)
        STEP(start(watch));
    for (;;) {
        ending = platform_child_wait(watch->interval) || ending;
        if (!platform_child_runs() && (ending || watch->number != 0))
            return (enum outcome)platform_child_status();
        if (ending || (platform_child_runs() && watch->number == 0) || !has_changed(watch))
            continue;
        if (watch->number != 0)
            platform_child_signal(watch->number);
        else
            STEP(start(watch));
    }
}

static enum outcome take_options(struct watch *watch)
{
    const char *interval = option_text(watch->request, OPTION_INTERVAL);
    const char *name = option_text(watch->request, OPTION_SIGNAL);
    uint64_t seconds = 30;

    if (interval != NULL && (!number_parse_time(interval, &seconds) || seconds == 0)) {
        outcome_print("--interval takes a time such as 5s or 1m, not '%s'", interval);
        return OUTCOME_USAGE;
    }
    watch->interval = (time_t)seconds;
    watch->number = name == NULL ? 0 : platform_signal_number(name);
    if (name == NULL || watch->number != 0)
        return OUTCOME_OK;
    if (platform_signal_names[0] == '\0')
        outcome_print("--signal does not work on Windows");
    else
        outcome_print("--signal takes %s, not '%s'", platform_signal_names, name);
    return OUTCOME_USAGE;
}

enum outcome command_watch(const struct request *request)
{
    AUTO_WATCH watch = {.request = request};

    STEP(take_options(&watch));
    platform_child_prepare(); /* before the module starts threads */
    /* a module that keeps no values: each question goes to the store */
    STEP(client_open_with(&watch.client, request, CLIENT_READ, "cache.ttl_s='0'"));
    STEP(read_state(&watch, &watch.state));
    return follow(&watch);
}
