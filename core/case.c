/* SPDX-License-Identifier: Apache-2.0 */
#include "store/case.h"

#include <stdint.h>
#include <string.h>

#include "platform/letter.h"
#include "store/utf8.h"

/* The letters whose upper case is more than one character, which no locale's tables have
 * (Unicode's SpecialCasing.txt, the part without conditions). */
static const struct {
    uint16_t from;
    uint16_t to[3];
} special[] = {
    {0x00df, {0x0053, 0x0053}},         {0x0149, {0x02bc, 0x004e}},
    {0x01f0, {0x004a, 0x030c}},         {0x0390, {0x0399, 0x0308, 0x0301}},
    {0x03b0, {0x03a5, 0x0308, 0x0301}}, {0x0587, {0x0535, 0x0552}},
    {0x1e96, {0x0048, 0x0331}},         {0x1e97, {0x0054, 0x0308}},
    {0x1e98, {0x0057, 0x030a}},         {0x1e99, {0x0059, 0x030a}},
    {0x1e9a, {0x0041, 0x02be}},         {0x1f50, {0x03a5, 0x0313}},
    {0x1f52, {0x03a5, 0x0313, 0x0300}}, {0x1f54, {0x03a5, 0x0313, 0x0301}},
    {0x1f56, {0x03a5, 0x0313, 0x0342}}, {0x1f80, {0x1f08, 0x0399}},
    {0x1f81, {0x1f09, 0x0399}},         {0x1f82, {0x1f0a, 0x0399}},
    {0x1f83, {0x1f0b, 0x0399}},         {0x1f84, {0x1f0c, 0x0399}},
    {0x1f85, {0x1f0d, 0x0399}},         {0x1f86, {0x1f0e, 0x0399}},
    {0x1f87, {0x1f0f, 0x0399}},         {0x1f88, {0x1f08, 0x0399}},
    {0x1f89, {0x1f09, 0x0399}},         {0x1f8a, {0x1f0a, 0x0399}},
    {0x1f8b, {0x1f0b, 0x0399}},         {0x1f8c, {0x1f0c, 0x0399}},
    {0x1f8d, {0x1f0d, 0x0399}},         {0x1f8e, {0x1f0e, 0x0399}},
    {0x1f8f, {0x1f0f, 0x0399}},         {0x1f90, {0x1f28, 0x0399}},
    {0x1f91, {0x1f29, 0x0399}},         {0x1f92, {0x1f2a, 0x0399}},
    {0x1f93, {0x1f2b, 0x0399}},         {0x1f94, {0x1f2c, 0x0399}},
    {0x1f95, {0x1f2d, 0x0399}},         {0x1f96, {0x1f2e, 0x0399}},
    {0x1f97, {0x1f2f, 0x0399}},         {0x1f98, {0x1f28, 0x0399}},
    {0x1f99, {0x1f29, 0x0399}},         {0x1f9a, {0x1f2a, 0x0399}},
    {0x1f9b, {0x1f2b, 0x0399}},         {0x1f9c, {0x1f2c, 0x0399}},
    {0x1f9d, {0x1f2d, 0x0399}},         {0x1f9e, {0x1f2e, 0x0399}},
    {0x1f9f, {0x1f2f, 0x0399}},         {0x1fa0, {0x1f68, 0x0399}},
    {0x1fa1, {0x1f69, 0x0399}},         {0x1fa2, {0x1f6a, 0x0399}},
    {0x1fa3, {0x1f6b, 0x0399}},         {0x1fa4, {0x1f6c, 0x0399}},
    {0x1fa5, {0x1f6d, 0x0399}},         {0x1fa6, {0x1f6e, 0x0399}},
    {0x1fa7, {0x1f6f, 0x0399}},         {0x1fa8, {0x1f68, 0x0399}},
    {0x1fa9, {0x1f69, 0x0399}},         {0x1faa, {0x1f6a, 0x0399}},
    {0x1fab, {0x1f6b, 0x0399}},         {0x1fac, {0x1f6c, 0x0399}},
    {0x1fad, {0x1f6d, 0x0399}},         {0x1fae, {0x1f6e, 0x0399}},
    {0x1faf, {0x1f6f, 0x0399}},         {0x1fb2, {0x1fba, 0x0399}},
    {0x1fb3, {0x0391, 0x0399}},         {0x1fb4, {0x0386, 0x0399}},
    {0x1fb6, {0x0391, 0x0342}},         {0x1fb7, {0x0391, 0x0342, 0x0399}},
    {0x1fbc, {0x0391, 0x0399}},         {0x1fc2, {0x1fca, 0x0399}},
    {0x1fc3, {0x0397, 0x0399}},         {0x1fc4, {0x0389, 0x0399}},
    {0x1fc6, {0x0397, 0x0342}},         {0x1fc7, {0x0397, 0x0342, 0x0399}},
    {0x1fcc, {0x0397, 0x0399}},         {0x1fd2, {0x0399, 0x0308, 0x0300}},
    {0x1fd3, {0x0399, 0x0308, 0x0301}}, {0x1fd6, {0x0399, 0x0342}},
    {0x1fd7, {0x0399, 0x0308, 0x0342}}, {0x1fe2, {0x03a5, 0x0308, 0x0300}},
    {0x1fe3, {0x03a5, 0x0308, 0x0301}}, {0x1fe4, {0x03a1, 0x0313}},
    {0x1fe6, {0x03a5, 0x0342}},         {0x1fe7, {0x03a5, 0x0308, 0x0342}},
    {0x1ff2, {0x1ffa, 0x0399}},         {0x1ff3, {0x03a9, 0x0399}},
    {0x1ff4, {0x038f, 0x0399}},         {0x1ff6, {0x03a9, 0x0342}},
    {0x1ff7, {0x03a9, 0x0342, 0x0399}}, {0x1ffc, {0x03a9, 0x0399}},
    {0xfb00, {0x0046, 0x0046}},         {0xfb01, {0x0046, 0x0049}},
    {0xfb02, {0x0046, 0x004c}},         {0xfb03, {0x0046, 0x0046, 0x0049}},
    {0xfb04, {0x0046, 0x0046, 0x004c}}, {0xfb05, {0x0053, 0x0054}},
    {0xfb06, {0x0053, 0x0054}},         {0xfb13, {0x0544, 0x0546}},
    {0xfb14, {0x0544, 0x0535}},         {0xfb15, {0x0544, 0x053b}},
    {0xfb16, {0x054e, 0x0546}},         {0xfb17, {0x0544, 0x053d}},
};

