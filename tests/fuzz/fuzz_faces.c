/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include "module/pki/faces_entry.h"

#include <string.h>

/* Any text as entries of the file of public faces. What is taken for one comes back from what would
 * be written of it. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

static bool same_state(const struct faces_state *a, const struct faces_state *b)
{
    return a->updated_ns == b->updated_ns && strcmp(a->version, b->version) == 0;
}

static void compare(void *arg, const struct faces_entry *entry)
{
    const struct faces_entry **first = arg;
    const struct pki *a = (*first)->pki;
    const struct pki *b = entry->pki;

    FUZZ_CHECK(entry->checked_ns == (*first)->checked_ns);
    FUZZ_CHECK(same_state(&entry->secret, &(*first)->secret));
    FUZZ_CHECK(strcmp(entry->certificate_key, (*first)->certificate_key) == 0);
    FUZZ_CHECK(entry->certificate_key[0] == '\0' ||
               same_state(&entry->certificates, &(*first)->certificates));
    FUZZ_CHECK(a->fault == b->fault && a->has_key == b->has_key && a->count == b->count);
    FUZZ_CHECK(der_equal(a->key.info, b->key.info));
    for (size_t i = 0; i < a->count; i++)
        FUZZ_CHECK(der_equal(a->certificates[i].x509.whole, b->certificates[i].x509.whole));
    *first = NULL;
}

static void write_again(void *arg, const struct faces_entry *entry)
{
    const struct faces_entry *first = entry;
    json_t *json = faces_entry_write(entry);

    (void)arg;
    if (json == NULL) /* its certificates are too large */
        return;
    faces_entry_read(entry->key, json, compare, &first);
    FUZZ_CHECK(first == NULL);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    const char *key;
    json_t *value;

    json_object_foreach(root, key, value)
    {
        faces_entry_read(key, value, write_again, NULL);
    }
    json_decref(root);
    return 0;
}
