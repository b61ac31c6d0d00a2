/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/system.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"

/*
 * The environment in UTF-8. Windows gives it as a copy, and callers expect texts that stay, so the
 * copies of all states that have been seen are kept: few, as programs rarely change it.
 */
struct state {
    struct state *older;
    wchar_t *block; /* "NAME=value" after each other, each ended by NUL, and all by another */
    size_t len;
    char **variables;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct state *newest;

static size_t block_len(const wchar_t *block, size_t *count)
{
    const wchar_t *at = block;

    *count = 0;
    while (*at != L'\0') {
        at += wcslen(at) + 1;
        (*count)++;
    }
    return (size_t)(at - block) + 1;
}

static void state_free(struct state *state)
{
    if (state == NULL)
        return;
    for (size_t i = 0; state->variables != NULL && state->variables[i] != NULL; i++)
        free(state->variables[i]);
    free(state->variables);
    free(state->block);
    free(state);
}

/* NULL if memory is short. A variable that is not Unicode is left out, and so are those that
 * Windows keeps for itself, whose names begin with `=`. */
static struct state *state_new(const wchar_t *block, size_t len, size_t count)
{
    struct state *state = calloc(1, sizeof *state);
    size_t used = 0;

    if (state == NULL)
        return NULL;
    state->len = len;
    state->block = calloc(len, sizeof *block);
    state->variables = calloc(count + 1, sizeof *state->variables);
    if (state->block == NULL || state->variables == NULL) {
        state_free(state);
        return NULL;
    }
    memcpy(state->block, block, len * sizeof *block);
    for (const wchar_t *at = block; *at != L'\0'; at += wcslen(at) + 1) {
        if (*at != L'=' && (state->variables[used] = windows_narrow(at)) != NULL)
            used++;
    }
    return state;
}

static const struct state *state_get(void)
{
    wchar_t *block = GetEnvironmentStringsW();
    struct state *state;
    size_t count;
    size_t len;

    if (block == NULL)
        return NULL;
    len = block_len(block, &count);
    pthread_mutex_lock(&lock);
    state = newest;
    if (state == NULL || state->len != len ||
        memcmp(state->block, block, len * sizeof *block) != 0) {
        state = state_new(block, len, count);
        if (state != NULL) {
            state->older = newest;
            newest = state;
        }
    }
    pthread_mutex_unlock(&lock);
    FreeEnvironmentStringsW(block);
    return state;
}

char **platform_environ(void)
{
    const struct state *state = state_get();

    return state == NULL ? NULL : state->variables;
}

/* The system's own libraries need the first three. */
const char *const platform_env_everywhere[] = {
    "SystemRoot",   "SystemDrive",  "windir", "HOME", "USERPROFILE", "APPDATA",
    "LOCALAPPDATA", "ProgramFiles", "TEMP",   "TMP",  "TZ",          NULL};

/* Windows finds a name in any case. */
bool platform_env_same(const char *name, const char *other, size_t len)
{
    return _strnicmp(name, other, len) == 0;
}

const char *platform_env(const char *name)
{
    const size_t len = strlen(name);
    char **variables = platform_environ();

    for (; variables != NULL && *variables != NULL; variables++)
        if (platform_env_same(*variables, name, len) && (*variables)[len] == '=')
            return *variables + len + 1;
    return NULL;
}
