/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/simulation.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backends/aws/exchange.h"
#include "backends/aws/xml.h"

#define SERVICE "secretsmanager:"
#define NUMBERED_SIZE 40
/* Of a condition key; AWS's own limit is 256, and its longest key has half of this. */
#define KEY_MAX 128

/* `everywhere`: AWS grants it on "*" only (service authorization reference, Secrets Manager). */
static const struct {
    const char *name;
    bool everywhere;
} actions[AWS_ACTION_COUNT] = {
    [AWS_ACTION_GET] = {"GetSecretValue", false},
    [AWS_ACTION_LIST] = {"ListSecrets", true},
    [AWS_ACTION_BATCH] = {"BatchGetSecretValue", true},
    [AWS_ACTION_PUT] = {"PutSecretValue", false},
    [AWS_ACTION_CREATE] = {"CreateSecret", false},
    [AWS_ACTION_STAGE] = {"UpdateSecretVersionStage", false},
    [AWS_ACTION_VERSIONS] = {"ListSecretVersionIds", false},
    [AWS_ACTION_DESCRIBE] = {"DescribeSecret", false},
    [AWS_ACTION_DELETE] = {"DeleteSecret", false},
    [AWS_ACTION_RESTORE] = {"RestoreSecret", false},
};

#define NEED(action) (1u << AWS_ACTION_##action)

/* The operations, in the words of doctor, and the actions that each needs. */
static const struct {
    const char *word;
    unsigned needs;
    bool changes;
} operations[] = {
    {"read", NEED(GET), false},
    {"list", NEED(LIST), false},
    {"bulk read", NEED(BATCH) | NEED(GET), false},
    {"write", NEED(GET) | NEED(PUT), true},
    {"make", NEED(GET) | NEED(CREATE), true},
    {"compare-and-set", NEED(GET) | NEED(PUT) | NEED(STAGE), true},
    {"history", NEED(DESCRIBE) | NEED(VERSIONS), false},
    {"delete", NEED(DESCRIBE) | NEED(DELETE), true},
    {"undelete", NEED(DESCRIBE) | NEED(VERSIONS) | NEED(RESTORE), true},
    {"destroy", NEED(DESCRIBE) | NEED(DELETE), true},
};
#define OPERATIONS (sizeof operations / sizeof operations[0])

static unsigned needs_of(bool read_only)
{
    unsigned needs = 0;

    for (size_t i = 0; i < OPERATIONS; i++)
        if (!read_only || !operations[i].changes)
            needs |= operations[i].needs;
    return needs;
}

void aws_simulation_clear(struct aws_simulation *simulation)
{
    store_secret_wipe(&simulation->marker);
    *simulation = (struct aws_simulation){0};
}

enum store_err aws_simulation_ask(const struct aws_simulation *simulation, const char *principal,
                                  const char *resource, bool read_only, struct store_secret *form)
{
    unsigned needs = needs_of(read_only);
    int number = 0;

    TRY(aws_form_add_text(form, "Action", "SimulatePrincipalPolicy"));
    TRY(aws_form_add_text(form, "Version", "2010-05-08"));
    TRY(aws_form_add_text(form, "PolicySourceArn", principal));
    for (size_t i = 0; i < AWS_ACTION_COUNT; i++) {
        char name[NUMBERED_SIZE];
        char action[NUMBERED_SIZE];

        if ((needs & 1u << i) == 0 || actions[i].everywhere != (resource == NULL))
            continue;
        (void)snprintf(name, sizeof name, "ActionNames.member.%d", ++number);
        (void)snprintf(action, sizeof action, SERVICE "%s", actions[i].name);
        TRY(aws_form_add_text(form, name, action));
    }
    TRY(aws_form_add_text(form, "ResourceArns.member.1", resource == NULL ? "*" : resource));
    if (simulation->marker.len > 0)
        TRY(aws_form_add(form, "Marker", simulation->marker.data, simulation->marker.len));
    return STORE_OK;
}

/* A page, as far as it has been read. AWS does not promise the order of the elements. */
struct page {
    struct aws_simulation simulation; /* with the answers of this page, too */
    enum aws_action action; /* of the present result; COUNT: an action that we never call */
    enum aws_decision decision;
    bool by_boundary;
    bool by_organization;
    bool truncated; /* until IsTruncated says that it is the last */
};

static bool text_is(const struct store_secret *text, const char *word)
{
    return text->len == strlen(word) && memcmp(text->data, word, text->len) == 0;
}

