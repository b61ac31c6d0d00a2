/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/module_log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/programs/memory_file.h"
#include "store/user.h"

#define TARGET "SIDESEAT_PKCS11_LOG_FILE"
#define LEVEL "SIDESEAT_PKCS11_LOG"

#define NEWEST 65536 /* bytes of the log that are searched */

static struct {
    pthread_mutex_t lock;
    int fd; /* the file that the module writes to; 0: none */
    off_t at;
    bool named; /* in the environment */
} module_log = {.lock = PTHREAD_MUTEX_INITIALIZER};

void module_log_begin(void)
{
    char target[24];
    int fd;

    if (store_env(TARGET) != NULL || store_env(LEVEL) != NULL)
        return;
    /* a module that is initialized again goes on in the same file */
    fd = module_log.fd != 0 ? module_log.fd : platform_scratch_file();
    if (fd < 0)
        return;
    (void)snprintf(target, sizeof target, "fd:%d", fd);
    module_log.fd = fd;
    module_log.named = setenv(TARGET, target, 1) == 0;
}

void module_log_begun(void)
{
    if (module_log.named)
        (void)unsetenv(TARGET);
    module_log.named = false;
}

/* Splits "TIME sideseat-pkcs11[PID] error: TEXT". */
static enum module_log_kind read_line(const char *whole, char line[MODULE_LOG_SIZE])
{
    const char *level = strstr(whole, "] ");
    const char *text = level == NULL ? NULL : strstr(level, ": ");

    text = text == NULL ? whole : text + 2;
    (void)snprintf(line, MODULE_LOG_SIZE, "%.*s", MODULE_LOG_SIZE - 1, text);
    return level != NULL && strncmp(level + 2, "error", 5) == 0 ? MODULE_LOG_ERROR
                                                                : MODULE_LOG_WARNING;
}

/* True if the line has the thing as a word of its own. */
static bool names(const char *line, const char *thing)
{
    const size_t len = strlen(thing);

    for (const char *at = strstr(line, thing); len > 0 && at != NULL; at = strstr(at + 1, thing))
        if (strchr(" :,;'\")", at[len]) != NULL) /* or the end */
            return true;
    return false;
}

bool module_log_find(const char *thing, char line[MODULE_LOG_SIZE])
{
    char *lines = malloc(NEWEST + 1);
    char *next = NULL;
    bool found = false;
    struct stat file;
    ssize_t n = 0;

    pthread_mutex_lock(&module_log.lock);
    if (module_log.fd != 0 && lines != NULL && fstat(module_log.fd, &file) == 0)
        n = pread(module_log.fd, lines, NEWEST, file.st_size > NEWEST ? file.st_size - NEWEST : 0);
    pthread_mutex_unlock(&module_log.lock);
    if (n > 0) {
        lines[n] = '\0';
        for (char *one = strtok_r(lines, "\n", &next); one != NULL;
             one = strtok_r(NULL, "\n", &next)) {
            char text[MODULE_LOG_SIZE];

            if (read_line(one, text) != MODULE_LOG_ERROR || !names(text, thing))
                continue;
            memcpy(line, text, sizeof text);
            found = true;
        }
    }
    free(lines);
    return found;
}

bool module_log_next(enum module_log_kind *kind, char line[MODULE_LOG_SIZE])
{
    char whole[MODULE_LOG_SIZE + 256];
    char *end = NULL;
    ssize_t n = 0;

    pthread_mutex_lock(&module_log.lock);
    if (module_log.fd != 0)
        n = pread(module_log.fd, whole, sizeof whole - 1, module_log.at);
    if (n > 0) {
        whole[n] = '\0';
        end = strchr(whole, '\n');
    }
    if (end != NULL) {
        *end = '\0';
        module_log.at += end + 1 - whole;
        *kind = read_line(whole, line);
    }
    pthread_mutex_unlock(&module_log.lock);
    return end != NULL;
}
