/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/document.h"

#include "core/json.h"
#include "store/base64.h"
#include "tools/sideseat-secrets/label.h"

/* A text, or {"value": text, "encoding": "base64"}. CORRUPT for anything else. */
static enum store_err read_value(struct json_value from, struct store_secret *out)
{
    struct json_value encoding = json_member(from, "encoding");
    AUTO_SECRET text = {0};

    if (json_type(from) == JSON_STRING)
        return json_bytes(from, out);
    TRY(json_bytes(json_member(from, "value"), &text));
    if (json_type(encoding) == JSON_ABSENT) {
        store_secret_move(out, &text);
        return STORE_OK;
    }
    if (!json_is(encoding, "base64"))
        return STORE_CORRUPT;
    return store_base64_decode((const char *)text.data, text.len, out);
}

static enum outcome pass_member(const char *path, struct json_value member, document_fn *each,
                                void *arg)
{
    AUTO_SECRET value = {0};
    char name[LABEL_SIZE];

    if (json_key_text(member, name, sizeof name) != STORE_OK) {
        outcome_print("%s has a name that is not a key", path);
        return OUTCOME_USAGE;
    }
    switch (read_value(member, &value)) {
    case STORE_OK:
        return each(arg, name, &value);
    case STORE_NO_MEMORY:
        return outcome_no_memory();
    default:
        outcome_print("%s: %s is neither a text nor {\"value\": \"…\", \"encoding\": \"base64\"}",
                      path, name);
        return OUTCOME_USAGE;
    }
}

/* The object that has the secrets; absent, and printed, if there is none. */
static struct json_value find_secrets(const char *path, struct json_value root)
{
    struct json_value secrets = json_member(root, "secrets");
    int64_t version = 0;

    if (json_type(root) != JSON_OBJECT) {
        outcome_print("%s is not a JSON object", path);
        return (struct json_value){0};
    }
    if (json_type(secrets) != JSON_OBJECT)
        return root;
    if (json_whole(json_member(root, "version"), &version) == STORE_OK && version == 2)
        return secrets;
    outcome_print("%s has a version that is not 2", path);
    return (struct json_value){0};
}

enum outcome document_parse(const char *path, const struct store_secret *text, document_fn *each,
                            void *arg)
{
    AUTO_JSON document = NULL;
    struct json_value secrets;
    size_t where = 0;
    enum store_err err = json_read(&document, text, &where);

    if (err == STORE_NO_MEMORY)
        return outcome_no_memory();
    if (err != STORE_OK) {
        outcome_print("%s is not JSON, from byte %zu on", path, where + 1);
        return OUTCOME_USAGE;
    }
    secrets = find_secrets(path, json_root(document));
    if (secrets.document == NULL)
        return OUTCOME_USAGE;
    for (struct json_value one = json_first(secrets); one.document != NULL; one = json_next(one))
        STEP(pass_member(path, one, each, arg));
    return OUTCOME_OK;
}
