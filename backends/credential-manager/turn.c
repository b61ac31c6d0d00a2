/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/turn.h"

#include <sddl.h>
#include <stdio.h>

#include "backends/credential-manager/wide.h"
#include "store/time.h"

/* In every session of the user, whose credentials are the same: "Global". */
#define NAME "Global\\sideseat-credential-manager-"
#define SID_SIZE 192 /* of the text; Windows has at most 184 characters */

static const struct status held = {STORE_TIMEOUT,
                                   "other processes do not end their use of the secrets",
                                   "end them, or set timeout_ms higher"};
static const struct status late = {STORE_TIMEOUT, "Windows was too slow for timeout_ms",
                                   "try again, or set timeout_ms higher"};

static DWORD open_token(HANDLE *out)
{
    if (OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, out))
        return ERROR_SUCCESS;
    if (status_last() == ERROR_NO_TOKEN && OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, out))
        return ERROR_SUCCESS;
    return status_last();
}

/* The user as whom this thread calls Windows: "S-1-5-…". */
static DWORD user_find(char out[SID_SIZE])
{
    union {
        TOKEN_USER user;
        unsigned char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } found;
    DWORD size = sizeof found;
    WCHAR *text = NULL;
    HANDLE token;
    DWORD code = open_token(&token);

    if (code != ERROR_SUCCESS)
        return code;
    if (!GetTokenInformation(token, TokenUser, &found, size, &size) ||
        !ConvertSidToStringSidW(found.user.User.Sid, &text))
        code = status_last();
    else if (!wide_parse(text, out, SID_SIZE))
        code = ERROR_INVALID_SID;
    if (text != NULL)
        LocalFree(text);
    CloseHandle(token);
    return code;
}

/* Opens the user's mutex, or makes it so that nobody else can use it. The default access list of an
 * elevated process would keep the same user's other processes out. */
static DWORD open_mutex(HANDLE *out)
{
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof attributes};
    char user[SID_SIZE];
    char text[SID_SIZE + 64];
    WCHAR wide[SID_SIZE + 64];
    DWORD code = user_find(user);

    if (code != ERROR_SUCCESS)
        return code;
    snprintf(text, sizeof text, "D:P(A;;0x1f0001;;;%s)", user);
    wide_format(text, wide);
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
            wide, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL))
        return status_last();
    snprintf(text, sizeof text, NAME "%s", user);
    wide_format(text, wide);
    *out = CreateMutexExW(&attributes, wide, 0, SYNCHRONIZE | MUTEX_MODIFY_STATE);
    if (*out == NULL)
        code = status_last();
    LocalFree(attributes.lpSecurityDescriptor);
    return code;
}

static DWORD find_mutex(struct store_ctx *ctx, HANDLE *out)
{
    HANDLE none = NULL;
    DWORD code;

    *out = atomic_load(&ctx->mutex);
    if (*out != NULL)
        return ERROR_SUCCESS;
    code = open_mutex(out);
    if (code == ERROR_SUCCESS && !atomic_compare_exchange_strong(&ctx->mutex, &none, *out)) {
        CloseHandle(*out);
        *out = none; /* another thread was quicker */
    }
    return code;
}

enum store_err turn_acquire(struct store_ctx *ctx, struct store_health *health, struct turn *out)
{
    int64_t wait_ms = store_conf_number(ctx->conf, "timeout_ms");
    int64_t deadline_ns = store_time_monotonic() + wait_ms * STORE_TIME_MS;
    HANDLE mutex;
    DWORD result;
    DWORD code = find_mutex(ctx, &mutex);

    if (code != ERROR_SUCCESS)
        return status_report(code, "the mutex of the user's processes", health);
    result = WaitForSingleObject(mutex, (DWORD)wait_ms);
    if (result == WAIT_TIMEOUT)
        return status_report_as(&held, "", health);
    if (result != WAIT_OBJECT_0 && result != WAIT_ABANDONED)
        return status_report(status_last(), "the mutex of the user's processes", health);
    if (result == WAIT_ABANDONED)
        atomic_store(&ctx->swept, false);
    *out = (struct turn){.ctx = ctx, .deadline_ns = deadline_ns, .health = health};
    return STORE_OK;
}

void turn_release(const struct turn *turn)
{
    ReleaseMutex(atomic_load(&turn->ctx->mutex));
}

enum store_err turn_check(const struct turn *turn, const char *subject)
{
    return store_time_monotonic() > turn->deadline_ns
               ? status_report_as(&late, subject, turn->health)
               : STORE_OK;
}

void turn_end(struct store_ctx *ctx)
{
    HANDLE mutex = atomic_load(&ctx->mutex);

    if (mutex != NULL)
        CloseHandle(mutex);
}
