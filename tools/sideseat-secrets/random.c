/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/random.h"

#include <errno.h>
#include <string.h>

#include "platform/system.h"

static const struct random_alphabet alphabets[] = {
    {"hex", "0123456789abcdef", 64, 16, 8192},
    {"base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 43, 8, 8192},
    {"base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 44, 8, 8192},
    {"alnum", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32, 8, 8192},
    {"words", NULL, 8, 4, 64},
};

const struct random_alphabet *random_find(const char *name)
{
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++)
        if (strcmp(alphabets[i].name, name) == 0)
            return &alphabets[i];
    return NULL;
}

/* The system gives up to 256 bytes whole, and waits only until the system has any to give. */
static enum outcome random_bytes(void *bytes, size_t len)
{
    ssize_t n;

    do
        n = platform_random(bytes, len, true);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)len)
        return OUTCOME_OK;
    outcome_print("the system gives no random bytes: %s", strerror(n < 0 ? errno : EIO));
    return OUTCOME_FAILED;
}

static enum outcome append(struct store_secret *out, const void *text, size_t len)
{
    return store_secret_append(out, text, len) == STORE_OK ? OUTCOME_OK : outcome_no_memory();
}

/* Bytes past the last whole multiple of `count` are drawn again: else its first ones were likelier.
 */
static enum outcome add_character(const char *characters, size_t count, struct store_secret *out)
{
    unsigned char byte = 0;
    enum outcome outcome;

    do
        STEP(random_bytes(&byte, 1));
    while (byte >= 256 - 256 % count);
    outcome = append(out, &characters[byte % count], 1);
    store_wipe(&byte, 1);
    return outcome;
}

static enum outcome add_word(struct store_secret *out)
{
    static const char consonants[] = "bdfghjklmnprstvz";
    static const char vowels[] = "aiou";
    unsigned char bits[2];
    char word[5];
    unsigned number;
    enum outcome outcome;

    STEP(random_bytes(bits, sizeof bits));
    number = (unsigned)bits[0] << 8 | bits[1];
    word[0] = consonants[number >> 12];
    word[1] = vowels[number >> 10 & 3];
    word[2] = consonants[number >> 6 & 15];
    word[3] = vowels[number >> 4 & 3];
    word[4] = consonants[number & 15];
    outcome = append(out, word, sizeof word);
    store_wipe(bits, sizeof bits);
    store_wipe(word, sizeof word);
    store_wipe(&number, sizeof number);
    return outcome;
}

enum outcome random_text(const struct random_alphabet *alphabet, size_t length,
                         struct store_secret *out)
{
    for (size_t i = 0; i < length; i++) {
        if (alphabet->characters != NULL) {
            STEP(add_character(alphabet->characters, strlen(alphabet->characters), out));
            continue;
        }
        if (i > 0)
            STEP(append(out, "-", 1));
        STEP(add_word(out));
    }
    return OUTCOME_OK;
}
