/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows a script the AWS backend's signatures and endpoints, for comparison with botocore.
 * Each line of input is words of hexadecimal digits ("-" for an empty one), each answer a line:
 *
 *     sign SECONDS REGION SERVICE HOST PATH ID SECRET TOKEN BODY [NAME VALUE]…   Authorization
 *     endpoint SERVICE REGION FIPS DUAL              the URL and the region of the signature
 *     ini CONFIG CREDENTIALS KIND SECTION NAME SUB           its bytes as hexadecimal digits,
 * "none" words COMMAND                                          each as hexadecimal digits time
 * TEXT                                              milliseconds since 1970, "none"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/aws/endpoint.h"
#include "backends/aws/ini.h"
#include "backends/aws/sign.h"
#include "backends/aws/sources.h"
#include "backends/aws/words.h"
#include "store/log.h"

#define WORDS 32

struct words {
    char *at[WORDS];
    size_t len[WORDS];
    size_t count;
};

/* Decodes the words of a line in place. */
static void words_parse(char *line, struct words *words)
{
    char *rest = NULL;

    words->count = 0;
    for (char *word = strtok_r(line, " \n", &rest); word != NULL && words->count < WORDS;
         word = strtok_r(NULL, " \n", &rest)) {
        size_t len = word[0] == '-' ? 0 : strlen(word) / 2;

        for (size_t i = 0; i < len; i++) {
            char digits[3] = {word[2 * i], word[2 * i + 1], '\0'};

            word[i] = (char)strtoul(digits, NULL, 16);
        }
        word[len] = '\0';
        words->at[words->count] = word;
        words->len[words->count++] = len;
    }
}

static void sign(const struct aws_crypto *crypto, const struct words *words)
{
    struct aws_sign_header headers[WORDS];
    struct aws_sign_request request = {
        .region = words->at[2],
        .service = words->at[3],
        .host = words->at[4],
        .path = words->at[5],
        .headers = headers,
        .body = words->at[9],
        .body_len = words->len[9],
    };
    struct aws_signature signature;
    AUTO_KEYS keys = {0};

    for (size_t i = 10; i + 1 < words->count; i += 2)
        headers[request.header_count++] =
            (struct aws_sign_header){words->at[i], words->at[i + 1], words->len[i + 1]};
    if (aws_keys_set_id(&keys, words->at[6], words->len[6]) != STORE_OK ||
        store_secret_set(&keys.secret, words->at[7], words->len[7]) != STORE_OK ||
        store_secret_set(&keys.token, words->at[8], words->len[8]) != STORE_OK ||
        aws_sign(crypto, &request, &keys, strtoll(words->at[1], NULL, 10) * 1000000000,
                 &signature) != STORE_OK)
        puts("failed");
    else
        puts(signature.authorization);
}

static void endpoint(const struct words *words)
{
    static const char *const services[] = {
        [AWS_SECRETS_MANAGER] = "secretsmanager",
        [AWS_STS] = "sts",
        [AWS_IAM] = "iam",
        [AWS_SSO_PORTAL] = "sso",
        [AWS_SSO_OIDC] = "sso-oidc",
    };
    const struct aws_settings settings = {
        .fips = words->at[3][0] == '1',
        .dual_stack = words->at[4][0] == '1',
    };
    const struct aws_profiles profiles = {.settings = &settings, .chosen = "default"};
    struct aws_endpoint found;
    enum aws_service service = AWS_SECRETS_MANAGER;

    while (strcmp(services[service], words->at[1]) != 0)
        service++;
    if (aws_endpoint_find(&profiles, service, words->at[2], &found) == STORE_OK)
        printf("%s %s\n", found.url, aws_signing_region(service, words->at[2]));
    else
        puts("failed");
}

static void hex_print(const void *data, size_t len)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes[i]);
}

/* Parses a file; empty ones are left out. */
static enum store_err ini_add(struct aws_ini *ini, const struct words *words, size_t at,
                              bool config)
{
    AUTO_SECRET text = {0};

    TRY(store_secret_set(&text, words->at[at], words->len[at]));
    return aws_ini_parse(ini, config ? "config" : "credentials", config, &text);
}

static void ini(const struct words *words)
{
    const enum aws_ini_kind kind = strcmp(words->at[3], "services") == 0      ? AWS_INI_SERVICES
                                   : strcmp(words->at[3], "sso-session") == 0 ? AWS_INI_SSO_SESSION
                                                                              : AWS_INI_PROFILE;
    const char *sub = words->len[6] == 0 ? NULL : words->at[6];
    const struct store_secret *found = NULL;
    struct aws_ini parsed = {0};
    enum store_err err = ini_add(&parsed, words, 1, true);

    if (err == STORE_OK)
        err = ini_add(&parsed, words, 2, false);
    if (err == STORE_OK)
        found = aws_ini_find(&parsed, kind, words->at[4], words->at[5], sub);
    if (err != STORE_OK)
        printf("failed");
    else if (found == NULL)
        printf("none");
    else
        hex_print(found->data, found->len);
    puts("");
    aws_ini_clear(&parsed);
}

static void split(const struct words *words)
{
    AUTO_WORDS found = {0};

    if (aws_words_split(words->at[1], &found) != STORE_OK) {
        puts("failed");
        return;
    }
    for (size_t i = 0; i < found.count; i++) {
        printf("%s", i > 0 ? " " : "");
        hex_print(found.argv[i], strlen(found.argv[i]));
        printf("%s", found.argv[i][0] == '\0' ? "-" : "");
    }
    puts("");
}

static void when(const struct words *words)
{
    int64_t ns = aws_time_parse(words->at[1], words->len[1]);

    if (ns == 0)
        puts("none");
    else
        printf("%lld\n", (long long)(ns / 1000000));
}

static void drop_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

int main(void)
{
    struct aws_crypto crypto;
    struct words words;
    char *line = NULL;
    size_t size = 0;

    store_log_redirect(drop_line, NULL);
    if (aws_crypto_open(&crypto) != STORE_OK)
        return 1;
    while (getline(&line, &size, stdin) > 0) {
        words_parse(line, &words);
        if (words.count >= 10 && strcmp(words.at[0], "sign") == 0)
            sign(&crypto, &words);
        else if (words.count == 5 && strcmp(words.at[0], "endpoint") == 0)
            endpoint(&words);
        else if (words.count == 7 && strcmp(words.at[0], "ini") == 0)
            ini(&words);
        else if (words.count == 2 && strcmp(words.at[0], "words") == 0)
            split(&words);
        else if (words.count == 2 && strcmp(words.at[0], "time") == 0)
            when(&words);
        else
            puts("?");
        fflush(stdout);
    }
    free(line);
    aws_crypto_close(&crypto);
    return 0;
}
