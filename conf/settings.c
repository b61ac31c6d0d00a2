/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/settings.h"

#include <stdio.h>
#include <string.h>

#include "platform/path.h"
#include "store/backend.h"

#define NETWORK "vault aws"
#define DAY_S (24L * 60 * 60)
#define HOUR_MS (60L * 60 * 1000)

/*
 * All settings, in the order of `status` and of the manual page. For a new one, add a row here;
 * tests/lint/settings.py --write writes the manual page, the schema and the completions.
 */
static const struct setting rows[] = {
    /* clang-format off */
    {.path = "backend", .type = SETTING_BACKEND,
     .environment = {"SIDESEAT_SECRETS_BACKEND"},
     .help = "the store that holds the secrets; unset, the platform's own"},
    {.path = "data_dir", .type = SETTING_PATH,
     .environment = {"SIDESEAT_DATA_DIR"},
     .help = "the folder of sideseat's data, such as secrets.json"},
    {.path = "read_only", .type = SETTING_FLAG, .fallback = "false",
     .help = "refuse every change through this token, whatever the store would allow"},
    {.path = "read_only_keys", .type = SETTING_PATTERNS,
     .help = "the keys, or patterns with a * in a part, with a space between, of secrets that cannot "
             "be made, changed or deleted through this token"},
    {.path = "timeout_ms", .type = SETTING_NUMBER, .min = 50, .max = HOUR_MS,
     .fallback = "2000", .network_fallback = "10000",
     .help = "how long one operation may take"},
    {.path = "login_timeout_ms", .type = SETTING_NUMBER, .min = 1000, .max = HOUR_MS,
     .fallback = "60000",
     .help = "how long a login, which may show a prompt, may take"},

    {.path = "env.prefix", .type = SETTING_TEXT, .fallback = "SIDESEAT_SECRET_",
     .environment = {"SIDESEAT_SECRETS_ENV_PREFIX"}, .backends = "env",
     .help = "the beginning of the variables' names"},

    {.path = "secret_service.collection", .type = SETTING_TEXT, .fallback = "default",
     .backends = "secret-service",
     .help = "the alias of the collection that holds the secrets"},

    {.path = "keyutils.keyring", .type = SETTING_TEXT, .fallback = "sideseat",
     .environment = {"SIDESEAT_SECRETS_KEYUTILS_KEYRING"}, .backends = "keyutils",
     .help = "the name of the keyring that holds the secrets"},

    {.path = "vault.address", .type = SETTING_URL, .fallback = "https://127.0.0.1:8200",
     .environment = {"SIDESEAT_SECRETS_VAULT_ADDR", "VAULT_ADDR"}, .backends = "vault",
     .help = "the server's URL"},
    {.path = "vault.token", .type = SETTING_SECRET,
     .environment = {"SIDESEAT_SECRETS_VAULT_TOKEN", "VAULT_TOKEN"}, .backends = "vault",
     .help = "the token; unset, that of ~/.vault-token"},
    {.path = "vault.mount", .type = SETTING_TEXT, .fallback = "secret",
     .environment = {"SIDESEAT_SECRETS_VAULT_MOUNT"}, .backends = "vault",
     .help = "where the KV version 2 engine is mounted"},
    {.path = "vault.prefix", .type = SETTING_TEXT, .fallback = "sideseat", .may_be_empty = true,
     .environment = {"SIDESEAT_SECRETS_VAULT_PREFIX"}, .backends = "vault",
     .help = "the path in the mount that all keys are below"},
    {.path = "vault.namespace", .type = SETTING_TEXT, .may_be_empty = true,
     .environment = {"VAULT_NAMESPACE"}, .backends = "vault",
     .help = "the namespace"},
    {.path = "vault.ca_cert", .type = SETTING_PATH,
     .environment = {"VAULT_CACERT"}, .backends = "vault",
     .help = "a PEM file with the certificates to trust"},
    {.path = "vault.ca_path", .type = SETTING_PATH,
     .environment = {"VAULT_CAPATH"}, .backends = "vault",
     .help = "a folder of PEM files with the certificates to trust"},
    {.path = "vault.client_cert", .type = SETTING_PATH,
     .environment = {"VAULT_CLIENT_CERT"}, .backends = "vault",
     .help = "a PEM file with the client's certificate"},
    {.path = "vault.client_key", .type = SETTING_PATH,
     .environment = {"VAULT_CLIENT_KEY"}, .backends = "vault",
     .help = "a PEM file with the client certificate's key"},
    {.path = "vault.tls_server_name", .type = SETTING_TEXT,
     .environment = {"VAULT_TLS_SERVER_NAME"}, .backends = "vault",
     .help = "the name to expect in the server's certificate"},
    {.path = "vault.skip_verify", .type = SETTING_FLAG, .fallback = "false",
     .environment = {"VAULT_SKIP_VERIFY"}, .backends = "vault",
     .help = "whether the server's certificate is left unchecked (never in production)"},
    {.path = "vault.max_retries", .type = SETTING_NUMBER, .min = 0, .max = 100, .fallback = "2",
     .environment = {"VAULT_MAX_RETRIES"}, .backends = "vault",
     .help = "how often a failed request is repeated within the deadline"},
    {.path = "vault.timeout", .type = SETTING_DURATION, .min = 50, .max = HOUR_MS,
     .environment = {"VAULT_CLIENT_TIMEOUT"}, .backends = "vault",
     .help = "how long one request may take, within the operation's timeout_ms"},
    {.path = "vault.proxy", .type = SETTING_TEXT, .may_be_empty = true,
     .environment = {"VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY"}, .backends = "vault",
     .help = "the URL of the proxy; empty for none, whatever http_proxy says"},
    {.path = "vault.nodes", .type = SETTING_TEXT, .backends = "vault",
     .help = "the other hosts that a standby may send to, divided by commas"},
    {.path = "vault.allow_http", .type = SETTING_FLAG, .fallback = "false", .backends = "vault",
     .help = "whether http:// is allowed to more than this machine"},
    {.path = "vault.auth.method", .type = SETTING_CHOICE, .fallback = "token",
     .choices = "token approle kubernetes cert none", .backends = "vault",
     .help = "how to log in"},
    {.path = "vault.auth.mount", .type = SETTING_TEXT, .backends = "vault",
     .help = "where the login method is mounted; unset, at the method's name"},
    {.path = "vault.auth.role", .type = SETTING_TEXT, .backends = "vault",
     .help = "the role to log in as (kubernetes and cert)"},
    {.path = "vault.auth.role_id", .type = SETTING_TEXT, .backends = "vault",
     .help = "the role id (approle)"},
    {.path = "vault.auth.secret_id", .type = SETTING_SECRET, .backends = "vault",
     .help = "the secret id (approle)"},
    {.path = "vault.auth.secret_id_file", .type = SETTING_PATH, .backends = "vault",
     .help = "a file that holds the secret id (approle)"},
    {.path = "vault.auth.jwt_file", .type = SETTING_PATH, .fallback = PLATFORM_SERVICE_TOKEN,
     .backends = "vault",
     .help = "a file that holds the service account's token (kubernetes)"},

    {.path = "aws.region", .type = SETTING_TEXT,
     .environment = {"SIDESEAT_SECRETS_AWS_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"},
     .backends = "aws",
     .help = "the region; unset, that of the profile or the machine"},
    {.path = "aws.prefix", .type = SETTING_TEXT, .fallback = "sideseat", .may_be_empty = true,
     .environment = {"SIDESEAT_SECRETS_AWS_PREFIX"}, .backends = "aws",
     .help = "the beginning of all secrets' names, before a slash"},
    {.path = "aws.recovery_window_days", .type = SETTING_NUMBER, .min = 0, .max = 30,
     .fallback = "30", .backends = "aws",
     .environment = {"SIDESEAT_SECRETS_AWS_RECOVERY_WINDOW_DAYS"},
     .help = "how long a deleted secret can be restored, 7 to 30; 0 deletes for good at once"},
    {.path = "aws.profile", .type = SETTING_TEXT,
     .environment = {"AWS_PROFILE"}, .backends = "aws",
     .help = "the profile of ~/.aws/config; unset, \"default\""},
    {.path = "aws.endpoint_url", .type = SETTING_URL,
     .environment = {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"}, .backends = "aws",
     .help = "the service's URL, where it is not the region's"},
    {.path = "aws.use_fips", .type = SETTING_FLAG,
     .environment = {"AWS_USE_FIPS_ENDPOINT"}, .backends = "aws",
     .help = "whether the region's FIPS endpoint is used"},
    {.path = "aws.use_dualstack", .type = SETTING_FLAG,
     .environment = {"AWS_USE_DUALSTACK_ENDPOINT"}, .backends = "aws",
     .help = "whether the region's IPv6-capable endpoint is used"},
    {.path = "aws.max_attempts", .type = SETTING_NUMBER, .min = 1, .max = 100, .fallback = "3",
     .environment = {"AWS_MAX_ATTEMPTS"}, .backends = "aws",
     .help = "how often a request is tried in all within the deadline"},
    {.path = "aws.allow_http", .type = SETTING_FLAG, .fallback = "false", .backends = "aws",
     .help = "whether http:// is allowed to more than this machine"},
    {.path = "aws.ca_bundle", .type = SETTING_PATH,
     .environment = {"AWS_CA_BUNDLE"}, .backends = "aws",
     .help = "a PEM file with the certificates to trust"},

    {.path = "cache.ttl_s", .type = SETTING_NUMBER, .min = 0, .max = DAY_S, .fallback = "300",
     .backends = NETWORK, .in_pkcs11 = true,
     .help = "how long a value that was read is kept; 0 keeps none"},
    {.path = "cache.entries", .type = SETTING_NUMBER, .min = 1, .max = 1000000,
     .fallback = "10000", .backends = NETWORK, .in_pkcs11 = true,
     .help = "how many values are kept"},
    {.path = "cache.stale_s", .type = SETTING_NUMBER, .min = 0, .max = 7 * DAY_S,
     .fallback = "3600", .backends = NETWORK, .in_pkcs11 = true,
     .help = "how long an expired value may be served while the store is unreachable"},
    {.path = "cache.negative_s", .type = SETTING_NUMBER, .min = 0, .max = 5, .fallback = "5",
     .backends = NETWORK, .in_pkcs11 = true,
     .help = "how long it is remembered that a secret does not exist or may not be read"},
    {.path = "public_cache", .type = SETTING_PATH,
     .environment = {"SIDESEAT_PKCS11_PUBLIC_CACHE"}, .backends = NETWORK, .in_pkcs11 = true,
     .help = "a file that keeps public keys and certificates for the next start; unset, none does"},
    {.path = "public_cache_s", .type = SETTING_NUMBER, .min = 0, .max = 30 * DAY_S,
     .fallback = "300", .backends = NETWORK, .in_pkcs11 = true,
     .help = "how long a public part of that file is shown without asking the store for its version"},
    {.path = "health_s", .type = SETTING_NUMBER, .min = 0, .max = DAY_S, .fallback = "60",
     .backends = NETWORK, .in_pkcs11 = true,
     .help = "within how many seconds an outage of the store, and its end, is logged; 0: never"},
    {.path = "store.program", .type = SETTING_PATH, .environment = {"SIDESEAT_PKCS11_STORE"},
     .in_pkcs11 = true,
     .help = "the program that runs the stores the module does not run itself; unset, the "
             "installed one"},
    {.path = "store.socket", .type = SETTING_SOCKET, .backends = "secret-service " NETWORK,
     .in_pkcs11 = true,
     .help = "the UNIX socket, on Windows the pipe, of a store process to share; unset, the module "
             "starts its own"},

    {.path = "audit.target", .type = SETTING_TARGET, .environment = {"SIDESEAT_PKCS11_AUDIT"},
     .in_pkcs11 = true,
     .help = "where a line for each use of a secret goes; unset, nowhere"},
    {.path = "audit.required", .type = SETTING_FLAG, .fallback = "false", .in_pkcs11 = true,
     .help = "refuse every use of a secret while audit.target takes no lines"},

    {.path = "hmac_keys", .type = SETTING_HMAC_KEYS, .in_pkcs11 = true,
     .fallback = "global/jwt_signing_key:hex global/api_key_secret:hex",
     .help = "the secrets that can sign without being read"},
    {.path = "sensitive", .type = SETTING_KEYS, .in_pkcs11 = true,
     .help = "the secrets, or patterns of them, whose value is never given out"},
    {.path = "keys", .type = SETTING_RULES, .in_pkcs11 = true,
     .help = "the secrets that hold private keys and certificates to use"},
    /* clang-format on */
};

#define COUNT (sizeof rows / sizeof rows[0])
_Static_assert(COUNT <= SETTINGS_MAX, "SETTINGS_MAX is too small");

const struct setting *setting_at(size_t index)
{
    return index < COUNT ? &rows[index] : NULL;
}

size_t setting_index(const struct setting *setting)
{
    return (size_t)(setting - rows);
}

const struct setting *setting_find(const char *path, size_t len)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strlen(rows[i].path) == len && memcmp(rows[i].path, path, len) == 0)
            return &rows[i];
    return NULL;
}

