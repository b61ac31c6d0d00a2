/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/programs/windows/launch.h"
#include "platform/system.h"

/* Which file a program's name is, and what the program inherits. It is SHOW (show.c), copied under
 * a name with a dot; this program waits, if it is started as `program wait`. */

#define SHOW_STATUS 7
#define WAIT_MS 30000

static struct {
    char folder[MAX_PATH];
    char *path; /* before the tests */
} place;

static int make_folder(void **state)
{
    const char *path = platform_env("PATH");
    char copy[MAX_PATH + 16];

    (void)state;
    (void)snprintf(place.folder, sizeof place.folder, "%s/sideseat-launch.XXXXXX",
                   platform_env("SIDESEAT_TEST_TEMP"));
    place.path = strdup(path == NULL ? "" : path);
    if (place.path == NULL || mkdtemp(place.folder) == NULL || chdir(place.folder) != 0)
        return -1;
    (void)snprintf(copy, sizeof copy, "%s/tool3.1.exe", place.folder);
    return CopyFileA(SHOW, copy, TRUE) ? 0 : -1;
}

static int remove_file(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    (void)setenv("PATH", place.path, 1);
    free(place.path);
    return chdir("/") == 0 ? nftw(place.folder, remove_file, 8, FTW_DEPTH) : -1;
}

static int launch(const char *name)
{
    char *words[] = {(char *)(uintptr_t)name, NULL};
    HANDLE process = NULL;
    DWORD status = 0;
    int error = windows_launch(words, platform_environ(), &process);

    if (error != 0)
        return error;
    assert_int_equal(WaitForSingleObject(process, WAIT_MS), WAIT_OBJECT_0);
    assert_true(GetExitCodeProcess(process, &status));
    CloseHandle(process);
    assert_int_equal(status, SHOW_STATUS);
    return 0;
}

static void a_name_is_not_looked_for_in_the_current_folder(void **state)
{
    static const char *const paths[] = {"", ";", ".", ";.;C:", "C:;\\", "..\\.;"};

    (void)state;
    (void)unsetenv("PATH");
    assert_int_equal(launch("tool3.1.exe"), ENOENT);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        (void)setenv("PATH", paths[i], 1);
        assert_int_equal(launch("tool3.1.exe"), ENOENT);
        assert_int_equal(launch(""), ENOENT);
    }
}

static void a_name_is_found_in_a_folder_of_path(void **state)
{
    char path[2 * MAX_PATH];

    (void)state;
    (void)snprintf(path, sizeof path, "C:\\none;;%s;C:\\windows", place.folder);
    (void)setenv("PATH", path, 1);
    assert_int_equal(launch("tool3.1.exe"), 0);
    assert_int_equal(launch("tool3.1"), 0);
    assert_int_equal(launch("tool3"), ENOENT);
}

static void a_path_may_depend_on_the_current_folder(void **state)
{
    char path[2 * MAX_PATH];

    (void)state;
    (void)setenv("PATH", "", 1);
    assert_int_equal(launch("./tool3.1"), 0);
    assert_int_equal(launch(".\\tool3.1.exe"), 0);
    assert_int_equal(launch("./none"), ENOENT);
    (void)snprintf(path, sizeof path, "%s/tool3.1", place.folder);
    assert_int_equal(launch(path), 0);
}

/* While the program has the file, nobody else can open it. */
static void a_program_inherits_the_standard_handles_alone(void **state)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    char self[MAX_PATH];
    char word[] = "wait";
    char *words[] = {self, word, NULL};
    HANDLE process = NULL;
    HANDLE file;

    (void)state;
    assert_true(GetModuleFileNameA(NULL, self, MAX_PATH) < MAX_PATH);
    file = CreateFileW(L"leaks", GENERIC_WRITE, 0, &inherited, CREATE_NEW, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    assert_int_equal(windows_launch(words, platform_environ(), &process), 0);
    CloseHandle(file);
    file = CreateFileW(L"leaks", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_int_equal(WaitForSingleObject(process, 0), WAIT_TIMEOUT);
    assert_true(TerminateProcess(process, 1));
    assert_int_equal(WaitForSingleObject(process, WAIT_MS), WAIT_OBJECT_0);
    CloseHandle(process);
    assert_true(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
}

static void a_copied_descriptor_is_not_inherited(void **state)
{
    int fd = open("NUL", O_RDONLY);
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DWORD flags = 0;

    (void)state;
    assert_true(fd >= 0 && copy >= 0);
    assert_true(GetHandleInformation(windows_handle(copy), &flags));
    assert_int_equal(flags & HANDLE_FLAG_INHERIT, 0);
    close(copy);
    close(fd);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_not_looked_for_in_the_current_folder),
        cmocka_unit_test(a_name_is_found_in_a_folder_of_path),
        cmocka_unit_test(a_path_may_depend_on_the_current_folder),
        cmocka_unit_test(a_program_inherits_the_standard_handles_alone),
        cmocka_unit_test(a_copied_descriptor_is_not_inherited),
    };

    (void)argv;
    if (argc > 1) {
        Sleep(WAIT_MS);
        return 0;
    }
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