static enum aws_action action_find(const struct store_secret *text)
{
    const size_t skip = sizeof SERVICE - 1;
    size_t i = 0;

    if (text->len <= skip || strncasecmp((const char *)text->data, SERVICE, skip) != 0)
        return AWS_ACTION_COUNT;
    while (i < AWS_ACTION_COUNT &&
           (strlen(actions[i].name) != text->len - skip ||
            strncasecmp((const char *)text->data + skip, actions[i].name, text->len - skip) != 0))
        i++;
    return (enum aws_action)i;
}

/* An answer that we do not know counts as a refusal. */
static enum aws_decision decision_find(const struct store_secret *text)
{
    if (text_is(text, "allowed"))
        return AWS_DECISION_ALLOWED;
    return text_is(text, "explicitDeny") ? AWS_DECISION_DENIED : AWS_DECISION_MISSING;
}

static bool is_listed(const char *list, const char *key)
{
    size_t len = strlen(key);

    for (const char *at = strstr(list, key); at != NULL; at = strstr(at + 1, key))
        if ((at == list || at[-1] == ' ') && (at[len] == '\0' || at[len] == ','))
            return true;
    return false;
}

/* Adds a condition key once, if there is room. */
static void condition_add(char *conditions, size_t size, const struct store_secret *text)
{
    char key[KEY_MAX];
    size_t used = strlen(conditions);

    if (text->len == 0 || text->len >= sizeof key)
        return;
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] <= ' ' || text->data[i] > '~')
            return;
        key[i] = (char)text->data[i];
    }
    key[text->len] = '\0';
    if (!is_listed(conditions, key) && used + text->len + 2 < size)
        (void)snprintf(conditions + used, size - used, "%s%s", used == 0 ? "" : ", ", key);
}

static void result_end(struct page *page)
{
    if (page->action != AWS_ACTION_COUNT && page->decision != AWS_DECISION_NONE) {
        bool refused = page->decision != AWS_DECISION_ALLOWED;

        page->simulation.decisions[page->action] = page->decision;
        page->simulation.by_boundary |= refused && page->by_boundary;
        page->simulation.by_organization |= refused && page->by_organization;
    }
    page->action = AWS_ACTION_COUNT;
    page->decision = AWS_DECISION_NONE;
    page->by_boundary = page->by_organization = false;
}

static enum store_err element_read(void *arg, const char *parent, const char *name,
                                   const struct store_secret *text)
{
    struct page *page = arg;

    if (strcmp(parent, "EvaluationResults") == 0 && strcmp(name, "member") == 0)
        result_end(page);
    else if (strcmp(name, "EvalActionName") == 0)
        page->action = action_find(text);
    else if (strcmp(name, "EvalDecision") == 0)
        page->decision = decision_find(text);
    else if (strcmp(name, "AllowedByPermissionsBoundary") == 0)
        page->by_boundary |= text_is(text, "false");
    else if (strcmp(name, "AllowedByOrganizations") == 0)
        page->by_organization |= text_is(text, "false");
    else if (strcmp(parent, "MissingContextValues") == 0)
        condition_add(page->simulation.conditions, sizeof page->simulation.conditions, text);
    else if (strcmp(name, "IsTruncated") == 0)
        page->truncated = !text_is(text, "false");
    else if (strcmp(name, "Marker") == 0)
        store_secret_share(&page->simulation.marker, text);
    return STORE_OK;
}

enum store_err aws_simulation_read(struct aws_simulation *simulation,
                                   const struct store_secret *text)
{
    struct page page = {.simulation = *simulation, .action = AWS_ACTION_COUNT, .truncated = true};
    enum store_err err;

    page.simulation.marker = (struct store_secret){0};
    err = aws_xml_each(text, element_read, &page);
    if (err == STORE_OK && page.truncated && page.simulation.marker.len == 0)
        err = STORE_CORRUPT;
    if (err != STORE_OK || !page.truncated)
        store_secret_wipe(&page.simulation.marker);
    if (err != STORE_OK)
        return err;
    store_secret_wipe(&simulation->marker);
    *simulation = page.simulation;
    return STORE_OK;
}

bool aws_simulation_is_whole(const struct aws_simulation *simulation, bool read_only)
{
    unsigned needs = needs_of(read_only);

    for (size_t i = 0; i < AWS_ACTION_COUNT; i++)
        if ((needs & 1u << i) != 0 && simulation->decisions[i] == AWS_DECISION_NONE)
            return false;
    return true;
}

