/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * For builds without libFuzzer: feeds a target all files of the folders on the command line, and
 * many small changes of each. The changes are the same in every run.
 */

#define SIZE_MAX_OF_INPUT ((size_t)64 * 1024)
#define CHANGES_PER_FILE 2000u

static uint64_t random_state = 88172645463325252u;

/* Xorshift; less than `limit`, which is not 0. */
static size_t random_below(size_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % limit);
}

/* Changes, takes out, doubles or puts in some bytes; the new size. */
static size_t change(uint8_t *data, size_t size)
{
    static const char telling[] = "\"'\\{}[]:,=/\0\n\xff\xc3%0-9e.";
    size_t at = random_below(size + 1);
    size_t len = random_below(size - at + 1) % 16;

    switch (random_below(4)) {
    case 0: /* take out */
        memmove(data + at, data + at + len, size - at - len);
        return size - len;
    case 1: /* double */
        if (size + len > SIZE_MAX_OF_INPUT)
            return size;
        memmove(data + at + len, data + at, size - at);
        return size + len;
    case 2: /* put in */
        if (size == SIZE_MAX_OF_INPUT)
            return size;
        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)telling[random_below(sizeof telling)];
        return size + 1;
    default:
        if (at < size)
            data[at] ^= (uint8_t)(1u << random_below(8));
        return size;
    }
}

/* An input is given in memory of exactly its size, so that a sanitizer sees every step outside. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size == 0 ? 1 : size);

    FUZZ_CHECK(exact != NULL);
    memcpy(exact, data, size);
    FUZZ_CHECK(LLVMFuzzerTestOneInput(exact, size) == 0);
    free(exact);
}

static void feed_file(const char *path, unsigned changes)
{
    static uint8_t original[SIZE_MAX_OF_INPUT];
    static uint8_t changed[SIZE_MAX_OF_INPUT];
    FILE *file = fopen(path, "re");
    size_t size;

    FUZZ_CHECK(file != NULL);
    size = fread(original, 1, sizeof original, file);
    (void)fclose(file);
    feed(original, size);
    for (unsigned i = 0; i < changes; i++) {
        size_t now = size;
        memcpy(changed, original, size);
        for (size_t n = 1 + random_below(6); n > 0; n--)
            now = change(changed, now);
        feed(changed, now);
    }
}

static unsigned feed_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;
    char path[4096];

    if (dir == NULL) {
        fprintf(stderr, "%s: no such folder\n", folder);
        return 0;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        feed_file(path, CHANGES_PER_FILE);
        count++;
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    FUZZ_CHECK(LLVMFuzzerInitialize(&argc, &argv) == 0);
    feed((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        count += feed_folder(argv[i]);
    printf("%u files, each as it is and changed %u times\n", count, CHANGES_PER_FILE);
    return count > 0 ? 0 : 1;
}
