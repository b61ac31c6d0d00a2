/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_SECRET_SERVICE_FAULT_H
#define TESTS_FAULT_SECRET_SERVICE_FAULT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/backend.h"

/* Shared by the tests of the Secret Service, which run under a script of tests/servers. */

/* A store with these deadlines, and its log. */
struct service_store {
    struct store_conf_set *conf;
    struct store store;
};

struct service_store service_open(long timeout_ms, long login_timeout_ms);
void service_close(struct service_store *s);

/* Calls the backend; the value as text. */
enum store_err service_put(const struct service_store *s, const char *key, const char *value);
enum store_err service_get(const struct service_store *s, const char *key);
enum store_err service_list(const struct service_store *s, const char *prefix, size_t *count);

/* True if a read gives this value; NULL: NOT_FOUND. */
void service_expect(const struct service_store *s, const char *key, const char *value);

/* Clears the log, which must have one line that contains this text. */
void service_log_clear(void);
void service_log_expect(const char *text);
void service_log_expect_nothing(void);

/* Runs a shell command that must succeed; gives its output (to be freed) or its exit code. */
void service_shell(const char *command);
int service_shell_result(const char *command);

#define assert_store(err, expected)                                                                \
    assert_string_equal(store_err_name(err), store_err_name(expected))

/* Sends the log here; for the group's setup. */
int service_setup(void **state);

#endif