/* The actions with one decision, with commas between, and how many there are beyond `most`. */
static size_t list_actions(const struct aws_simulation *simulation, enum aws_decision decision,
                           bool everywhere, size_t most, char *out, size_t size)
{
    size_t count = 0;
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < AWS_ACTION_COUNT; i++) {
        if (simulation->decisions[i] != decision || actions[i].everywhere != everywhere)
            continue;
        if (count < most)
            used += (size_t)snprintf(out + used, size - used, "%s%s", count == 0 ? "" : ", ",
                                     actions[i].name);
        count++;
    }
    if (count > most)
        (void)snprintf(out + used, size - used, " and %zu more", count - most);
    return count;
}

/* Says what to change, with at most `most` names of actions in each list. */
static void remedy_build(const struct aws_simulation *simulation, const char *pattern, size_t most,
                         char *out, size_t size)
{
    const char *who = simulation->by_boundary       ? "its policies and its permissions boundary"
                      : simulation->by_organization ? "its policies and the organization's"
                                                    : "its policies";
    char lists[4][256];
    size_t on_secrets = list_actions(simulation, AWS_DECISION_MISSING, false, most, lists[0], 256);
    size_t on_all = list_actions(simulation, AWS_DECISION_MISSING, true, most, lists[1], 256);
    size_t denied = list_actions(simulation, AWS_DECISION_DENIED, false, most, lists[2], 256) +
                    list_actions(simulation, AWS_DECISION_DENIED, true, most, lists[3], 256);
    int used = snprintf(out, size, "if that is not meant, ");

    if (on_secrets > 0)
        used += snprintf(out + used, size - (size_t)used, "let %s allow " SERVICE "%s on %s", who,
                         lists[0], pattern);
    if (on_all > 0)
        used += snprintf(out + used, size - (size_t)used, "%s%s%s" SERVICE "%s on *",
                         on_secrets > 0 ? ", and " : "let ", on_secrets > 0 ? "" : who,
                         on_secrets > 0 ? "" : " allow ", lists[1]);
    if (denied > 0)
        (void)snprintf(out + used, size - (size_t)used, "%send the Deny of " SERVICE "%s%s%s",
                       on_secrets + on_all > 0 ? "; " : "", lists[2],
                       lists[2][0] != '\0' && lists[3][0] != '\0' ? ", " : "", lists[3]);
}

/* The longest remedy that fits: a cut ARN would be another one. */
static void remedy_find(const struct aws_simulation *simulation, const char *pattern, char *out,
                        size_t size)
{
    char text[2048];

    for (size_t most = AWS_ACTION_COUNT; most > 0; most--) {
        remedy_build(simulation, pattern, most, text, sizeof text);
        if (strlen(text) < size) {
            memcpy(out, text, strlen(text) + 1);
            return;
        }
    }
    (void)snprintf(out, size,
                   "if that is not meant, let its policies allow it (aws.md in the "
                   "documentation has one)");
}

static bool is_allowed(const struct aws_simulation *simulation, unsigned needs)
{
    for (size_t i = 0; i < AWS_ACTION_COUNT; i++)
        if ((needs & 1u << i) != 0 && simulation->decisions[i] != AWS_DECISION_ALLOWED)
            return false;
    return true;
}

void aws_simulation_tell(const struct aws_simulation *simulation, bool read_only, const char *name,
                         const char *pattern, store_finding_fn *each, void *arg)
{
    char allowed[128] = "";
    char denied[128] = "";
    char remedy[256] = "";

    for (size_t i = 0; i < OPERATIONS; i++) {
        char *to = is_allowed(simulation, operations[i].needs) ? allowed : denied;
        size_t len = strlen(to);

        if (read_only && operations[i].changes)
            continue;
        (void)snprintf(to + len, sizeof allowed - len, "%s%s", len == 0 ? "" : ", ",
                       operations[i].word);
    }
    if (denied[0] != '\0')
        remedy_find(simulation, pattern, remedy, sizeof remedy);
    store_finding_tell(
        each, arg, "capabilities", STORE_OK, remedy, "%s%s%s for %.60s, as IAM simulates it",
        allowed[0] == '\0' ? "none" : allowed, denied[0] == '\0' ? "" : "; not ", denied, name);
    if (simulation->conditions[0] != '\0')
        store_finding_tell(each, arg, "conditions", STORE_OK,
                           "a request that has them may get another answer than the simulation",
                           "the policies depend on %s, which IAM did not know",
                           simulation->conditions);
}
