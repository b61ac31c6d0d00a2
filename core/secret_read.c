/* SPDX-License-Identifier: Apache-2.0 */
#include "store/secret.h"

#include "store/descriptor.h"

/* The size of the first read; later reads double the buffer. */
#define STEP ((size_t)16 * 1024)

enum store_err store_secret_read(struct store_secret *s, int fd, size_t most)
{
    AUTO_SECRET all = {0};
    unsigned char *bytes;
    size_t len = 0;
    size_t more = STEP;
    ssize_t n = 1;

    store_secret_wipe(s);
    while (n != 0) {
        if (all.len == len) {
            TRY(store_secret_resize(&all, len + more, &bytes));
            more = all.len;
        }
        n = store_fd_read(fd, bytes + len, all.len - len);
        if (n < 0)
            return STORE_FAILED;
        len += (size_t)n;
        if (len > most)
            return STORE_TOO_BIG;
    }
    return store_secret_set(s, bytes, len); /* a copy, without spare room */
}
