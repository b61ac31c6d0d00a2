/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_KEPT_H
#define TESTS_WINDOWS_DOUBLE_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/windows/double/double.h"

/* The credentials of the double, a file each in one folder. */

#define KEPT_TARGET 32767
#define KEPT_COMMENT 256
#define KEPT_USER 513
#define KEPT_BLOB 2560

struct kept {
    DWORD persist;
    FILETIME written;
    WCHAR *target;
    WCHAR comment[KEPT_COMMENT + 1];
    WCHAR user[KEPT_USER + 1];
    DWORD blob_size;
    BYTE blob[KEPT_BLOB];
};

/* Makes and frees a credential without content. */
struct kept *kept_new(const WCHAR *target);
void kept_free(struct kept *kept);

/* The length of text, and a copy of text, where NULL is empty: false if it is longer than `most`.
 */
size_t kept_len(const WCHAR *text);
bool kept_copy(WCHAR *out, const WCHAR *text, size_t most);

/* Keeps other threads and processes out until kept_unlock(). */
int kept_lock(const char *folder);
void kept_unlock(int lock);

/* The credential with a name, in new memory; NULL if there is none. */
struct kept *kept_find(const char *folder, const WCHAR *target);

/* Every credential whose name begins like `begin`, or for `whole` is it; in new memory. */
struct kept **kept_list(const char *folder, const WCHAR *begin, bool whole, size_t *count);

void kept_write(const char *folder, const struct kept *kept);
void kept_remove(const char *folder, const struct kept *kept);

#endif
