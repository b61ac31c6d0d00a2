/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/status.h"

#include <stdio.h>

#include "store/log.h"

#define LOG_IN "log in (sideseat-secrets login), which may ask you"
#define LOOK "look at the keychain with: security list-keychains"
#define ACCESS "allow this program in Keychain Access, under Access Control of the item"

static const struct {
    OSStatus code;
    struct status status;
} rows[] = {
    {errSecSuccess, {STORE_OK, "", ""}},
    {errSecItemNotFound, {STORE_NOT_FOUND, "the item does not exist", ""}},
    {errSecDuplicateItem, {STORE_CONFLICT, "the item exists", ""}},
    {errSecInteractionNotAllowed,
     {STORE_LOCKED, "the keychain is locked, or asks before it lets this program in", LOG_IN}},
    {errSecInteractionRequired, {STORE_LOCKED, "the keychain has to ask the user", LOG_IN}},
    {errSecInDarkWake, {STORE_LOCKED, "the Mac is in dark wake and cannot ask", LOG_IN}},
    {errSecUserCanceled, {STORE_CANCELED, "the user dismissed the prompt", "log in again"}},
    {errSecAuthFailed, {STORE_DENIED, "the password is wrong, or access is denied", ACCESS}},
    {errSecNoAccessForItem, {STORE_DENIED, "this program may not use the item", ACCESS}},
    {errSecWrPerm, {STORE_DENIED, "this program may not write the keychain", ACCESS}},
    {errSecMissingEntitlement,
     {STORE_AUTH, "this program has no entitlement for the Data Protection Keychain",
      "sign it with keychain-access-groups, or use the backend keychain"}},
    {errSecReadOnly, {STORE_READ_ONLY, "the keychain is read-only", LOOK}},
    {errSecDataTooLarge, {STORE_TOO_BIG, "the value is too big for the keychain", "shorten it"}},
    {errSecDiskFull, {STORE_FULL, "the disk is full", "free some space"}},
    {errSecAllocate, {STORE_NO_MEMORY, "out of memory", "give the process more"}},
    {errSecDecode, {STORE_CORRUPT, "the item is damaged", "write the secret again"}},
    {errSecNoDefaultKeychain,
     {STORE_UNAVAILABLE, "the user has no default keychain",
      "choose one with: security default-keychain -s login.keychain"}},
    {errSecNoSuchKeychain, {STORE_UNAVAILABLE, "the keychain does not exist", LOOK}},
    {errSecInvalidKeychain, {STORE_UNAVAILABLE, "the keychain's file is not valid", LOOK}},
    {errSecNotAvailable,
     {STORE_UNAVAILABLE, "the keychain service does not answer", "log in to the Mac's desktop"}},
    {errSecServiceNotAvailable,
     {STORE_UNAVAILABLE, "the keychain service does not answer", "log in to the Mac's desktop"}},
    {errSecParam,
     {STORE_UNAVAILABLE, "the keychain refuses the form of the call",
      "report it with the version of macOS"}},
};

static const struct status unknown = {STORE_UNAVAILABLE, "the keychain failed",
                                      "look the number up with: security error NUMBER"};

const struct status *status_find(OSStatus code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == code)
            return &rows[i].status;
    return &unknown;
}

enum store_err status_report(OSStatus code, const char *backend, const char *account,
                             struct store_health *health)
{
    const struct status *status = status_find(code);

    if (health != NULL) {
        health->err = status->err;
        snprintf(health->text, sizeof health->text, "%s (OSStatus %d)", status->fault, (int)code);
        snprintf(health->remedy, sizeof health->remedy, "%s", status->remedy);
    } else if (status->err != STORE_OK && status->err != STORE_NOT_FOUND &&
               status->err != STORE_CONFLICT) {
        store_log(STORE_LOG_ERROR, "%s: %s%s%s (OSStatus %d); %s", backend, account,
                  account[0] == '\0' ? "" : ": ", status->fault, (int)code, status->remedy);
    }
    return status->err;
}
