/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backends/aws/xml.h"

static enum store_err read_xml(const char *text, struct aws_xml_field *fields, size_t count)
{
    AUTO_SECRET secret = {0};

    TRY(store_secret_set(&secret, text, strlen(text)));
    return aws_xml_read(&secret, fields, count);
}

static void the_first_element_of_a_name_is_read(void **state)
{
    struct aws_xml_field fields[] = {{.element = "Code"}, {.element = "None"}};

    (void)state;
    assert_int_equal(
        read_xml("<a xmlns='urn:x'><Code>a&amp;b<![CDATA[<]]></Code><Code>c</Code></a>", fields, 2),
        STORE_OK);
    assert_true(store_secret_equal(&fields[0].value, "a&b<", 4));
    assert_int_equal(fields[1].value.len, 0);
    aws_xml_clear(fields, 2);
}

static void document_types_and_broken_texts_are_refused(void **state)
{
    static const char *const bad[] = {
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a><Code>&x;</Code></a>",
        "<a><Code>x</a>",
        "<Code>x</Code><b/>",
        "plain",
        "",
    };
    struct aws_xml_field field = {.element = "Code"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(read_xml(bad[i], &field, 1), STORE_CORRUPT);
        assert_int_equal(field.value.len, 0);
    }
}

static enum store_err note(void *arg, const char *parent, const char *name,
                           const struct store_secret *text)
{
    char *out = arg;
    size_t used = strlen(out);

    (void)snprintf(out + used, 500 - used, "%s/%s=%.*s;", parent, name, (int)text->len,
                   text->len == 0 ? "" : (const char *)text->data);
    return strcmp(name, "stop") == 0 ? STORE_FULL : STORE_OK;
}

static enum store_err note_xml(const char *text, char out[500])
{
    AUTO_SECRET secret = {0};

    out[0] = '\0';
    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    return aws_xml_each(&secret, note, out);
}

static void elements_come_at_their_end_with_their_parent(void **state)
{
    char out[500];

    (void)state;
    assert_int_equal(note_xml("<r>no<l> <m>1</m>no<m>2<n/>no</m></l><e/>no</r>", out), STORE_OK);
    assert_string_equal(out, "l/m=1;m/n=;l/m=;r/l=;r/e=;/r=;");
}

static void an_error_ends_the_reading(void **state)
{
    char out[500];

    (void)state;
    assert_int_equal(note_xml("<r><stop/><after>x</after></r>", out), STORE_FULL);
    assert_string_equal(out, "r/stop=;");
}

static void deep_nesting_is_refused(void **state)
{
    char text[400] = "";
    char out[500];

    (void)state;
    for (size_t depth = 1; depth <= 40; depth++) {
        for (size_t i = 0; i < depth; i++)
            memcpy(text + 3 * i, "<a>", 3);
        for (size_t i = 0; i < depth; i++)
            memcpy(text + 3 * depth + 4 * i, "</a>", 5);
        assert_int_equal(note_xml(text, out), depth <= 31 ? STORE_OK : STORE_CORRUPT);
    }
    memcpy(text + 90, "<a><b/>", 8); /* an element without content at the limit */
    assert_int_equal(note_xml(text, out), STORE_CORRUPT);
}

static void a_long_name_is_cut(void **state)
{
    char text[200];
    char out[500];

    (void)state;
    (void)snprintf(text, sizeof text, "<a%080d>x</a%080d>", 0, 0);
    assert_int_equal(note_xml(text, out), STORE_OK);
    assert_int_equal(strlen(out), 1 + 63 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_element_of_a_name_is_read),
        cmocka_unit_test(document_types_and_broken_texts_are_refused),
        cmocka_unit_test(elements_come_at_their_end_with_their_parent),
        cmocka_unit_test(an_error_ends_the_reading),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_long_name_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
