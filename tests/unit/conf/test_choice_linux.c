/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/choice.h"

#define WAITING_MAX 16

/* The platform's last choice, and its reason. */
static char why[192];

static void assert_chooses(const char *backend, const char *reason)
{
    assert_string_equal(choice_find(&choice_this_system, why, sizeof why), backend);
    if (strstr(why, reason) == NULL)
        fail_msg("the reason is \"%s\", not \"%s\"", why, reason);
}

/* A socket that listens; `name` starts with '@' for the abstract space. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && len < sizeof address.sun_path);
    memcpy(address.sun_path, name, len);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    len += offsetof(struct sockaddr_un, sun_path) + (name[0] == '@' ? 0 : 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, (socklen_t)len), 0);
    assert_int_equal(listen(fd, 0), 0);
    return fd;
}

static void set_address(const char *format, const char *value)
{
    char text[1024];

    snprintf(text, sizeof text, "%s%s", format, value);
    setenv("DBUS_SESSION_BUS_ADDRESS", text, 1);
}

static void without_a_bus_it_is_the_file(void **state)
{
    (void)state;
    assert_chooses("file", "no D-Bus session bus (XDG_RUNTIME_DIR/bus: No such file");
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    assert_chooses("file", "no D-Bus session bus");
    setenv("XDG_RUNTIME_DIR", fixture_folder, 1);
    assert_chooses("file", "No such file");
    set_address("unix:path=", fixture_path("none"));
    assert_chooses("file", "DBUS_SESSION_BUS_ADDRESS: No such file");
    set_address("tcp:host=localhost,port=1", "");
    assert_chooses("file", "DBUS_SESSION_BUS_ADDRESS: Protocol not supported");
}

static void a_bus_at_the_runtime_folder_is_found(void **state)
{
    int fd = listen_at(fixture_path("bus"));

    (void)state;
    setenv("XDG_RUNTIME_DIR", fixture_folder, 1);
    assert_chooses("secret-service", "there is a D-Bus session bus (XDG_RUNTIME_DIR/bus)");
    setenv("DBUS_SESSION_BUS_ADDRESS", "", 1);
    assert_chooses("secret-service", "XDG_RUNTIME_DIR/bus");
    setenv("DBUS_SESSION_BUS_ADDRESS", "unix:runtime=yes", 1);
    assert_chooses("secret-service", "DBUS_SESSION_BUS_ADDRESS");
    set_address("unix:path=", fixture_path("none")); /* the named address alone counts */
    assert_chooses("file", "DBUS_SESSION_BUS_ADDRESS");
    close(fd);
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    assert_chooses("file", "Connection refused"); /* a socket without a listener */
}

static void a_bus_at_an_address_is_found(void **state)
{
    char name[64];
    int fd = listen_at(fixture_path("a b"));
    char text[512];

    (void)state;
    snprintf(text, sizeof text, "unix:guid=1,path=%s/a%%20b,x=y", fixture_folder);
    setenv("DBUS_SESSION_BUS_ADDRESS", text, 1);
    assert_chooses("secret-service", "DBUS_SESSION_BUS_ADDRESS");
    snprintf(text, sizeof text, ";tcp:host=x;unix:path=/nowhere;unix:path=%s/a%%20%%62;",
             fixture_folder);
    setenv("DBUS_SESSION_BUS_ADDRESS", text, 1);
    assert_chooses("secret-service", "DBUS_SESSION_BUS_ADDRESS");
    close(fd);
    assert_chooses("file", "Connection refused");
    snprintf(name, sizeof name, "@sideseat-test-%d", (int)getpid());
    fd = listen_at(name);
    set_address("unix:abstract=", name + 1);
    assert_chooses("secret-service", "DBUS_SESSION_BUS_ADDRESS");
    close(fd);
    assert_chooses("file", "Connection refused");
}

static void an_invalid_address_is_not_a_bus(void **state)
{
    static const char *const wrong[] = {"unix",          "unix:",          ";;",
                                        "unix:path=",    "unix:path=/a%2", "unix:path=/a%zz",
                                        "unix:path=%00", "unix:guid=12",   "unix:abstract=",
                                        "unix:=x",       "unix:path",      "nonce-tcp:path=/x"};
    char longest[300] = "unix:path=/";

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        setenv("DBUS_SESSION_BUS_ADDRESS", wrong[i], 1);
        assert_chooses("file", "no D-Bus session bus");
    }
    memset(longest + strlen(longest), 'x', 200);
    setenv("DBUS_SESSION_BUS_ADDRESS", longest, 1);
    assert_chooses("file", "no D-Bus session bus");
    setenv("XDG_RUNTIME_DIR", longest + 10, 1);
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    assert_chooses("file", strerror(ENAMETOOLONG));
}

static void a_bus_that_does_not_answer_is_a_bus(void **state)
{
    int fd = listen_at(fixture_path("bus"));
    int waiting[WAITING_MAX];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t count = 0;

    (void)state;
    setenv("XDG_RUNTIME_DIR", fixture_folder, 1);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/bus", fixture_folder);
    /* until the queue is full, so that connecting would wait */
    do {
        waiting[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(waiting[count] >= 0 && count + 1 < WAITING_MAX);
    } while (connect(waiting[count++], (const struct sockaddr *)&address, sizeof address) == 0);
    assert_chooses("secret-service", "there is a D-Bus session bus");
    while (count > 0)
        close(waiting[--count]);
    close(fd);
}

static void another_users_bus_is_not_used(void **state)
{
    const char *path = fixture_path("bus");
    int fd = listen_at(path);

    (void)state;
    setenv("XDG_RUNTIME_DIR", fixture_folder, 1);
    if (geteuid() != 0) {
        close(fd);
        skip(); /* only root can give a socket away */
    }
    assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
    assert_chooses("file", "another user's");
    close(fd);
}

static void a_build_without_the_secret_service_uses_the_file(void **state)
{
    int fd = listen_at(fixture_path("bus"));

    (void)state;
    setenv("XDG_RUNTIME_DIR", fixture_folder, 1);
    registry_has_secret_service = false;
    assert_chooses("file", "this build has no backend secret-service");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(without_a_bus_it_is_the_file),
        CONF_TEST(a_bus_at_the_runtime_folder_is_found),
        CONF_TEST(a_bus_at_an_address_is_found),
        CONF_TEST(an_invalid_address_is_not_a_bus),
        CONF_TEST(a_bus_that_does_not_answer_is_a_bus),
        CONF_TEST(another_users_bus_is_not_used),
        CONF_TEST(a_build_without_the_secret_service_uses_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
