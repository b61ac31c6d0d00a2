/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/base64.h"
#include "store/utf8.h"
#include "tools/sideseat-secrets/label.h"

bool print_is_text(const struct store_secret *value)
{
    size_t n;

    for (size_t i = 0; i < value->len; i += n) {
        uint32_t code = 0;
        bool more = i + 1 < value->len;
        n = store_utf8_decode(value->data + i, value->len - i, &code);
        if (n == 0)
            return false;
        if (!store_utf8_shown(code) && code != '\n' && code != '\t' &&
            !(code == '\r' && more && value->data[i + 1] == '\n'))
            return false;
    }
    return true;
}

enum outcome print_bytes(const void *data, size_t len)
{
    const char *from = data;

    (void)fflush(stdout);
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            outcome_print("cannot write to standard output: %s", strerror(errno));
            return OUTCOME_FAILED;
        }
        from += n;
        len -= (size_t)n;
    }
    return OUTCOME_OK;
}

static void json_append(struct print_json *json, const char *text, size_t len)
{
    if (!json->failed && store_secret_append(&json->text, text, len) != STORE_OK)
        json->failed = true;
}

/* What a terminal would obey stands as \u and four digits, which is the same to a reader of JSON:
 * only strings hold such characters, and all of them are in the basic plane. */
static void json_add(void *arg, const char *text, size_t len)
{
    struct print_json *json = arg;
    size_t from = 0;
    size_t n;

    for (size_t i = 0; i < len; i += n) {
        uint32_t code = 0;
        char escape[8];
        n = store_utf8_decode((const unsigned char *)text + i, len - i, &code);
        n = n == 0 ? 1 : n;
        if (code < 0x7f || store_utf8_shown(code))
            continue;
        json_append(json, text + from, i - from);
        (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)code & 0xffff);
        json_append(json, escape, strlen(escape));
        from = i + n;
    }
    json_append(json, text + from, len - from);
}

bool print_json_open(struct print_json *json)
{
    json->gen = yajl_gen_alloc(NULL);
    if (json->gen == NULL)
        return false;
    yajl_gen_config(json->gen, yajl_gen_beautify, 1);
    yajl_gen_config(json->gen, yajl_gen_indent_string, "  ");
    yajl_gen_config(json->gen, yajl_gen_print_callback, json_add, json);
    return true;
}

static yajl_gen_status json_string(struct print_json *json, const void *text, size_t len)
{
    /* yajl takes surrogates and overlong forms */
    if (!store_utf8_valid(text, len))
        return yajl_gen_invalid_string;
    return yajl_gen_string(json->gen, text, len);
}

static yajl_gen_status json_secret(struct print_json *json, const struct store_secret *text)
{
    return json_string(json, text->len > 0 ? text->data : (const unsigned char *)"", text->len);
}

void print_json_bytes(struct print_json *json, const char *name, const struct store_secret *bytes)
{
    char shown[LABEL_SIZE];
    size_t len = bytes->len < sizeof shown - 1 ? bytes->len : sizeof shown - 1;

    (void)json_string(json, name, strlen(name));
    if (json_secret(json, bytes) == yajl_gen_status_ok)
        return;
    for (size_t i = 0; i < len; i++)
        shown[i] = bytes->data[i] < 0x80 ? (char)bytes->data[i] : '?';
    (void)json_string(json, shown, len);
}

void print_json_text(struct print_json *json, const char *name, const char *text)
{
    (void)json_string(json, name, strlen(name));
    if (text == NULL)
        (void)yajl_gen_null(json->gen);
    else if (json_string(json, text, strlen(text)) != yajl_gen_status_ok)
        (void)json_string(json, "?", 1);
}

void print_json_flag(struct print_json *json, const char *name, bool flag)
{
    (void)json_string(json, name, strlen(name));
    (void)yajl_gen_bool(json->gen, flag);
}

void print_json_number(struct print_json *json, const char *name, size_t number)
{
    print_json_name(json, name);
    (void)yajl_gen_integer(json->gen, (long long)number);
}

void print_json_name(struct print_json *json, const char *name)
{
    (void)json_string(json, name, strlen(name));
}

void print_json_flat(struct print_json *json, const char *name, const struct store_secret *value)
{
    print_json_name(json, name);
    if (json_secret(json, value) == yajl_gen_status_ok)
        return;
    (void)yajl_gen_map_open(json->gen);
    print_json_value(json, value);
    (void)yajl_gen_map_close(json->gen);
}

void print_json_value(struct print_json *json, const struct store_secret *value)
{
    AUTO_SECRET encoded = {0};

    (void)json_string(json, "value", strlen("value"));
    if (json_secret(json, value) == yajl_gen_status_ok)
        return;
    if (store_base64_encode(value->data, value->len, &encoded) != STORE_OK) {
        json->failed = true;
        return;
    }
    (void)json_string(json, encoded.data, encoded.len);
    print_json_text(json, "encoding", "base64");
}

enum outcome print_json_flush(struct print_json *json, size_t keep)
{
    enum outcome outcome;

    if (json->failed)
        return outcome_no_memory();
    if (json->text.len <= keep)
        return OUTCOME_OK;
    outcome = print_bytes(json->text.data, json->text.len);
    store_secret_wipe(&json->text);
    return outcome;
}

enum outcome print_json_close(struct print_json *json)
{
    enum outcome outcome = print_json_flush(json, 0);

    print_json_clear(json);
    return outcome;
}

/* Prints an object with `bytes`, or with `text` if they are NULL. */
static enum outcome print_alone(const char *name, const char *text,
                                const struct store_secret *bytes)
{
    AUTO_PRINT_JSON json = {0};

    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    if (bytes != NULL)
        print_json_bytes(&json, name, bytes);
    else
        print_json_text(&json, name, text);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

enum outcome print_json_alone(const char *name, const char *text)
{
    return print_alone(name, text, NULL);
}

enum outcome print_json_alone_bytes(const char *name, const struct store_secret *bytes)
{
    return print_alone(name, NULL, bytes);
}

void print_json_clear(struct print_json *json)
{
    if (json->gen != NULL)
        yajl_gen_free(json->gen);
    json->gen = NULL;
    store_secret_wipe(&json->text);
}

enum outcome print_end(void)
{
    int error = 0;

    if (fflush(stdout) != 0)
        error = errno;
    else if (ferror(stdout) == 0)
        return OUTCOME_OK;
    if (error == 0) /* of a write before */
        outcome_print("cannot write to standard output");
    else
        outcome_print("cannot write to standard output: %s", strerror(error));
    return OUTCOME_FAILED;
}
