/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/descriptor.h"
#include "store/log.h"

bool registry_has_secret_service = true;
char fixture_folder[64];
char fixture_log[32768];
struct store_conf_set *fixture_set;

/* The Secret Service is last, where it can be left out. */
static const struct store_registration rows[] = {
    {.name = "file"},  {.name = "env"}, {.name = "keyutils"},
    {.name = "vault"}, {.name = "aws"}, {.name = "secret-service"},
};

const struct store_registration *store_registry_at(size_t index)
{
    size_t count = sizeof rows / sizeof rows[0];

    if (!registry_has_secret_service)
        count--;
    return index < count ? &rows[index] : NULL;
}

const struct store_registration *store_registry_find(const char *name)
{
    const struct store_registration *row;

    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static void log_append(void *arg, enum store_log_level level, const char *text)
{
    size_t len = strlen(fixture_log);

    (void)arg;
    (void)level;
    snprintf(fixture_log + len, sizeof fixture_log - len, "%s\n", text);
}

static void environment_clear(void)
{
    static const char *const others[] = {
        "XDG_DATA_HOME",   "XDG_RUNTIME_DIR",     "DBUS_SESSION_BUS_ADDRESS",
        "SIDESEAT_CONFIG", "SIDESEAT_PKCS11_LOG", "SIDESEAT_PKCS11_LOG_FILE"};
    const struct setting *setting;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        unsetenv(others[i]);
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++)
        for (size_t j = 0; j < SETTING_ENVIRONMENT_MAX && setting->environment[j] != NULL; j++)
            unsetenv(setting->environment[j]);
}

int conf_setup(void **state)
{
    const char *temp = getenv("TMPDIR");

    (void)state;
    environment_clear();
    registry_has_secret_service = true;
    snprintf(fixture_folder, sizeof fixture_folder, "%s/sideseat-conf-XXXXXX",
             temp == NULL ? "/tmp" : temp);
    if (mkdtemp(fixture_folder) == NULL || setenv("HOME", fixture_path("home"), 1) != 0)
        return -1;
    fixture_log[0] = '\0';
    store_log_redirect(log_append, NULL);
    return mkdir(fixture_path("home"), 0700);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int conf_teardown(void **state)
{
    (void)state;
    store_conf_free(fixture_set);
    fixture_set = NULL;
    store_log_redirect(NULL, NULL);
    environment_clear();
    return nftw(fixture_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fixture_path(const char *name)
{
    static char paths[8][512];
    static size_t next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", fixture_folder, name);
    return path;
}

const char *fixture_file(const char *name, mode_t mode, const char *text)
{
    const char *path = fixture_path(name);
    char folder[512];
    int fd;

    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        assert_true(mkdir(folder, 0700) == 0 || errno == EEXIST);
    }
    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(store_fd_write(fd, text, strlen(text), NULL), 0);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

enum store_err fixture_load(const char *arguments)
{
    store_conf_free(fixture_set);
    fixture_set = NULL;
    fixture_log[0] = '\0';
    return conf_load(&fixture_set, arguments, fixture_path(SYSTEM_FILE));
}

const struct store_conf *fixture_token(size_t index)
{
    assert_non_null(fixture_set);
    assert_true(index < store_conf_count(fixture_set));
    return store_conf_at(fixture_set, index);
}

enum store_err fixture_load_text(const char *text)
{
    char arguments[512];

    snprintf(arguments, sizeof arguments, "config=%s", fixture_file("named.json", 0600, text));
    return fixture_load(arguments);
}

size_t fixture_log_lines(void)
{
    size_t count = 0;

    for (const char *at = fixture_log; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

void assert_logged(const char *text)
{
    if (strstr(fixture_log, text) == NULL)
        fail_msg("not in the log: %s\nwhich is:\n%s", text, fixture_log);
}

void assert_not_logged(const char *text)
{
    if (strstr(fixture_log, text) != NULL)
        fail_msg("in the log: %s\nwhich is:\n%s", text, fixture_log);
}

static void assert_one_line(enum store_err err, const char *text, const char *remedy)
{
    assert_string_equal(store_err_name(err), "BAD_CONF");
    assert_null(fixture_set);
    assert_logged(text);
    assert_logged(remedy);
    if (fixture_log_lines() != 1)
        fail_msg("not one line:\n%s", fixture_log);
}

void assert_refused(const char *arguments, const char *text, const char *remedy)
{
    assert_one_line(fixture_load(arguments), text, remedy);
}

void assert_text_refused(const char *file_text, const char *text, const char *remedy)
{
    assert_one_line(fixture_load_text(file_text), text, remedy);
}
