/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"

#define PAUSE_NS (2 * STORE_TIME_MS)

static enum store_err failed(const struct store_ctx *ctx, const char *action)
{
    int number = errno;

    store_log(STORE_LOG_ERROR, "%s: cannot %s %s (errno %d); make its folder yours, with mode 0700",
              ctx->backend, action, ctx->lock_path, number);
    return STORE_FAILED;
}

static int open_lock(const char *path)
{
    return store_fd_high(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
}

/* Opens the lock's file, and makes it and its folder if need be. */
static enum store_err open_file(const struct store_ctx *ctx, int *out)
{
    if (ctx->lock_path == NULL) {
        store_log(STORE_LOG_ERROR,
                  "%s: the user has no home folder; name one with SIDESEAT_DATA_DIR", ctx->backend);
        return STORE_BAD_CONF;
    }
    *out = open_lock(ctx->lock_path);
    if (*out < 0 && errno == ENOENT) {
        if (mkdir(store_conf_data_dir(ctx->conf), 0700) != 0 && errno != EEXIST)
            return failed(ctx, "make the folder of");
        *out = open_lock(ctx->lock_path);
    }
    return *out < 0 ? failed(ctx, "open") : STORE_OK;
}

enum store_err turn_acquire(const struct store_ctx *ctx, int *turn)
{
    int64_t deadline_ns =
        store_time_monotonic() + store_conf_number(ctx->conf, "timeout_ms") * STORE_TIME_MS;
    const struct timespec pause = store_time_spec(PAUSE_NS);
    enum store_err err;

    TRY(open_file(ctx, turn));
    while (flock(*turn, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            err = failed(ctx, "lock");
            turn_release(*turn);
            return err;
        }
        if (store_time_monotonic() > deadline_ns) {
            store_log(STORE_LOG_ERROR,
                      "%s: other processes keep %s locked; find them with: lsof %s", ctx->backend,
                      ctx->lock_path, ctx->lock_path);
            turn_release(*turn);
            return STORE_TIMEOUT;
        }
        nanosleep(&pause, NULL);
    }
    return STORE_OK;
}

void turn_release(int turn)
{
    close(turn);
}
