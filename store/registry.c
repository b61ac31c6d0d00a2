/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backend.h"

#include <string.h>

#ifdef STORE_CLOUD
#include "backends/aws/aws.h"
#include "backends/vault/vault.h"
#endif
#ifdef STORE_DESKTOP
#include "backends/secret-service/secret-service.h"
#endif
#ifdef STORE_LINUX
#include "backends/keyutils/keyutils.h"
#endif
#ifdef STORE_MACOS
#include "backends/data-protection-keychain/data-protection-keychain.h"
#include "backends/keychain/keychain.h"
#endif
#ifdef STORE_WINDOWS
#include "backends/credential-manager/credential-manager.h"
#endif

#include "backends/env/env.h"
#include "backends/file/file.h"
#ifdef SIDESEAT_MEMORY_BACKEND
#include "backends/memory/memory.h"
#endif

/*
 * Every backend of this build, one row each. The build compiles this file for the module, which
 * must not contain the store process's backends nor load their libraries, and for each store
 * program: with STORE_DESKTOP, with STORE_CLOUD, and with both; on Linux with STORE_LINUX, on macOS
 * with STORE_MACOS, on Windows with STORE_WINDOWS; with STORE_REMOTE where there is a store
 * process. A row's `side` alone decides where the backend runs, and its `program` names the program
 * that runs it.
 */
#ifdef STORE_LINUX
#define LINUX_ONLY(backend) (backend)
#define HAS_DESKTOP NULL
#else
#define LINUX_ONLY(backend) NULL
#define HAS_DESKTOP "Linux"
#endif
#ifdef STORE_REMOTE
#define HAS_STORE_PROCESS NULL
#else
#define HAS_STORE_PROCESS "Linux, macOS and Windows"
#endif
#ifdef STORE_DESKTOP
#define DESKTOP_ONLY(backend) (backend)
#else
#define DESKTOP_ONLY(backend) NULL
#endif
#ifdef STORE_CLOUD
#define CLOUD_ONLY(backend) (backend)
#else
#define CLOUD_ONLY(backend) NULL
#endif
#ifdef STORE_MACOS
#define MACOS_ONLY(backend) (backend)
#else
#define MACOS_ONLY(backend) NULL
#endif
#ifdef STORE_WINDOWS
#define WINDOWS_ONLY(backend) (backend)
#else
#define WINDOWS_ONLY(backend) NULL
#endif

static const struct store_registration rows[] = {
    {
        .name = "file",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_PROCESS,
        .description = "File secrets.json (plain text, for development)",
        .backend = &file_backend,
    },
#ifdef SIDESEAT_MEMORY_BACKEND
    {
        .name = "memory",
        .persistence = STORE_UNTIL_EXIT,
        .side = STORE_IN_PROCESS,
        .description = "Memory of this process (gone when it ends; for tests)",
        .backend = &memory_backend,
    },
#endif
    {
        .name = "env",
        .persistence = STORE_UNTIL_EXIT,
        .side = STORE_IN_PROCESS,
        .read_only = true,
        .description = "Environment variables of this process (read-only)",
        .backend = &env_backend,
    },
    {
        .name = "keyutils",
        .persistence = STORE_UNTIL_REBOOT,
        .side = STORE_IN_PROCESS,
        .description = "Linux kernel keyring (kept until reboot)",
        .system = "Linux",
        .backend = LINUX_ONLY(&keyutils_backend),
    },
    {
        .name = "secret-service",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_STORE_PROCESS,
        .description = "Secret Service of the desktop session",
        .system = HAS_DESKTOP,
        .program = "sideseat-store-desktop",
        .backend = DESKTOP_ONLY(&secret_service_backend),
    },
    {
        .name = "aws",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_STORE_PROCESS,
        .cached = true,
        .watched = true,
        .description = "AWS Secrets Manager",
        .system = HAS_STORE_PROCESS,
        .program = "sideseat-store-cloud",
        .backend = CLOUD_ONLY(&aws_backend),
    },
    {
        .name = "vault",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_STORE_PROCESS,
        .cached = true,
        .watched = true,
        .description = "HashiCorp Vault or OpenBao (KV version 2)",
        .system = HAS_STORE_PROCESS,
        .program = "sideseat-store-cloud",
        .backend = CLOUD_ONLY(&vault_backend),
    },
    {
        .name = "data-protection-keychain",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_PROCESS,
        .description = "macOS Data Protection Keychain",
        .system = "macOS",
        .backend = MACOS_ONLY(&data_protection_keychain_backend),
    },
    {
        .name = "keychain",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_PROCESS,
        .description = "macOS login Keychain",
        .system = "macOS",
        .backend = MACOS_ONLY(&keychain_backend),
    },
    {
        .name = "credential-manager",
        .persistence = STORE_PERSISTENT,
        .side = STORE_IN_PROCESS,
        .description = "Windows Credential Manager",
        .system = "Windows",
        .backend = WINDOWS_ONLY(&credential_manager_backend),
    },
    {.name = NULL},
};

const struct store_registration *store_registry_find(const char *name)
{
    for (const struct store_registration *row = rows; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

const struct store_registration *store_registry_at(size_t index)
{
    size_t count = sizeof rows / sizeof rows[0] - 1;

    return index < count ? &rows[index] : NULL;
}
