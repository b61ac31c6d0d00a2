/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Secrets in memory: a child makes, reads, lists, changes, signs with and destroys secrets whose
 * values carry a mark, finalizes the library and waits; its parent then reads all of its memory. No
 * byte of a value may be left. The mark stands nowhere but in the values, and the child wipes its
 * own copies.
 */

#define MARK_LEN 24
#define COPIES 40

/* The mark is this with each character one higher; volatile, so that no compiler writes it out. */
static const volatile char seed[MARK_LEN + 1] = "Zq8LkP3xVt0mWc6RnY1uHs5d";

/* Writes the mark, with a number behind it. */
static void mark_write(char *out, size_t size, int number)
{
    for (size_t i = 0; i < MARK_LEN; i++)
        out[i] = (char)(seed[i] + 1);
    snprintf(out + MARK_LEN, size - MARK_LEN, "%d", number);
}

static void handle_one(CK_SESSION_HANDLE session, int number)
{
    char label[64];
    char value[200];
    char back[200];
    CK_ATTRIBUTE asked = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE object;
    CK_ULONG n;

    mark_write(value, sizeof value, number);
    snprintf(label, sizeof label, "org/acme/marked_%d", number);
    if (try_create(session, label, value, strlen(value), &object) != CKR_OK)
        _exit(3);
    object = find_label(session, label);
    if (p11->C_GetAttributeValue(session, object, &asked, 1) != CKR_OK)
        _exit(4);
    asked.pValue = back;
    if (p11->C_GetAttributeValue(session, object, &asked, 1) != CKR_OK)
        _exit(5);
    if (number % 3 == 0) {
        asked.ulValueLen = MARK_LEN;
        (void)p11->C_SetAttributeValue(session, object, &asked, 1);
    }
    /* a search by value has the module compare it */
    asked.ulValueLen = MARK_LEN;
    (void)p11->C_FindObjectsInit(session, &asked, 1);
    (void)p11->C_FindObjects(session, &object, 1, &n);
    (void)p11->C_FindObjectsFinal(session);
    explicit_bzero(value, sizeof value);
    explicit_bzero(back, sizeof back);
}

/* Signs with a marked value. */
static void sign_one(CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class), TEXT(CKA_LABEL, "org/acme/marked_1")};
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_OBJECT_HANDLE key = 0;
    unsigned char mac[32];
    CK_ULONG n = sizeof mac;

    if (find(session, template, 2, &key, 1) != 1 ||
        p11->C_SignInit(session, &hmac, key) != CKR_OK ||
        p11->C_Sign(session, mac, 1, mac, &n) != CKR_OK)
        _exit(8);
}

int memory_child(int argc, char **argv)
{
    CK_SESSION_HANDLE session;
    char done = 'd';

    (void)argv;
    if (p11->C_Initialize(NULL) != CKR_OK)
        return 2;
    session = open_rw();
    for (int i = 0; i < COPIES; i++)
        handle_one(session, i);
    sign_one(session);
    (void)find(session, NULL, 0, NULL, 0);
    for (int i = 0; i < COPIES; i += 2) {
        char label[64];
        snprintf(label, sizeof label, "org/acme/marked_%d", i);
        (void)p11->C_DestroyObject(session, find_label(session, label));
    }
    if (argc > 1) { /* "memory control": keeps one, to show that the search would find it */
        char *kept = malloc(200);
        if (kept != NULL)
            mark_write(kept, 200, 1);
    }
    if (p11->C_Finalize(NULL) != CKR_OK)
        return 6;
    if (write(STDOUT_FILENO, &done, 1) != 1)
        return 7;
    for (;;)
        pause();
}

/* How often the mark is in `len` bytes. */
static size_t count_marks(const char *at, size_t len, const char *mark)
{
    const char *end = at + len;
    size_t count = 0;

    while ((at = memmem(at, (size_t)(end - at), mark, MARK_LEN)) != NULL) {
        count++;
        at++;
    }
    return count;
}

/* How often the mark is in a mapping of another process. */
static size_t count_in_mapping(int memory, unsigned long start, unsigned long end, const char *mark)
{
    static char chunk[(1 << 20) + MARK_LEN];
    size_t count = 0;

    /* 64 bits: a mapping may lie at the very end of 32 */
    for (uint64_t at = start; at < end; at += 1 << 20) {
        size_t want = end - at < sizeof chunk ? (size_t)(end - at) : sizeof chunk;
        ssize_t n = pread(memory, chunk, want, (off_t)at);
        if (n > 0)
            count += count_marks(chunk, (size_t)n, mark);
    }
    return count;
}

static size_t count_in_process(pid_t process)
{
    char path[64];
    char line[512];
    char mark[64];
    unsigned long start;
    unsigned long end;
    char rights[8];
    size_t count = 0;
    int memory;
    FILE *maps;

    mark_write(mark, sizeof mark, 0);
    snprintf(path, sizeof path, "/proc/%d/mem", process);
    memory = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%d/maps", process);
    maps = fopen(path, "re");
    assert_true(memory >= 0 && maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) != 3 || rights[0] != 'r' ||
            rights[1] != 'w' || end - start > UINT32_MAX)
            continue; /* a sanitizer's shadow takes terabytes */
        size_t found = count_in_mapping(memory, start, end, mark);
        if (found > 0)
            print_message("%zu in %s", found, line);
        count += found;
    }
    fclose(maps);
    close(memory);
    return count;
}

/* Starts the child, waits until it has finalized, and counts. */
static size_t marks_left(const char *control)
{
    int ends[2];
    size_t count;
    pid_t child;
    char done;

    write_configuration("{\"pkcs11\": {\"hmac_keys\": [{\"key\": \"org/acme/marked_1\", "
                        "\"encoding\": \"raw\"}]}}");
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        alarm(60);
        execl("/proc/self/exe", "conformance", suite.module, suite.backend, "child", "memory",
              control, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &done, 1), 1);
    close(ends[0]);
    count = count_in_process(child);
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0)
        assert_int_equal(errno, EINTR);
    return count;
}

static void the_search_finds_the_objects(void **state)
{
    (void)state;
    assert_true(marks_left("control") > 0);
}

static void nothing_of_a_value_is_left_after_finalize(void **state)
{
    (void)state;
    assert_int_equal(marks_left(NULL), 0);
}

static const struct CMUnitTest tests[] = {
    bare(the_search_finds_the_objects),
    bare(nothing_of_a_value_is_left_after_finalize),
};

const struct chapter memory_chapter = CHAPTER("memory", tests);
