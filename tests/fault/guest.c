/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guest MODULE OPTION...: a host in a given state, which loads the module and uses one secret.
 *
 *   close=N       closes descriptor N before the module is loaded; it must stay closed
 *   fsize=N       sets RLIMIT_FSIZE
 *   nofile        leaves no descriptor free during the calls
 *   deny          forbids useful but optional system calls, as a sandbox does
 *   load          only the calls of a program that lists tokens
 *   get | set     reads or writes the data object org/acme/guest; set writes `size=N` bytes (5)
 *   words=TEXT    the arguments of C_Initialize
 *
 * Its status is 0, 1 for a secret that is absent, 2 for a call that failed, 3 for C_Initialize, and
 * 4 for a broken promise, which it describes on descriptor 9, if that is open.
 */
#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LABEL "org/acme/guest"
#define REPORT 9

enum status { FINE, ABSENT, FAILED, NOT_INITIALIZED, BROKEN };

static struct {
    const char *module;
    const char *words;
    bool closed[3];
    bool nofile;
    bool deny;
    bool load;
    bool set;
    size_t size;
} options = {.size = 5};

static CK_FUNCTION_LIST *p11;

/* A privileged program cannot be looked at by the leak checker. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

/* The module gets these instead of the C library's: nothing of its own may be at a number that the
 * host has closed. */
#define INSTEAD __attribute__((visibility("default")))
INSTEAD ssize_t read(int fd, void *bytes, size_t size);
INSTEAD ssize_t write(int fd, const void *bytes, size_t size);
INSTEAD int fsync(int fd);

static bool low_used;

static void use_of(int fd)
{
    if (fd >= 0 && fd < 3 && options.closed[fd])
        low_used = true;
}

ssize_t read(int fd, void *bytes, size_t size)
{
    use_of(fd);
    return syscall(SYS_read, fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    use_of(fd);
    return syscall(SYS_write, fd, bytes, size);
}

int fsync(int fd)
{
    use_of(fd);
    return (int)syscall(SYS_fsync, fd);
}

static void report(const char *what, unsigned long number)
{
    dprintf(REPORT, "%s: 0x%lx\n", what, number);
}

/* The writes of a host that does not know that its standard error is closed. */
static void host_says(const char *after)
{
    for (int fd = 0; fd < 3; fd++) {
        if (!options.closed[fd])
            continue;
        if (low_used || syscall(SYS_write, fd, "HOST SAYS\n", 10) != -1 || errno != EBADF) {
            report(after, (unsigned long)fd);
            exit(BROKEN);
        }
    }
}

static CK_RV said(const char *what, CK_RV rv)
{
    host_says(what);
    if (rv != CKR_OK)
        report(what, rv);
    return rv;
}

/* Takes all descriptors that are free. */
static void exhaust(void)
{
    struct rlimit limit = {64, 64};

    (void)setrlimit(RLIMIT_NOFILE, &limit);
    while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
        continue;
}

/* Locked memory, its advice, files in memory and handles of processes, all EPERM. */
static void sandbox(void)
{
#define DENY(call)                                                                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                                         \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        DENY(mlock),
        DENY(mlock2),
        DENY(madvise),
        DENY(memfd_create),
        DENY(pidfd_open),
        DENY(pwritev2),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        exit(BROKEN);
}

static enum status get(CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    static unsigned char value[1 << 20];
    char label[] = LABEL;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_LABEL, label, sizeof label - 1}};
    CK_ATTRIBUTE wanted = {CKA_VALUE, value, sizeof value};
    CK_OBJECT_HANDLE object;
    CK_ULONG count = 0;

    if (said("C_FindObjectsInit", p11->C_FindObjectsInit(session, template, 2)) != CKR_OK ||
        said("C_FindObjects", p11->C_FindObjects(session, &object, 1, &count)) != CKR_OK)
        return FAILED;
    (void)said("C_FindObjectsFinal", p11->C_FindObjectsFinal(session));
    if (count == 0)
        return ABSENT;
    if (said("C_GetAttributeValue", p11->C_GetAttributeValue(session, object, &wanted, 1)) !=
        CKR_OK)
        return FAILED;
    dprintf(REPORT, "value: %.*s\n", (int)wanted.ulValueLen, (char *)value);
    return FINE;
}

static enum status set(CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    char label[] = LABEL;
    char *value = malloc(options.size + 1);
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_TOKEN, &yes, sizeof yes},
                               {CKA_LABEL, label, sizeof label - 1},
                               {CKA_VALUE, value, options.size}};
    CK_OBJECT_HANDLE object;
    CK_RV rv;

    if (value == NULL)
        return FAILED;
    memset(value, 'v', options.size);
    rv = said("C_CreateObject", p11->C_CreateObject(session, template, 4, &object));
    free(value);
    return rv == CKR_OK ? FINE : FAILED;
}

static enum status use(void)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    CK_SESSION_HANDLE session;
    CK_SLOT_ID slots[48];
    CK_ULONG count = 48;
    CK_TOKEN_INFO info;
    enum status status = FINE;

    args.pReserved = (void *)options.words;
    if (said("C_Initialize", p11->C_Initialize(&args)) != CKR_OK)
        return NOT_INITIALIZED;
    if (said("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, slots, &count)) != CKR_OK ||
        said("C_GetTokenInfo", p11->C_GetTokenInfo(slots[0], &info)) != CKR_OK ||
        said("C_OpenSession", p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                 NULL, NULL, &session)) != CKR_OK)
        return FAILED;
    if (options.nofile)
        exhaust();
    if (!options.load)
        status = options.set ? set(session) : get(session);
    (void)said("C_Finalize", p11->C_Finalize(NULL));
    return status;
}

static void option_apply(const char *word)
{
    struct rlimit limit;

    if (strncmp(word, "close=", 6) == 0)
        options.closed[atoi(word + 6) % 3] = true;
    else if (strncmp(word, "size=", 5) == 0)
        options.size = strtoul(word + 5, NULL, 10);
    else if (strncmp(word, "words=", 6) == 0)
        options.words = word + 6;
    else if (strncmp(word, "fsize=", 6) == 0) {
        limit.rlim_cur = limit.rlim_max = strtoul(word + 6, NULL, 10);
        (void)setrlimit(RLIMIT_FSIZE, &limit);
    }
    options.nofile = options.nofile || strcmp(word, "nofile") == 0;
    options.deny = options.deny || strcmp(word, "deny") == 0;
    options.load = options.load || strcmp(word, "load") == 0;
    options.set = options.set || strcmp(word, "set") == 0;
}

int main(int argc, char **argv)
{
    CK_C_GetFunctionList get_list;
    void *library;

    alarm(60);
    for (int i = 2; i < argc; i++)
        option_apply(argv[i]);
    for (int fd = 0; fd < 3; fd++)
        if (options.closed[fd])
            close(fd);
    if (options.deny)
        sandbox();
    library = argc < 2 ? NULL : dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        dprintf(REPORT, "%s\n", dlerror());
        return BROKEN;
    }
    *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    if (get_list == NULL || get_list(&p11) != CKR_OK)
        return BROKEN;
    return (int)use();
}
