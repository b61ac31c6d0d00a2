/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sideseat-pkcs11.h"
#include "store/descriptor.h"
#include "store/user.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/print.h"

/* True if the store will not take what a person writes; `object` is 0 for an absent secret. */
static bool is_read_only(struct client *client, CK_OBJECT_HANDLE object)
{
    CK_TOKEN_INFO token;

    if (!client_token(client, client->slot, &token) || (token.flags & CKF_WRITE_PROTECTED) != 0)
        return true;
    return object != 0 && !object_is(client, object, CKA_MODIFIABLE);
}

/* Reads the value and its version; an absent secret is empty, at version "0". */
static enum outcome read_secret(const struct request *request, struct store_secret *value,
                                char version[OBJECT_VERSION_SIZE])
{
    AUTO_CLIENT client = {0};
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    (void)snprintf(version, OBJECT_VERSION_SIZE, "0");
    outcome = object_find_asked(&client, request, 0, CKO_DATA, &object);
    if (outcome != OUTCOME_OK && outcome != OUTCOME_NOT_FOUND)
        return outcome;
    if (is_read_only(&client, object))
        return outcome_of_rv("edit", request->keys[0], CKR_TOKEN_WRITE_PROTECTED);
    if (outcome == OUTCOME_NOT_FOUND)
        return field_refuse(&client, request, 0);
    rv = object_read_versioned(&client, object, value, version);
    if (rv == CKR_SIDESEAT_NO_VALUE)
        return OUTCOME_OK;
    if (rv != CKR_OK)
        return outcome_of_rv("read", request->keys[0], rv);
    if (version[0] != '\0')
        return OUTCOME_OK;
    outcome_print("%s cannot be edited, since its store shows no version, and another program's "
                  "change would be lost; use set",
                  request->keys[0]);
    return OUTCOME_DENIED;
}

/* Runs a command line of the shell's, and waits for it; the keys that end a program are its own
 * meanwhile. False unless it succeeds. */
static bool run_line(char *line, const char *path)
{
    char *words[] = {"sh", "-c", line, "sh", (char *)(uintptr_t)path, NULL};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before[2];
    posix_spawnattr_t attributes;
    sigset_t usual;
    int status = 0;
    int error;
    pid_t child;

    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGINT);
    (void)sigaddset(&usual, SIGQUIT);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigdefault(&attributes, &usual);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    (void)sigaction(SIGINT, &ignore, &before[0]);
    (void)sigaction(SIGQUIT, &ignore, &before[1]);
    error = posix_spawnp(&child, "sh", NULL, &attributes, words, environ);
    while (error == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    (void)sigaction(SIGINT, &before[0], NULL);
    (void)sigaction(SIGQUIT, &before[1], NULL);
    (void)posix_spawnattr_destroy(&attributes);
    return error == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* $VISUAL or $EDITOR, or vi at a terminal: without one it would wait for keys that never come. */
static enum outcome choose_editor(const char **out)
{
    const char *editor = store_env("VISUAL");

    if (editor == NULL)
        editor = store_env("EDITOR");
    if (editor == NULL)
        editor = isatty(STDIN_FILENO) == 1 ? "vi" : NULL;
    *out = editor;
    if (editor != NULL)
        return OUTCOME_OK;
    outcome_print(
        "there is neither a terminal nor EDITOR; give the value to: sideseat-secrets set");
    return OUTCOME_USAGE;
}

/* Runs the editor on the file. */
static enum outcome run_editor(const char *editor, const char *path)
{
    char *line = NULL;
    bool worked;

    if (asprintf(&line, "%s \"$@\"", editor) < 0)
        return outcome_no_memory();
    worked = run_line(line, path);
    free(line);
    if (worked)
        return OUTCOME_OK;
    outcome_print("the editor '%s' failed; nothing has changed", editor);
    return OUTCOME_FAILED;
}

/* Lets a person edit a copy of `old` in a file in memory. */
static enum outcome edit(const char *editor, const struct store_secret *old,
                         struct store_secret *out)
{
    int fd = store_fd_high(memfd_create("secret", MFD_CLOEXEC));
    enum outcome outcome = OUTCOME_FAILED;
    char path[64];

    if (fd < 0 || fchmod(fd, 0600) != 0 ||
        (old->len > 0 && store_fd_write(fd, old->data, old->len, NULL) != 0)) {
        outcome_print("cannot make a file in memory: %s", strerror(errno));
    } else {
        /* this process keeps the file; the path works in the editor whatever it inherits */
        (void)snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), fd);
        outcome = run_editor(editor, path);
        if (outcome == OUTCOME_OK)
            outcome = input_read_file(path, out);
    }
    if (fd >= 0)
        (void)close(fd);
    return outcome;
}

/* Editors end a file in a newline; a value that had none does not get one. */
static enum outcome take_newline(const struct store_secret *old, struct store_secret *value)
{
    bool had = old->len > 0 && old->data[old->len - 1] == '\n';
    unsigned char *bytes = NULL;

    if (had || value->len == 0 || value->data[value->len - 1] != '\n')
        return OUTCOME_OK;
    return store_secret_resize(value, value->len - 1, &bytes) == STORE_OK ? OUTCOME_OK
                                                                          : outcome_no_memory();
}

enum outcome command_edit(const struct request *request)
{
    const char *key = request->keys[0];
    char version[OBJECT_VERSION_SIZE];
    AUTO_CLIENT client = {0};
    AUTO_SECRET old = {0};
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE object = 0;
    const char *editor = NULL;
    CK_RV rv;

    STEP(choose_editor(&editor));
    STEP(read_secret(request, &old, version));
    STEP(edit(editor, &old, &value));
    STEP(take_newline(&old, &value));
    if (value.len == 0) {
        outcome_print("a value is at least one byte long; nothing has changed");
        return OUTCOME_USAGE;
    }
    if (store_secret_equal(&old, value.data, value.len)) {
        outcome_print("%s is as before", key);
        return request->json ? print_json_alone("unchanged", key) : OUTCOME_OK;
    }
    STEP(client_open(&client, request, CLIENT_WRITE));
    rv = make_secret(&client, key, &value, version, &object);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("store", key,
                                   "another program has changed it meanwhile, and what you wrote "
                                   "is dropped; edit it again");
    if (rv != CKR_OK)
        return outcome_of_rv("store", key, rv);
    return request->json ? object_print(&client, object) : OUTCOME_OK;
}
