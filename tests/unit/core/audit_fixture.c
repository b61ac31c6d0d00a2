/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/audit_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "store/log.h"
#include "store/time.h"

static const struct store_audit_process self = {4711, 12345678, "/usr/bin/\"tool\""};
char folder[] = "/tmp/sideseat-audit-XXXXXX";
char path[64];
char logged[8192];
char text[4 * 1024 * 1024];

static void keep_log(void *arg, enum store_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    strncat(logged, line, sizeof logged - strlen(logged) - 2);
    strcat(logged, "\n");
}

/* Runs a case in a process of its own, with a new file. */
void in_child(void (*act)(void))
{
    pid_t child;
    int status;

    snprintf(path, sizeof path, "%s/audit", folder);
    unlink(path);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGXFSZ, SIG_DFL);
        alarm(50);
        store_log_redirect(keep_log, NULL);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP)
        skip();
    assert_int_equal(status, 0);
}

struct store_audit *open_audit(struct store_audits *audits, const char *target, bool required)
{
    struct store_audit *audit;

    CHECK(store_audits_get(audits, target, required, STORE_AUDIT_MODULE, &self, &audit) ==
          STORE_OK);
    return audit;
}

void note(struct store_audit *audit, const char *key, const char *mechanism)
{
    const struct store_audit_use use = {.token = "sideseat",
                                        .key = key,
                                        .call = mechanism == NULL ? "read" : "sign",
                                        .mechanism = mechanism,
                                        .outcome = "OK",
                                        .stale = mechanism == NULL};

    store_audit_note(audit, NULL, &use);
}

void flush(struct store_audits *audits)
{
    store_audits_flush(audits, store_time_monotonic() + 40 * STORE_TIME_S);
}

void finish(struct store_audits *audits)
{
    flush(audits);
    store_audits_close(audits);
}

const char *content(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    CHECK(n >= 0);
    close(fd);
    text[n] = '\0';
    return text;
}

size_t count(const char *in, const char *part)
{
    size_t n = 0;

    while ((in = strstr(in, part)) != NULL) {
        in += strlen(part);
        n++;
    }
    return n;
}

bool all_whole(const char *lines)
{
    while (*lines != '\0') {
        const char *end = strchr(lines, '\n');
        if (end == NULL || strncmp(lines, "{\"time\":\"", 9) != 0 || end[-1] != '}')
            return false;
        lines = end + 1;
    }
    return true;
}

void write_many(struct store_audit *audit, size_t number)
{
    for (size_t i = 0; i < number; i++)
        note(audit, "global/a_key_of_a_usual_length", NULL);
}

int run_audit_tests(int (*run)(void))
{
    int failed;

    if (mkdtemp(folder) == NULL)
        return 1;
    failed = run();
    unlink(path);
    rmdir(folder);
    return failed;
}
