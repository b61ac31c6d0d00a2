/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/choice.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/descriptor.h"
#include "store/descriptor.h"
#include "store/user.h"

/* True if the socket at a path in the file system may be this user's. For a missing one, too:
 * connecting gives a better error. */
static bool path_ours(const struct sockaddr_un *address)
{
    struct stat st;

    if (address->sun_path[0] == '\0' || stat(address->sun_path, &st) != 0)
        return true;
    return st.st_uid == geteuid();
}

/* True if the listener at the other end is this user. */
static bool peer_ours(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

/* 0 if a bus of this user listens at the address, else an errno. */
static int bus_try(const struct sockaddr_un *address, socklen_t len)
{
    int fd;
    int err = 0;

    if (!path_ours(address))
        return EPERM;
    fd = store_fd_high(platform_socket(SOCK_STREAM));
    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)address, len) != 0)
        err = errno == EAGAIN ? 0 : errno; /* EAGAIN: it listens, but its queue is full */
    else if (!peer_ours(fd))
        err = EPERM;
    close(fd);
    return err;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes an address value (D-Bus specification, "Server Addresses"). Returns the length, or 0 if
 * the value is malformed, empty or too long. */
static size_t value_decode(const char *value, size_t len, char *out, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        char c = value[i];
        if (used == room)
            return 0;
        if (c == '%') {
            if (len - i < 3 || hex_digit(value[i + 1]) < 0 || hex_digit(value[i + 2]) < 0)
                return 0;
            c = (char)(hex_digit(value[i + 1]) << 4 | hex_digit(value[i + 2]));
            i += 2;
        }
        if (c == '\0')
            return 0;
        out[used++] = c;
    }
    return used;
}

/* Makes the socket address for a path, or for a name in the abstract space. */
static bool address_make(const char *value, size_t len, bool abstract, struct sockaddr_un *out,
                         socklen_t *out_len)
{
    size_t skip = abstract ? 1 : 0;
    size_t used;

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    used = value_decode(value, len, out->sun_path + skip, sizeof out->sun_path - 1);
    /* counts the NUL at the end of a path, or the one in front of an abstract name */
    *out_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + used + 1);
    return used > 0;
}

/* $XDG_RUNTIME_DIR/bus: 0 if it is a bus of this user, else an errno. */
static int runtime_bus_try(void)
{
    const char *folder = store_env("XDG_RUNTIME_DIR");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len;

    if (folder == NULL || folder[0] != '/')
        return ENOENT;
    len = snprintf(address.sun_path, sizeof address.sun_path, "%s/bus", folder);
    if (len < 0 || (size_t)len >= sizeof address.sun_path)
        return ENAMETOOLONG;
    return bus_try(&address, sizeof address);
}

/* The value of `key` in the comma-separated pairs of an address, or NULL. */
static const char *pair_find(const char *pairs, size_t len, const char *key, size_t *value_len)
{
    size_t key_len = strlen(key);
    const char *end = pairs + len;

    while (pairs < end) {
        const char *comma = memchr(pairs, ',', (size_t)(end - pairs));
        size_t n = (size_t)((comma == NULL ? end : comma) - pairs);
        if (n > key_len && pairs[key_len] == '=' && memcmp(pairs, key, key_len) == 0) {
            *value_len = n - key_len - 1;
            return pairs + key_len + 1;
        }
        pairs += n + 1;
    }
    return NULL;
}

/* One address of the list. EPROTONOSUPPORT if it is not a UNIX socket. */
static int address_try(const char *text, size_t len)
{
    static const char transport[] = "unix:";
    struct sockaddr_un address;
    socklen_t address_len;
    const char *value;
    size_t value_len;
    bool abstract = false;

    if (len < sizeof transport - 1 || memcmp(text, transport, sizeof transport - 1) != 0)
        return EPROTONOSUPPORT;
    text += sizeof transport - 1;
    len -= sizeof transport - 1;
    value = pair_find(text, len, "path", &value_len);
    if (value == NULL) {
        value = pair_find(text, len, "abstract", &value_len);
        abstract = true;
    }
    if (value == NULL && pair_find(text, len, "runtime", &value_len) != NULL)
        return runtime_bus_try();
    if (value == NULL || !address_make(value, value_len, abstract, &address, &address_len))
        return EINVAL;
    return bus_try(&address, address_len);
}

/* Tries the variable's addresses in order: 0 once one works, else the last errno. */
static int addresses_try(const char *list)
{
    int err = EINVAL;

    while (*list != '\0') {
        size_t len = strcspn(list, ";");
        if (len > 0) {
            err = address_try(list, len);
            if (err == 0)
                return 0;
        }
        list += len + (list[len] == ';' ? 1 : 0);
    }
    return err;
}

/* True if this user has a bus; `why` tells the address and the result. */
static bool bus_present(char *why, size_t size)
{
    const char *addresses = store_env("DBUS_SESSION_BUS_ADDRESS");
    const char *what = addresses != NULL ? "DBUS_SESSION_BUS_ADDRESS" : "XDG_RUNTIME_DIR/bus";
    int err = addresses != NULL ? addresses_try(addresses) : runtime_bus_try();

    if (err == 0)
        snprintf(why, size, "there is a D-Bus session bus (%s)", what);
    else if (err == EPERM)
        snprintf(why, size, "the D-Bus session bus is another user's (%s)", what);
    else
        snprintf(why, size, "there is no D-Bus session bus (%s: %s)", what, strerror(err));
    return err == 0;
}

const struct choice_system choice_this_system = {.name = "Linux", .has_bus = bus_present};
