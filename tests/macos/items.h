/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_ITEMS_H
#define TESTS_MACOS_ITEMS_H

#include <stddef.h>

#include "tests/macos/request.h"

/* The items of the double, a file each in one folder. */

/* The groups that the program's entitlement names; the first is the default. */
#define ITEMS_GROUPS 2
extern const char *const items_groups[ITEMS_GROUPS];

struct kept {
    bool data_protection, synchronizable;
    double created, modified;
    char service[REQUEST_TEXT_SIZE], account[REQUEST_TEXT_SIZE], label[REQUEST_TEXT_SIZE];
    char comment[REQUEST_TEXT_SIZE], group[REQUEST_TEXT_SIZE];
    size_t generic_len, data_len;
    unsigned char *generic; /* NULL: without */
    unsigned char *data;
};

struct kept_list {
    struct kept **items;
    size_t count;
};

void kept_free(struct kept *kept);
void kept_list_clear(struct kept_list *list);

/* Copies bytes, for `generic` and `data`. */
unsigned char *kept_bytes(CFDataRef data, size_t *len);

/* Keeps others out, among threads and processes, until items_unlock(). */
int items_lock(const char *folder);
void items_unlock(int lock);

/* Finds the items that fit a request. */
struct kept_list items_find(const char *folder, const struct request *request);

/* True if an item with the same primary key exists. */
bool items_exist(const char *folder, const struct kept *kept);

void items_write(const char *folder, const struct kept *kept);
void items_remove(const char *folder, const struct kept *kept);

#endif
