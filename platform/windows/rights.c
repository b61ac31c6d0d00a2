/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/windows/rights.h"

#include <aclapi.h>
#include <errno.h>
#include <pthread.h>
#include <sddl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF 1000
#define ANOTHER 1001

#define WRITES_FILE                                                                                \
    (FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE |       \
     GENERIC_ALL)
#define REPLACES_IN_FOLDER                                                                         \
    (FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL)
#define ADDS_TO_FOLDER (FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY)
#define READS (FILE_READ_DATA | GENERIC_READ | GENERIC_ALL)

uid_t geteuid(void)
{
    return SELF;
}

uid_t getuid(void)
{
    return SELF;
}

/* Room for the user of a process. */
struct user {
    _Alignas(TOKEN_USER) unsigned char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    PSID sid; /* NULL if Windows does not tell */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct user user;

static void user_read(HANDLE process, struct user *out)
{
    TOKEN_USER *found = (TOKEN_USER *)(void *)out->room;
    DWORD size = sizeof out->room;
    HANDLE token;

    out->sid = NULL;
    if (!OpenProcessToken(process, TOKEN_QUERY, &token))
        return;
    if (GetTokenInformation(token, TokenUser, found, size, &size))
        out->sid = found->User.Sid;
    CloseHandle(token);
}

static void user_find(void)
{
    user_read(GetCurrentProcess(), &user);
}

/* The user of this process; NULL with errno. */
static PSID user_get(void)
{
    pthread_once(&once, user_find);
    if (user.sid == NULL)
        errno = EACCES;
    return user.sid;
}

/* True for those who may do anything on this machine. */
static bool is_system(PSID sid)
{
    /* S-1-5-80-…: the installer of Windows itself */
    static const char installer[] =
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
    char *text = NULL;
    bool is =
        IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinBuiltinAdministratorsSid);

    if (!is && ConvertSidToStringSidA(sid, &text)) {
        is = strcmp(text, installer) == 0;
        LocalFree(text);
    }
    return is;
}

/* True if the right is the owner's, whoever that is, or a template for what will be in the folder.
 */
static bool is_owner_right(PSID sid)
{
    return IsWellKnownSid(sid, WinCreatorOwnerSid) || IsWellKnownSid(sid, WinCreatorOwnerRightsSid);
}

static uid_t number_of(PSID owner, PSID self)
{
    BOOL member = FALSE;

    if (EqualSid(owner, self))
        return SELF;
    if (!is_system(owner))
        return ANOTHER;
    /* an administrator's files may belong to the group */
    return CheckTokenMembership(NULL, owner, &member) && member ? SELF : 0;
}

bool windows_rights_process(DWORD pid, uid_t *owner)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    PSID self = user_get();
    struct user found = {.sid = NULL};

    if (process == NULL)
        return false;
    user_read(process, &found);
    CloseHandle(process);
    if (found.sid == NULL || self == NULL)
        return false;
    *owner = number_of(found.sid, self);
    return true;
}

bool windows_rights_owner(HANDLE object, uid_t *owner)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID self = user_get();
    PSID sid = NULL;
    bool found = self != NULL &&
                 GetSecurityInfo(object, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &sid, NULL,
                                 NULL, NULL, &descriptor) == ERROR_SUCCESS &&
                 sid != NULL;

    if (found)
        *owner = number_of(sid, self);
    if (descriptor != NULL)
        LocalFree(descriptor);
    return found;
}

char *windows_rights_user(void)
{
    PSID self = user_get();
    char *text = NULL;

    if (self != NULL && !ConvertSidToStringSidA(self, &text))
        (void)windows_failed();
    return text;
}