/* A conversion: the input, the output and the position in both. */
struct conversion {
    const unsigned char *text;
    size_t len;
    size_t at;
    char *out;
    size_t size;
    size_t used;
    struct platform_letters *letters; /* NULL: only ASCII changes */
};

static bool put(struct conversion *conv, uint32_t code)
{
    char bytes[4];
    size_t len = store_utf8_encode(code, bytes);

    if (len >= conv->size - conv->used)
        return false;
    memcpy(conv->out + conv->used, bytes, len);
    conv->used += len;
    return true;
}

static bool put_upper(struct conversion *conv, uint32_t code)
{
    for (size_t i = 0; conv->letters != NULL && i < sizeof special / sizeof special[0]; i++) {
        if (special[i].from != code)
            continue;
        for (size_t j = 0; j < 3 && special[i].to[j] != 0; j++)
            if (!put(conv, special[i].to[j]))
                return false;
        return true;
    }
    return put(conv, conv->letters == NULL ? code : platform_letter_upper(conv->letters, code));
}

static bool is_letter(const struct conversion *conv, const unsigned char *s, size_t len)
{
    uint32_t code;

    return len > 0 && store_utf8_decode(s, len, &code) > 0 &&
           platform_letter_is(conv->letters, code);
}

/* True at the end of a word, where a capital sigma becomes another letter; `before` is the
 * character before it and `next` the offset after it. */
static bool ends_word(const struct conversion *conv, size_t before, size_t next)
{
    return before < conv->at && is_letter(conv, conv->text + before, conv->at - before) &&
           !is_letter(conv, conv->text + next, conv->len - next);
}

static bool put_lower(struct conversion *conv, uint32_t code, size_t before, size_t next)
{
    if (conv->letters != NULL && code == 0x130) /* I with a dot above keeps its dot */
        return put(conv, 'i') && put(conv, 0x307);
    if (conv->letters != NULL && code == 0x3a3 && ends_word(conv, before, next))
        return put(conv, 0x3c2);
    return put(conv, conv->letters == NULL ? code : platform_letter_lower(conv->letters, code));
}

static bool convert_all(struct conversion *conv, bool upper)
{
    size_t before = 0;

    while (conv->at < conv->len) {
        uint32_t code;
        size_t len = store_utf8_decode(conv->text + conv->at, conv->len - conv->at, &code);
        bool done;

        if (len == 0)
            return false;
        if (code < 0x80) {
            bool letter = upper ? code >= 'a' && code <= 'z' : code >= 'A' && code <= 'Z';
            done = put(conv, letter ? code ^ 0x20 : code);
        } else {
            done = upper ? put_upper(conv, code) : put_lower(conv, code, before, conv->at + len);
        }
        if (!done)
            return false;
        before = conv->at;
        conv->at += len;
    }
    conv->out[conv->used] = '\0';
    return true;
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

static bool convert(const char *text, size_t len, char *out, size_t size, bool upper)
{
    struct conversion conv = {
        .text = (const unsigned char *)text, .len = len, .out = out, .size = size};
    bool done;

    if (size == 0)
        return false;
    if (!is_ascii(text, len))
        conv.letters = platform_letters_open();
    done = convert_all(&conv, upper);
    if (conv.letters != NULL)
        platform_letters_close(conv.letters);
    return done;
}

static bool upper(const char *text, size_t len, char *out, size_t size)
{
    return convert(text, len, out, size, true);
}

bool store_case_lower(const char *text, size_t len, char *out, size_t size)
{
    return convert(text, len, out, size, false);
}

bool store_case_variable(const char *key, char *out, size_t size)
{
    if (!upper(key, strlen(key), out, size))
        return false;
    for (char *c = out; *c != '\0'; c++)
        if (*c == '/' || *c == '-')
            *c = '_';
    return true;
}
