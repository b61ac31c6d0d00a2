/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/log.h"

/* The start of the store process: its inheritance from the host, and hosts that cannot start it. */

static char logged[4096];

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    size_t len = strlen(logged);

    (void)arg;
    (void)level;
    snprintf(logged + len, sizeof logged - len, "%s\n", text);
}

/* Opens a store of `backend` whose program is at `path`, and reads. */
static enum store_err read_backend_by(const char *backend, const char *path)
{
    struct store_conf_set *set;
    struct store store;
    AUTO_RECORD record = {0};
    enum store_err err;

    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    assert_int_equal(store_conf_begin(&set, "fault", backend), STORE_OK);
    assert_int_equal(store_conf_put(set, "store.program", path, strlen(path), "test"), STORE_OK);
    assert_int_equal(store_open_at(&store, store_conf_at(set, 0), STORE_IN_STORE_PROCESS),
                     STORE_OK);
    err = store.backend->read(store.ctx, FAULT_KEY, &record);
    store_close(&store);
    store_conf_free(set);
    store_log_redirect(NULL, NULL);
    return err;
}

static enum store_err read_by(const char *path)
{
    return read_backend_by("file", path);
}

#ifdef THREE_PROGRAMS
static void a_program_made_for_other_backends_says_so(void **state)
{
    (void)state;
    assert_int_equal(read_backend_by("vault", STORE_PROGRAM "-desktop"), STORE_BAD_CONF);
    assert_non_null(strstr(logged, "without backend vault"));
    assert_int_equal(read_backend_by("secret-service", STORE_PROGRAM "-cloud"), STORE_BAD_CONF);
    assert_non_null(strstr(logged, "pkcs11.store.program"));
    assert_int_equal(read_by(STORE_PROGRAM "-cloud"), read_by(STORE_PROGRAM));
}
#endif

static void a_program_that_is_not_there_is_an_error_that_says_so(void **state)
{
    (void)state;
    assert_int_equal(read_by("/nonexistent/sideseat-store"), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "/nonexistent/sideseat-store"));
    assert_non_null(strstr(logged, "pkcs11.store.program"));
}

static void a_program_that_may_not_be_run_is_an_error_that_says_so(void **state)
{
    (void)state;
    assert_int_equal(read_by("/etc/passwd"), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "pkcs11.store.socket"));
}

static void a_program_that_is_another_is_an_error_that_says_so(void **state)
{
    (void)state;
    assert_int_equal(read_by("/bin/true"), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "ended before it answered"));
    assert_int_equal(fault_process(), 0);
}

/* Has the kernel refuse to start programs, as a sandbox does. */
static bool forbid_exec(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void a_sandbox_that_forbids_programs_is_an_error_that_says_so(void **state)
{
    pid_t child = fork();
    int status = 0;

    (void)state;
    if (child == 0) {
        if (!forbid_exec())
            _exit(77);
        if (read_by(STORE_PROGRAM) != STORE_UNAVAILABLE)
            _exit(1);
        _exit(strstr(logged, "sandbox") != NULL && strstr(logged, "--listen") != NULL ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* A process's file in /proc; false if it may not be read. */
static bool proc_read(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, out, size - 1);
    close(fd);
    if (n < 0)
        return false;
    out[n] = '\0';
    for (ssize_t i = 0; i < n; i++)
        if (out[i] == '\0')
            out[i] = '\n';
    return true;
}

static void it_gets_only_the_variables_that_it_needs(void **state)
{
    struct fault_store fault;
    char text[65536];

    (void)state;
    setenv("FAULT_SECRET", "host's own", 1);
    setenv("HOME", "/nonexistent/home", 1);
    fault_store_open(&fault, true);
    if (proc_read(fault_process(), "environ", text, sizeof text)) {
        assert_null(strstr(text, "FAULT_SECRET"));
        assert_null(strstr(text, "PATH="));
        assert_non_null(strstr(text, "HOME=/nonexistent/home"));
    }
    fault_store_close(&fault);
    unsetenv("FAULT_SECRET");
}

/* True if the store process should have the descriptor: of the host's, only standard error, if the
 * log goes there. */
static void check_descriptor(const char *number, const char *target)
{
    char own[PATH_MAX] = "";

    (void)!readlink("/proc/self/fd/2", own, sizeof own - 1);
    if (strcmp(number, "2") == 0)
        assert_string_equal(target, own);
    else if (strtol(number, NULL, 10) <= 2)
        assert_string_equal(target, "/dev/null");
    else if (strncmp(target, "socket:", 7) != 0 && strncmp(target, "anon_inode:", 11) != 0 &&
             strncmp(target, "pipe:", 5) != 0)
        fail_msg("descriptor %s is %s", number, target);
}

static void it_gets_no_descriptor_of_its_host(void **state)
{
    int leak = open("/etc/passwd", O_RDONLY); /* not close-on-exec: on purpose */
    struct fault_store fault;
    char path[64];
    char link[320];
    char target[256];
    struct dirent *entry;
    DIR *folder;

    (void)state;
    assert_true(leak >= 0);
    fault_store_open(&fault, true);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)fault_process());
    folder = opendir(path);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        ssize_t n;
        snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
        n = readlink(link, target, sizeof target - 1);
        if (n < 0)
            continue; /* . and .. */
        target[n] = '\0';
        check_descriptor(entry->d_name, target);
    }
    if (folder != NULL)
        closedir(folder);
    fault_store_close(&fault);
    close(leak);
}

static void our_descriptors_are_closed_on_exec_and_none_is_a_standard_one(void **state)
{
    struct fault_store fault;
    bool before[256];
    int input = dup(STDIN_FILENO);

    (void)state;
    close(STDIN_FILENO); /* as some hosts do */
    for (int fd = 0; fd < 256; fd++)
        before[fd] = fcntl(fd, F_GETFD) >= 0;
    fault_store_open(&fault, true);
    assert_false(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    for (int fd = 0; fd < 256; fd++)
        if (!before[fd] && fcntl(fd, F_GETFD) >= 0)
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    fault_store_close(&fault);
    dup2(input, STDIN_FILENO);
    close(input);
}

static void it_has_a_session_and_signals_of_its_own(void **state)
{
    struct fault_store fault;
    char text[4096];
    pid_t pid;

    (void)state;
    fault_store_open(&fault, true);
    pid = fault_process();
    assert_int_equal(getsid(pid), pid);
    assert_true(proc_read(pid, "status", text, sizeof text));
    assert_non_null(strstr(text, "SigBlk:\t0000000000000000"));
    fault_store_close(&fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef THREE_PROGRAMS
        cmocka_unit_test(a_program_made_for_other_backends_says_so),
#endif
        cmocka_unit_test(a_program_that_is_not_there_is_an_error_that_says_so),
        cmocka_unit_test(a_program_that_may_not_be_run_is_an_error_that_says_so),
        cmocka_unit_test(a_program_that_is_another_is_an_error_that_says_so),
        cmocka_unit_test(a_sandbox_that_forbids_programs_is_an_error_that_says_so),
        cmocka_unit_test(it_gets_only_the_variables_that_it_needs),
        cmocka_unit_test(it_gets_no_descriptor_of_its_host),
        cmocka_unit_test(our_descriptors_are_closed_on_exec_and_none_is_a_standard_one),
        cmocka_unit_test(it_has_a_session_and_signals_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
