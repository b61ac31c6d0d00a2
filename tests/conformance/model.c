/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * Random operations against a model that is nothing but a table of labels and values. A failure is
 * repeated with the seed that it prints: CONFORMANCE_SEED=… CONFORMANCE_OPS=….
 */

#define LABELS 24
#define SESSIONS 4

struct model {
    uint64_t random;
    char label[LABELS][40];
    char value[LABELS][64];          /* "" if the secret does not exist */
    CK_OBJECT_HANDLE handle[LABELS]; /* that was last seen */
    CK_SESSION_HANDLE session[SESSIONS];
    bool writable[SESSIONS];
};

static uint32_t next(struct model *m, uint32_t below)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (uint32_t)(m->random >> 32) % below;
}

static void open_one(struct model *m, uint32_t i)
{
    m->writable[i] = next(m, 4) != 0;
    m->session[i] = m->writable[i] ? open_rw() : open_ro();
}

static void begin(struct model *m, uint64_t seed)
{
    static const char *const scopes[] = {"global", "org/acme", "org/acme-prod", "user/u1"};

    *m = (struct model){.random = seed | 1};
    for (unsigned i = 0; i < LABELS; i++)
        snprintf(m->label[i], sizeof m->label[i], "%s/secret_%u", scopes[i % 4], i / 4);
    for (uint32_t i = 0; i < SESSIONS; i++)
        open_one(m, i);
}

static void create(struct model *m, uint32_t session, uint32_t i)
{
    char value[64];
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    snprintf(value, sizeof value, "%.*s%u", (int)next(m, 40),
             "a value that is sometimes shorter and sometimes longer", next(m, 1000));
    rv = try_create(m->session[session], m->label[i], value, strlen(value), &object);
    if (!m->writable[session]) {
        assert_rv(rv, CKR_SESSION_READ_ONLY);
        return;
    }
    assert_rv(rv, CKR_OK);
    if (m->value[i][0] != '\0' && m->handle[i] != 0)
        assert_int_equal(object, m->handle[i]);
    m->handle[i] = object;
    strcpy(m->value[i], value);
}

static void look_up(struct model *m, uint32_t session, uint32_t i)
{
    CK_OBJECT_HANDLE object = find_label(m->session[session], m->label[i]);

    assert_int_equal(object != 0, m->value[i][0] != '\0');
    m->handle[i] = object;
    if (object != 0)
        assert_string_equal(get_text(m->session[session], object, CKA_VALUE, NULL), m->value[i]);
}

static void read_by_handle(struct model *m, uint32_t session, uint32_t i)
{
    CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0};

    if (m->handle[i] == 0)
        return;
    if (m->value[i][0] == '\0') {
        assert_rv(p11->C_GetAttributeValue(m->session[session], m->handle[i], &label, 1),
                  CKR_OBJECT_HANDLE_INVALID);
        return;
    }
    assert_string_equal(get_text(m->session[session], m->handle[i], CKA_VALUE, NULL), m->value[i]);
}

static void set(struct model *m, uint32_t session, uint32_t i)
{
    char value[64];
    CK_ATTRIBUTE attribute = {CKA_VALUE, value, 0};
    CK_RV rv;

    if (m->handle[i] == 0)
        return;
    snprintf(value, sizeof value, "set to %u", next(m, 100000));
    attribute.ulValueLen = strlen(value);
    rv = p11->C_SetAttributeValue(m->session[session], m->handle[i], &attribute, 1);
    if (m->value[i][0] == '\0')
        assert_rv(rv, CKR_OBJECT_HANDLE_INVALID);
    else if (!m->writable[session])
        assert_rv(rv, CKR_SESSION_READ_ONLY);
    else
        assert_rv(rv, CKR_OK);
    if (rv == CKR_OK)
        strcpy(m->value[i], value);
}

static void destroy(struct model *m, uint32_t session, uint32_t i)
{
    CK_RV rv;

    if (m->handle[i] == 0)
        return;
    rv = p11->C_DestroyObject(m->session[session], m->handle[i]);
    if (m->value[i][0] == '\0')
        assert_rv(rv, CKR_OBJECT_HANDLE_INVALID);
    else if (!m->writable[session])
        assert_rv(rv, CKR_SESSION_READ_ONLY);
    else
        assert_rv(rv, CKR_OK);
    if (rv == CKR_OK)
        m->value[i][0] = '\0';
}

static void list(struct model *m, uint32_t session)
{
    static const char *const scopes[] = {"global", "org", "org", "user"};
    static const char *const ids[] = {"", "acme", "acme-prod", "u1"};
    uint32_t scope = next(m, 5);
    CK_ATTRIBUTE template[2];
    CK_ULONG expected = 0;
    CK_ULONG found;

    if (scope < 4) {
        template[0] = (CK_ATTRIBUTE)STRING(CKA_SIDESEAT_SCOPE, scopes[scope]);
        template[1] = (CK_ATTRIBUTE)STRING(CKA_SIDESEAT_SCOPE_ID, ids[scope]);
    }
    for (uint32_t i = 0; i < LABELS; i++)
        expected += m->value[i][0] != '\0' && (scope == 4 || i % 4 == scope);
    found = find(m->session[session], template, scope == 4 ? 0 : 2, NULL, 0);
    assert_int_equal(found, expected);
}

static void reopen(struct model *m, uint32_t session)
{
    assert_rv(p11->C_CloseSession(m->session[session]), CKR_OK);
    open_one(m, session);
}

static void start_over(struct model *m)
{
    if (!suite.persistent)
        return;
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    for (uint32_t i = 0; i < SESSIONS; i++)
        open_one(m, i);
    memset(m->handle, 0, sizeof m->handle);
}

static void step(struct model *m)
{
    uint32_t choice = next(m, 1000);
    uint32_t session = next(m, SESSIONS);
    uint32_t i = next(m, LABELS);

    if (choice < 200)
        create(m, session, i);
    else if (choice < 450)
        look_up(m, session, i);
    else if (choice < 650)
        read_by_handle(m, session, i);
    else if (choice < 750)
        set(m, session, i);
    else if (choice < 850)
        destroy(m, session, i);
    else if (choice < 950)
        list(m, session);
    else if (choice < 997)
        reopen(m, session);
    else
        start_over(m);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL || text[0] == '\0' ? otherwise : strtoull(text, NULL, 0);
}

static void random_operations_do_as_the_model(void **state)
{
    static struct model model;
    uint64_t seed = from_environment("CONFORMANCE_SEED", (uint64_t)time(NULL) * 2654435761u);
    uint64_t operations = from_environment("CONFORMANCE_OPS", ROUNDS_OF(10000));

    (void)state;
    if (!suite.writable)
        skip();
    print_message("CONFORMANCE_SEED=%llu CONFORMANCE_OPS=%llu\n", (unsigned long long)seed,
                  (unsigned long long)operations);
    begin(&model, seed);
    for (uint64_t i = 0; i < operations; i++)
        step(&model);
}

static const struct CMUnitTest tests[] = {open_library(random_operations_do_as_the_model)};

const struct chapter model_chapter = CHAPTER("model", tests);
