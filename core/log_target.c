/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log_target.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/append_file.h"
#include "platform/log.h"
#include "platform/path.h"
#include "store/descriptor.h"
#include "store/time.h"

const char *const log_level_names[LOG_LEVELS] = {"error", "warning", "info", "debug"};

static bool cut; /* the last line was cut short */

/* Writes a line with its time if the file may have other writers. */
static bool line_write(const struct log_target *target, enum store_log_level level,
                       const char *text)
{
    char line[PLATFORM_LOG_LINE];
    char when[STORE_TIME_TEXT_SIZE] = "";
    size_t done = 0;
    int error;
    int len;

    if (target->kind == LOG_TO_FILE)
        store_time_format(store_time_now() / STORE_TIME_S * STORE_TIME_S, when);
    len = snprintf(line, sizeof line, "%s%s%s" PLATFORM_LOG_NAME "[%ld] %s: %s\n", cut ? "\n" : "",
                   when, when[0] == '\0' ? "" : " ", (long)getpid(), log_level_names[level], text);
    if (len < 0)
        return false;
    if ((size_t)len >= sizeof line)
        len = (int)sizeof line - 1;
    if (target->kind == LOG_TO_FILE)
        error = store_fd_write(target->fd, line, (size_t)len, &done);
    else
        error = platform_stderr_write(line, (size_t)len, &done);
    if (done > 0)
        cut = error != 0;
    return error == 0;
}

bool log_target_write(const struct log_target *target, enum store_log_level level, const char *text)
{
    if (target->kind == LOG_TO_SYSLOG)
        return platform_log_system(level, text);
    return line_write(target, level, text);
}

/* A copy of the descriptor whose number is in `digits`, if it is a file that only this user
 * writes to. Returns the reason for a failure, or NULL. */
static const char *descriptor_open(const char *digits, int *out)
{
    char *end;
    long number = strtol(digits, &end, 10);

    if (digits[0] < '0' || digits[0] > '9' || *end != '\0' || number > INT_MAX)
        return "fd: is followed by the number of a descriptor";
    return append_file_take(store_fd_high(fcntl((int)number, F_DUPFD_CLOEXEC, 0)), out);
}

const char *log_target_open(const char *words, struct log_target *out)
{
    const char *wrong;

    *out = (struct log_target){.kind = LOG_TO_STDERR, .fd = -1};
    if (words == NULL || strcmp(words, "stderr") == 0)
        return NULL;
    if (strcmp(words, "syslog") == 0) {
        out->kind = LOG_TO_SYSLOG;
        return NULL;
    }
    if (!platform_path_is_absolute(words) && strncmp(words, "fd:", 3) != 0)
        return "it is not an absolute path, \"syslog\" or \"stderr\"";
    wrong = platform_path_is_absolute(words) ? append_file_open(words, O_WRONLY, &out->fd)
                                             : descriptor_open(words + 3, &out->fd);
    if (wrong == NULL)
        out->kind = LOG_TO_FILE;
    return wrong;
}

void log_target_close(struct log_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    *target = (struct log_target){.kind = LOG_TO_STDERR, .fd = -1};
}
