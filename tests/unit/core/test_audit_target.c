/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of the audit that take no lines, or not at once. */
#include "tests/unit/core/audit_fixture.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void full(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, "/dev/full", false);

    for (int i = 0; i < 3; i++) {
        note(audit, "global/k", NULL);
        flush(&audits);
    }
    CHECK(store_audit_permits(audit));
    CHECK(count(logged, "\n") == 1);
    CHECK(count(logged, "audit: cannot write to /dev/full: No space left on device") == 1);
    store_audits_close(&audits);
    CHECK(count(logged, "\n") == 2 && count(logged, "the last 3 lines were not written") == 1);
}

static void limit(rlim_t size)
{
    const struct rlimit to = {size, RLIM_INFINITY};

    CHECK(setrlimit(RLIMIT_FSIZE, &to) == 0);
}

/* A disk that is full for a while: the cut line ends, and the number of lost lines is given. */
static void full_for_a_while(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, path, false);

    note(audit, "global/first", NULL);
    flush(&audits);
    limit(300);
    write_many(audit, 2);
    flush(&audits);
    note(audit, "global/lost", NULL);
    flush(&audits);
    limit(RLIM_INFINITY);
    note(audit, "global/last", NULL);
    finish(&audits);
    content(path);
    CHECK(count(text, "\n") == 4 && count(text, "global/lost") == 0);
    CHECK(count(text, "\"call\":\"audit\",\"outcome\":\"DROPPED\",\"dropped\":3}\n") == 1);
    CHECK(count(text, "global/first") == 1 && count(text, "global/last") == 1);
    CHECK(count(logged, "File too large") == 1 && count(logged, "takes lines again") == 1);
}

static void a_full_disk_is_counted(void **state)
{
    (void)state;
    in_child(full);
    in_child(full_for_a_while);
}

static void refused(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit;
    char wrong[80];

    snprintf(wrong, sizeof wrong, "%s/none/audit", folder);
    audit = open_audit(&audits, wrong, true);
    CHECK(!store_audit_permits(audit));
    CHECK(count(logged, "No such file or directory") == 1);
    note(audit, "global/refused", NULL);
    flush(&audits);
    CHECK(!store_audit_permits(audit));
    snprintf(text, sizeof text, "%s/none", folder);
    CHECK(mkdir(text, 0700) == 0);
    note(audit, "global/refused_again", NULL);
    flush(&audits);
    CHECK(store_audit_permits(audit));
    finish(&audits);
    CHECK(count(content(wrong), "global/refused_again") == 1);
    CHECK(count(text, "\"dropped\":1}") == 1);
    CHECK(symlink(wrong, path) == 0);
    CHECK(!store_audit_permits(open_audit(&audits, path, true)));
    CHECK(chmod(wrong, 0620) == 0 && !store_audit_permits(open_audit(&audits, wrong, true)));
    unlink(wrong);
    snprintf(text, sizeof text, "%s/none", folder);
    rmdir(text);
}

static void a_required_audit_refuses_uses(void **state)
{
    (void)state;
    in_child(refused);
}

/* A daemon that takes datagrams at `socket_path`. */
static int daemon_at(const char *socket_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    strncpy(address.sun_path, socket_path, sizeof address.sun_path - 1);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

/* An empty folder over one of the system's, for this process alone. */
static void cover(const char *mount_point)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", mount_point, "tmpfs", 0, "size=1m") != 0)
        _exit(SKIP);
    (void)mkdir("/run/systemd", 0755);
    (void)mkdir("/run/systemd/journal", 0755);
}

static void receive(int fd)
{
    ssize_t n = recv(fd, text, sizeof text - 1, 0);

    CHECK(n > 0);
    text[n] = '\0';
}

static void syslog_lines(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, "syslog", false);
    int fd;

    cover("/dev");
    fd = daemon_at("/dev/log");
    note(audit, "global/k", NULL);
    receive(fd);
    CHECK(strncmp(text, "<85>sideseat-pkcs11[", 20) == 0);
    CHECK(count(text, "]: {\"time\":") == 1 && text[strlen(text) - 1] == '}');
    /* the daemon is started again */
    close(fd);
    unlink("/dev/log");
    flush(&audits);
    note(audit, "global/lost", NULL);
    flush(&audits);
    CHECK(count(logged, "audit: cannot write to syslog: ") == 1);
    fd = daemon_at("/dev/log");
    note(audit, "global/k", NULL);
    receive(fd);
    CHECK(count(text, "\"dropped\":1}") == 1);
    receive(fd);
    CHECK(count(text, "\"key\":\"global/k\"") == 1);
    finish(&audits);
}

static void journal_lines(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, "journal", false);
    int fd;

    cover("/run");
    fd = daemon_at("/run/systemd/journal/socket");
    note(audit, "global/k", NULL);
    receive(fd);
    CHECK(count(text, "PRIORITY=5\n") == 1 &&
          count(text, "SYSLOG_IDENTIFIER=sideseat-pkcs11\n") == 1);
    CHECK(count(text, "\nMESSAGE={\"time\":") == 1 && strcmp(text + strlen(text) - 2, "}\n") == 0);
    finish(&audits);
}

/* Uses that nobody takes fill the queue; none of the calls waits, and the end is in sight. */
static void a_stopped_daemon(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, "syslog", false);
    unsigned long long lost = 0;
    const char *said;
    int fd;

    cover("/dev");
    fd = daemon_at("/dev/log");
    write_many(audit, 50000);
    store_audits_close(&audits);
    said = strstr(logged, "audit: the last ");
    CHECK(said != NULL && sscanf(said, "audit: the last %llu lines", &lost) == 1);
    CHECK(lost > 0);
    close(fd);
}

static void daemons_are_told_and_not_waited_for(void **state)
{
    (void)state;
    in_child(syslog_lines);
    in_child(journal_lines);
    in_child(a_stopped_daemon);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_counted),
        cmocka_unit_test(a_required_audit_refuses_uses),
        cmocka_unit_test(daemons_are_told_and_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_audit_tests(run);
}
