/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_MODULE_OBJECT_FIXTURE_H
#define UNIT_MODULE_OBJECT_FIXTURE_H

#include "tests/unit/module/check.h"

#include "module/object/object.h"
#include "module/object/listing.h"

/* A token's objects, made as calls that have found something make them. */

extern struct object_table table;
extern int64_t now; /* when the test began */

int with_table(void **state);
int without_table(void **state);

#define case_of(test) cmocka_unit_test_setup_teardown(test, with_table, without_table)

/* What a call found under a key that asked at `asked_ns`, or wrote that began at `began_ns`. The
 * value, which is the version, too, may be NULL: the key only is known. */
CK_OBJECT_HANDLE found_at(const char *key, const char *value, int64_t asked_ns, int64_t began_ns,
                          const struct listing *listing);

#endif
