/* SPDX-License-Identifier: Apache-2.0 */
#include "store/secret.h"

#include <errno.h>
#include <unistd.h>

/* How much is asked for at a time. */
#define STEP ((size_t)16 * 1024)

enum store_err store_secret_read(struct store_secret *s, int fd, size_t most)
{
    AUTO_SECRET all = {0};
    unsigned char *bytes;
    size_t len = 0;
    ssize_t n = 1;

    store_secret_wipe(s);
    while (n != 0) {
        TRY(store_secret_resize(&all, len + STEP, &bytes));
        n = read(fd, bytes + len, STEP);
        if (n < 0 && errno != EINTR)
            return STORE_FAILED;
        len += n > 0 ? (size_t)n : 0;
        if (len > most)
            return STORE_TOO_BIG;
    }
    return store_secret_set(s, bytes, len); /* in no more room than it needs */
}