bool setting_word_in(const char *words, const char *word)
{
    size_t len = strlen(word);

    while (words != NULL && *words != '\0') {
        size_t n = strcspn(words, " ");
        if (n == len && memcmp(words, word, n) == 0)
            return true;
        words += n + strspn(words + n, " ");
    }
    return false;
}

bool setting_applies(const struct setting *setting, const char *backend)
{
    return setting->backends == NULL || setting_word_in(setting->backends, backend);
}

const char *setting_default(const struct setting *setting, const char *backend)
{
    if (setting->network_fallback != NULL && setting_word_in(NETWORK, backend))
        return setting->network_fallback;
    return setting->fallback;
}

const char *setting_section(const struct setting *setting)
{
    return setting->in_pkcs11 ? "pkcs11" : "secrets";
}

/* The names of all backends, separated by commas. */
static void describe_backends(char *out, size_t size)
{
    const struct store_registration *row;
    size_t used = (size_t)snprintf(out, size, "one of");

    for (size_t i = 0; (row = store_registry_at(i)) != NULL && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s %s", i == 0 ? "" : ",", row->name);
}

static void describe_choices(const char *choices, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "one of ");

    for (; *choices != '\0' && used + 2 < size; choices++) {
        if (*choices == ' ')
            out[used++] = ',';
        out[used++] = *choices;
    }
    out[used] = '\0';
}

