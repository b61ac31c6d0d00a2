/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_QUERY_H
#define BACKENDS_SECITEM_QUERY_H

#include <string.h>

#include "backends/secitem/item.h"

/* The dictionaries of the SecItem functions. */

/* Releases the object at the end of the scope: AUTO_CF CFTypeRef found = NULL; */
static inline void query_release(void *reference)
{
    CFTypeRef object;

    memcpy(&object, reference, sizeof object);
    if (object != NULL)
        CFRelease(object);
}
#define AUTO_CF __attribute__((cleanup(query_release)))

/* A new dictionary; NULL if memory is short. The caller releases it. */
CFMutableDictionaryRef query_empty(void) STORE_CHECKED;

/* The dictionary that names an item, or all items of a place if `account` is NULL; NULL if memory
 * is short. The caller releases it. */
CFMutableDictionaryRef query_new(const struct item_place *place, const char *account) STORE_CHECKED;

/* Sets a text, or bytes, which are copied. False if memory is short. */
bool query_set_text(CFMutableDictionaryRef query, CFStringRef name, const char *text) STORE_CHECKED;
bool query_set_bytes(CFMutableDictionaryRef query, CFStringRef name, const void *bytes,
                     size_t len) STORE_CHECKED;

/* Sets a value, whose bytes stay where they are: the secret outlives the dictionary. */
bool query_set_secret(CFMutableDictionaryRef query, const struct store_secret *value) STORE_CHECKED;

/* Reads the attributes of a result; wrong types give empty members. */
void query_parse(CFTypeRef attributes, struct item *out);

/* Copies the account of a result to `out`; false if it is not such text. */
bool query_account(CFTypeRef attributes, char out[STORE_KEY_MAX + 1]) STORE_CHECKED;

/* Copies the value of a result and wipes the original, unless something else holds it, too. */
OSStatus query_value(CFTypeRef attributes, struct store_secret *out) STORE_CHECKED;

#endif
