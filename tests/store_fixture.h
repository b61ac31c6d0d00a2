/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/backend.h"
#include "store/conf.h"

/* A store of one backend, and the log. A value in these tests begins with "s3cret". The fixture of
 * each system opens the store, and its teardown fails if the log has a value. */

#define VALUE "s3cret one"
#define OTHER_VALUE "s3cret two"

extern struct store fixture_store;
extern struct store_conf_set *fixture_set; /* the settings; NULL while nothing is open */

void fixture_close(void); /* what is open */

enum store_err fixture_put(const char *key, const char *value, const char *if_version,
                           struct store_record *out);
enum store_err fixture_get(const char *key, struct store_record *out);
enum store_err fixture_remove(const char *key, const char *if_version);
struct store_health fixture_health(void);

/* Lists every key; their number. */
enum store_err fixture_list(size_t *count);

/* Fails the test unless `key` holds the text, or for NULL does not exist. */
void fixture_expect(const char *key, const char *value);

/* Keeps the lines of the log, from none, until the teardown. */
void fixture_keep_log(void);

/* How many lines of the log have the text. */
int fixture_logged(const char *text);
void fixture_forget_log(void);

/* Closes the store and stops keeping the log; true if no line has a value. */
bool fixture_end(void);

#define assert_err(expression, expected)                                                           \
    do {                                                                                           \
        enum store_err got_ = (expression);                                                        \
        if (got_ != (expected))                                                                    \
            fail_msg("%s is %s and not %s", #expression, store_err_name(got_),                     \
                     store_err_name(expected));                                                    \
    } while (0)

#endif