void setting_describe(const struct setting *setting, char *out, size_t size)
{
    const char *empty = setting->may_be_empty ? ", which may be empty" : "";

    switch (setting->type) {
    case SETTING_TEXT:
        snprintf(out, size, "a text without control characters%s", empty);
        return;
    case SETTING_PATH:
        snprintf(out, size, "%s", platform_path_form);
        return;
    case SETTING_SOCKET:
        snprintf(out, size, "%s", platform_socket_form);
        return;
    case SETTING_TARGET:
        snprintf(out, size, "syslog, journal, or the absolute path of a file");
        return;
    case SETTING_URL:
        snprintf(out, size, "a URL such as https://host:8200, without a user name or spaces");
        return;
    case SETTING_NUMBER:
        snprintf(out, size, "a whole number from %ld to %ld", setting->min, setting->max);
        return;
    case SETTING_DURATION:
        snprintf(out, size,
                 "a number of seconds or a text such as \"250ms\", \"10s\" or \"2m\", from %ld to "
                 "%ld milliseconds",
                 setting->min, setting->max);
        return;
    case SETTING_FLAG:
        snprintf(out, size, "true or false");
        return;
    case SETTING_CHOICE:
        describe_choices(setting->choices, out, size);
        return;
    case SETTING_BACKEND:
        describe_backends(out, size);
        return;
    case SETTING_SECRET:
        snprintf(out, size, "a text without control characters (its value is not shown)");
        return;
    case SETTING_PATTERNS:
        snprintf(out, size, "scope keys or patterns such as \"org/acme/*\", with a space between");
        return;
    case SETTING_KEYS:
        snprintf(out, size, "a list of scope keys such as \"global/jwt_signing_key\"");
        return;
    case SETTING_HMAC_KEYS:
        snprintf(out, size,
                 "a list of {\"key\": \"global/NAME\", \"encoding\": \"hex\", \"base64\" or "
                 "\"raw\"}");
        return;
    case SETTING_RULES:
        snprintf(out, size,
                 "a list of scope keys or patterns such as \"global/tls_*\", or of objects such "
                 "as {\"key\": \"global/tls\", \"usage\": [\"sign\"]}");
        return;
    }
}
