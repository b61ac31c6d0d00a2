/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/credential-manager/comment.h"

#define REVISION "0123456789abcdef"
#define NOW "2027-01-15T08:00:00Z"

static void a_comment_comes_back(void **state)
{
    const struct comment made = {.created_ns = INT64_C(1700000000123456789),
                                 .updated_ns = INT64_C(1800000000000000000),
                                 .revision = REVISION,
                                 .bytes = 6000};
    struct comment found;
    char text[COMMENT_SIZE];

    (void)state;
    comment_format(&made, text);
    assert_string_equal(text, "sideseat created=2023-11-14T22:13:20.123456789Z "
                              "updated=2027-01-15T08:00:00Z version=" REVISION " bytes=6000");
    comment_parse(text, &found);
    assert_int_equal(found.created_ns, made.created_ns);
    assert_int_equal(found.updated_ns, made.updated_ns);
    assert_string_equal(found.revision, REVISION);
    assert_int_equal(found.bytes, 6000);
}

static void an_unknown_time_of_creation_stays_unknown(void **state)
{
    const struct comment made = {.updated_ns = 1, .revision = REVISION, .bytes = 1};
    struct comment found;
    char text[COMMENT_SIZE];

    (void)state;
    comment_format(&made, text);
    comment_parse(text, &found);
    assert_int_equal(found.created_ns, 0);
    assert_int_equal(found.updated_ns, 1);
    assert_string_equal(found.revision, REVISION);
}

static void other_texts_are_another_programs(void **state)
{
    static const char *const texts[] = {
        "",
        "keyring v3.6.3",
        "sideseat",
        "sideseat created=- updated=" NOW " version=" REVISION,
        "sideseat created=- updated=" NOW " version=" REVISION " bytes=",
        "sideseat created=- updated=" NOW " version=" REVISION " bytes=0",
        "sideseat created=- updated=" NOW " version=" REVISION " bytes=-1",
        "sideseat created=- updated=" NOW " version=" REVISION " bytes=1 ",
        "sideseat created=- updated=" NOW " version=" REVISION " bytes=1x",
        "sideseat created=- updated=" NOW " version=" REVISION " bytes=99999999999999999999",
        "sideseat created=- updated=" NOW " version=0123456789ABCDEF bytes=1",
        "sideseat created=- updated=" NOW " version=0123 bytes=1",
        "sideseat created=- updated=" NOW " version=" REVISION "0 bytes=1",
        "sideseat created=- updated=- version=" REVISION " bytes=1",
        "sideseat created=- updated=2027-01-15T08:00:00.0Z version=" REVISION " bytes=1",
        "sideseat created=1234567890123456789012345678901234567890 updated=" NOW
        " version=" REVISION " bytes=1",
        "x sideseat created=- updated=" NOW " version=" REVISION " bytes=1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct comment found;

        comment_parse(texts[i], &found);
        if (found.revision[0] != '\0' || found.bytes != 0)
            fail_msg("\"%s\" is a comment of this module", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comment_comes_back),
        cmocka_unit_test(an_unknown_time_of_creation_stays_unknown),
        cmocka_unit_test(other_texts_are_another_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
