/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_MODULE_OBJECT_OBJECT_FIXTURE_H
#define TESTS_UNIT_MODULE_OBJECT_OBJECT_FIXTURE_H

#include "tests/unit/module/check.h"

#include "module/object/object.h"
#include "module/object/listing.h"

/* A token's objects, made as calls that have found something make them. */

extern struct object_table table;
extern int64_t now; /* when the test began */

int with_table(void **state);
int without_table(void **state);

#define case_of(test) cmocka_unit_test_setup_teardown(test, with_table, without_table)

/* The finding of a call that read a key at `asked_ns`, or of a write that began at `began_ns`. The
 * value is the version, too; NULL: only the key is known. */
CK_OBJECT_HANDLE found_at(const char *key, const char *value, int64_t asked_ns, int64_t began_ns,
                          const struct listing *listing);

#endif