/* The mode's bits for one entry of the list. */
static unsigned bits_of(const ACE_HEADER *entry, PSID self, bool folder)
{
    const ACCESS_ALLOWED_ACE *allowed = (const ACCESS_ALLOWED_ACE *)(const void *)entry;
    PSID sid = (PSID)(uintptr_t)&allowed->SidStart;
    unsigned bits = 0;

    /* an entry that denies can only take away: leaving it out errs on the safe side */
    if (entry->AceType != ACCESS_ALLOWED_ACE_TYPE || (entry->AceFlags & INHERIT_ONLY_ACE) != 0 ||
        EqualSid(sid, self) || is_system(sid) || is_owner_right(sid))
        return 0;
    if ((allowed->Mask & READS) != 0)
        bits |= S_IROTH;
    if (folder && (allowed->Mask & REPLACES_IN_FOLDER) == 0 &&
        (allowed->Mask & ADDS_TO_FOLDER) != 0)
        bits |= S_IWOTH | S_ISVTX;
    if ((allowed->Mask & (folder ? REPLACES_IN_FOLDER : WRITES_FILE)) != 0)
        bits |= S_IWOTH;
    return bits;
}

static unsigned bits_of_all(PACL list, PSID self, bool folder)
{
    bool replaces = false;
    unsigned bits = 0;

    if (list == NULL) /* a file without a list is everybody's */
        return S_IROTH | S_IWOTH;
    for (DWORD i = 0; i < list->AceCount; i++) {
        void *entry;
        unsigned more;
        if (!GetAce(list, i, &entry))
            continue;
        more = bits_of(entry, self, folder);
        replaces = replaces || (more & (S_IWOTH | S_ISVTX)) == S_IWOTH;
        bits |= more;
    }
    return replaces ? bits & ~(unsigned)S_ISVTX : bits;
}

int windows_rights_read(HANDLE handle, bool folder, uid_t *owner, mode_t *bits)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID self = user_get();
    PSID sid = NULL;
    PACL list = NULL;
    DWORD error;

    if (self == NULL)
        return -1;
    error = GetSecurityInfo(handle, SE_FILE_OBJECT,
                            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &sid, NULL,
                            &list, NULL, &descriptor);
    if (error == ERROR_SUCCESS && sid != NULL) {
        *owner = number_of(sid, self);
        *bits = (mode_t)bits_of_all(list, self, folder);
    }
    if (descriptor != NULL)
        LocalFree(descriptor);
    if (error == ERROR_SUCCESS && sid != NULL)
        return 0;
    SetLastError(error == ERROR_SUCCESS ? ERROR_ACCESS_DENIED : error);
    return windows_failed();
}

PSECURITY_DESCRIPTOR windows_rights_new(int mode, bool folder)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID self = user_get();
    char *sid = NULL;
    char text[512];

    if (self == NULL)
        return NULL;
    if (ConvertSidToStringSidA(self, &sid)) {
        /* the owner, and a list that takes nothing over from above (P) */
        const char *flags = folder ? "OICI" : "";
        int len = snprintf(text, sizeof text, "O:%sD:P(A;%s;FA;;;%s)", sid, flags, sid);
        if ((mode & 066) != 0)
            (void)snprintf(text + len, sizeof text - (size_t)len, "(A;%s;%s%s;;;WD)", flags,
                           (mode & 044) != 0 ? "FR" : "", (mode & 022) != 0 ? "FWSD" : "");
        (void)ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1,
                                                                   &descriptor, NULL);
    }
    if (descriptor == NULL)
        (void)windows_failed();
    LocalFree(sid);
    return descriptor;
}

int windows_rights_set(HANDLE handle, int mode, bool folder)
{
    PSECURITY_DESCRIPTOR descriptor = windows_rights_new(mode, folder);
    BOOL present = FALSE;
    BOOL defaulted;
    PACL list = NULL;
    DWORD error = ERROR_ACCESS_DENIED;

    if (descriptor == NULL)
        return -1;
    if (GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted) && present)
        error = SetSecurityInfo(handle, SE_FILE_OBJECT,
                                DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                                NULL, NULL, list, NULL);
    LocalFree(descriptor);
    if (error == ERROR_SUCCESS)
        return 0;
    SetLastError(error);
    return windows_failed();
}
