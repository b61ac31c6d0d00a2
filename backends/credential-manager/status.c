/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/status.h"

#include <stdio.h>

#include "store/log.h"

/* NTE_BAD_KEY_STATE, which the headers have as a signed number, and ERROR_DISK_QUOTA_EXCEEDED,
 * which older ones lack */
#define BAD_KEY_STATE 0x8009000bu
#define DISK_QUOTA_EXCEEDED 1295u

#define SERVICE "start it with: sc start VaultSvc"
#define LOG_ON "log on to Windows with a password or a desktop session, not over the network"
#define ROOM "remove credentials that nobody uses, in Control Panel, Credential Manager"
#define REPORT "report it with the version of Windows"
#define DAMAGED "write the secret again"
#define PASSWORD "log on with the account's current password, or restore the profile"

static const struct {
    DWORD code;
    struct status status;
} rows[] = {
    {ERROR_SUCCESS, {STORE_OK, "", ""}},
    {ERROR_NOT_FOUND, {STORE_NOT_FOUND, "the credential does not exist", ""}},
    {ERROR_NO_SUCH_LOGON_SESSION,
     {STORE_UNAVAILABLE, "this logon session has no credentials, or a policy forbids to store them",
      LOG_ON}},
    {ERROR_ACCESS_DENIED,
     {STORE_DENIED, "Windows denies access", "run the program as the user who owns the secrets"}},
    {ERROR_PRIVILEGE_NOT_HELD,
     {STORE_DENIED, "Windows denies access", "run the program as the user who owns the secrets"}},
    {ERROR_CANCELLED, {STORE_CANCELED, "the user dismissed the prompt", "try again"}},
    {RPC_X_BAD_STUB_DATA, {STORE_TOO_BIG, "the value is too big for Windows", "shorten it"}},
    {ERROR_DISK_FULL, {STORE_FULL, "the disk is full", "free some space"}},
    {ERROR_HANDLE_DISK_FULL, {STORE_FULL, "the disk is full", "free some space"}},
    {DISK_QUOTA_EXCEEDED, {STORE_FULL, "the user's disk quota is used up", ROOM}},
    {ERROR_NOT_ENOUGH_QUOTA, {STORE_FULL, "the Credential Manager is full", ROOM}},
    {ERROR_NOT_ENOUGH_MEMORY,
     {STORE_NO_MEMORY, "out of memory, here or in the Credential Manager", ROOM}},
    {ERROR_OUTOFMEMORY, {STORE_NO_MEMORY, "out of memory", "give the process more"}},
    {ERROR_INVALID_DATA, {STORE_CORRUPT, "the credential is damaged", DAMAGED}},
    {ERROR_CRC, {STORE_CORRUPT, "the credential is damaged", DAMAGED}},
    {ERROR_FILE_CORRUPT, {STORE_CORRUPT, "the credential is damaged", DAMAGED}},
    {ERROR_DECRYPTION_FAILED,
     {STORE_UNAVAILABLE, "Windows cannot decrypt the user's credentials", PASSWORD}},
    {BAD_KEY_STATE, {STORE_UNAVAILABLE, "Windows cannot decrypt the user's credentials", PASSWORD}},
    {ERROR_SERVICE_NOT_ACTIVE,
     {STORE_UNAVAILABLE, "the service Credential Manager does not run", SERVICE}},
    {ERROR_SERVICE_DISABLED,
     {STORE_UNAVAILABLE, "the service Credential Manager is disabled",
      "enable it with: sc config VaultSvc start= demand"}},
    {RPC_S_SERVER_UNAVAILABLE,
     {STORE_UNAVAILABLE, "the Credential Manager cannot be reached", SERVICE}},
    {RPC_S_SERVER_TOO_BUSY, {STORE_UNAVAILABLE, "the Credential Manager is busy", "try again"}},
    {RPC_S_CALL_FAILED,
     {STORE_UNAVAILABLE, "the Credential Manager ended during the call", "try again"}},
    {ERROR_NOT_SUPPORTED,
     {STORE_UNAVAILABLE, "this Windows has no Credential Manager", "name another backend"}},
    {ERROR_CALL_NOT_IMPLEMENTED,
     {STORE_UNAVAILABLE, "this Windows has no Credential Manager", "name another backend"}},
    {ERROR_INVALID_PARAMETER, {STORE_UNAVAILABLE, "Windows refuses the form of the call", REPORT}},
    {ERROR_INVALID_FLAGS, {STORE_UNAVAILABLE, "Windows refuses the form of the call", REPORT}},
    {ERROR_BAD_USERNAME, {STORE_UNAVAILABLE, "Windows refuses the form of the call", REPORT}},
};

static const struct status unknown = {STORE_UNAVAILABLE, "the Credential Manager failed",
                                      "look the number up with: net helpmsg NUMBER"};

const struct status *status_find(DWORD code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == code)
            return &rows[i].status;
    return &unknown;
}

DWORD status_last(void)
{
    DWORD code = GetLastError();

    return code == ERROR_SUCCESS ? ERROR_GEN_FAILURE : code;
}

static enum store_err report(const struct status *status, const char *number, const char *subject,
                             struct store_health *health)
{
    if (health != NULL) {
        health->err = status->err;
        snprintf(health->text, sizeof health->text, "%s%s", status->fault, number);
        snprintf(health->remedy, sizeof health->remedy, "%s", status->remedy);
    } else if (status->err != STORE_OK && status->err != STORE_NOT_FOUND) {
        store_log(STORE_LOG_ERROR, "credential-manager: %s%s%s%s; %s", subject,
                  subject[0] == '\0' ? "" : ": ", status->fault, number, status->remedy);
    }
    return status->err;
}

enum store_err status_report(DWORD code, const char *subject, struct store_health *health)
{
    char number[24];

    snprintf(number, sizeof number, " (error %u)", (unsigned)code);
    return report(status_find(code), number, subject, health);
}

enum store_err status_report_as(const struct status *status, const char *subject,
                                struct store_health *health)
{
    return report(status, "", subject, health);
}
