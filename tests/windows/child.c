/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include "tests/conformance/place.h"
#include "tests/contract/peer.h"
#include "tests/windows/credentials.h"

const char *const system_full_file = NULL;
const char system_audit_program[] = "\\\\conformance.exe\",\"token\":\"sideseat\"";

/* The chapters about forks and about a process's memory are not for Windows. */
const struct chapter *const system_chapters[] = {NULL};

int system_child(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 64;
}

/* Windows has no fork. */
int in_child(int (*act)(void))
{
    (void)act;
    skip();
    return 64;
}

int run_child(const char *const *words)
{
    const char *arguments[12] = {"conformance", suite.module, suite.backend, "child"};
    struct peer peer;

    for (size_t i = 0; words[i] != NULL && i + 5 < 12; i++)
        arguments[i + 4] = words[i];
    peer = peer_start(arguments, false);
    return peer_finish(&peer);
}

bool system_credentials_make(void)
{
    char where[16];

    return credentials_make(where, sizeof where);
}

bool system_credentials_short(void)
{
    return credentials_key_max() != 0;
}
