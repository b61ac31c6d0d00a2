/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"
#include "store/descriptor.h"
#include "store/time.h"
#include "tools/sideseat-secrets/client.h"
#include "tools/sideseat-secrets/config_file.h"
#include "tools/sideseat-secrets/json_fault.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/status.h"

/* How long another program may keep the file from being replaced, on a system where it can. */
#define REPLACE_NS (5 * STORE_TIME_S)

/* The settings of a token, as the module uses them. */
static enum outcome show(const struct request *request)
{
    AUTO_CLIENT client = {0};
    json_t *status = NULL;
    json_t *settings;
    json_t *one;
    char *text;
    size_t i;

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(status_read(&client, client.label, &status));
    settings = json_object_get(status, "settings");
    if (request->json) {
        text = json_dumps(settings, JSON_INDENT(2) | JSON_ENSURE_ASCII);
        (void)puts(text == NULL ? "[]" : text);
        free(text);
    }
    json_array_foreach(settings, i, one)
    {
        const char *value = json_string_value(json_object_get(one, "value"));
        char shown[LABEL_SIZE];

        label_for_output(value == NULL ? "(secret)" : value, shown);
        if (!request->json)
            (void)printf("%s = %s  [%s]\n", status_text(one, "path"), shown,
                         status_text(one, "origin"));
    }
    json_decref(status);
    return OUTCOME_OK;
}

/* Has a module that starts anew read the file. */
static enum outcome validate(const struct request *request, const char *path)
{
    AUTO_CLIENT client = {0};
    struct request one = *request;

    one.key_count = 0;
    if (path != NULL && setenv(CONFIG_FILE_VARIABLE, path, 1) != 0)
        return outcome_no_memory();
    return client_load(&client, &one);
}

/* Sets the member at a path such as vault.address; objects on the way are made. */
static enum outcome set_member(json_t *document, const char *path, const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    json_t *at = document;
    char name[LABEL_SIZE];
    const char *dot;

    if (value == NULL)
        value = json_string(text);
    for (; (dot = strchr(path, '.')) != NULL && at != NULL; path = dot + 1) {
        (void)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
        if (json_object_get(at, name) == NULL)
            (void)json_object_set_new(at, name, json_object());
        at = json_object_get(at, name);
    }
    if (json_is_object(at) && value != NULL && path[0] != '\0' &&
        json_object_set(at, path, value) == 0) {
        json_decref(value);
        return OUTCOME_OK;
    }
    json_decref(value);
    outcome_print("%s has a part that is not an object, or the value is not UTF-8", path);
    return OUTCOME_USAGE;
}

/* Writes the document to a new file beside `path`, whose mode it gets. Its name is in `made`. */
static enum outcome write_beside(const char *path, const json_t *document, char **made)
{
    struct stat old = {.st_mode = 0600};
    int fd;
    int error;
    bool known = stat(path, &old) == 0;

    if (asprintf(made, "%s.XXXXXX", path) < 0) {
        *made = NULL;
        return outcome_no_memory();
    }
    fd = store_fd_high(mkostemp(*made, O_CLOEXEC));
    error = fd < 0 ? errno : 0;
    if (error == 0 &&
        (json_dumpfd(document, fd, JSON_INDENT(2)) != 0 || store_fd_write(fd, "\n", 1, NULL) != 0 ||
         (known && fchmod(fd, old.st_mode & 07777) != 0) || fsync(fd) != 0))
        error = errno == 0 ? EIO : errno;
    if (fd >= 0)
        (void)close(fd);
    if (error == 0)
        return OUTCOME_OK;
    outcome_print("cannot write %s: %s", *made, strerror(error));
    if (fd >= 0)
        (void)unlink(*made);
    return OUTCOME_FAILED;
}

/* Replaces the file by one with this document, once a module has accepted that. */
static enum outcome replace(const struct request *request, const char *path, const json_t *document)
{
    char *made = NULL;
    enum outcome outcome = write_beside(path, document, &made);

    if (outcome == OUTCOME_OK) {
        outcome = validate(request, made);
        if (outcome == OUTCOME_OK &&
            platform_rename_over(AT_FDCWD, made, path, store_time_monotonic() + REPLACE_NS) != 0) {
            outcome_print("cannot replace %s: %s", path, strerror(errno));
            outcome = OUTCOME_FAILED;
        }
        if (outcome != OUTCOME_OK)
            (void)unlink(made);
    }
    free(made);
    return outcome;
}

static enum outcome load(const char *path, json_t **document)
{
    json_error_t error;

    int fd = store_fd_high(open(path, O_RDONLY | O_CLOEXEC));

    if (fd < 0 && errno == ENOENT) {
        *document = json_object();
        return OUTCOME_OK;
    }
    if (fd < 0) {
        outcome_print("cannot open %s: %s", path, strerror(errno));
        return OUTCOME_USAGE;
    }
    *document = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
    (void)close(fd);
    if (json_is_object(*document))
        return OUTCOME_OK;
    outcome_print("%s is not a JSON object: line %d: %s", path, error.line, json_fault(&error));
    return OUTCOME_USAGE;
}

/* Asks a module whether the setting exists, takes this value, and is not a secret, which every user
 * could read on this command line. */
static enum outcome try_setting(const struct request *request, const char *path, const char *text)
{
    const char *dot = strchr(path, '.');
    struct request one = *request;
    enum outcome outcome;

    if (dot == NULL || strchr(text, '\'') != NULL ||
        (strncmp(path, "secrets.", 8) != 0 && strncmp(path, "pkcs11.", 7) != 0)) {
        outcome_print("a path begins with secrets or pkcs11, as in sideseat.json(5), and a value "
                      "has no quote: '%s'",
                      path);
        return OUTCOME_USAGE;
    }
    if (asprintf(&one.words, "from=command-line %s='%s'", dot + 1, text) < 0)
        return outcome_no_memory();
    outcome = validate(&one, NULL);
    free(one.words);
    return outcome;
}

static enum outcome set(const struct request *request, const char *path, const char *text)
{
    json_t *document = NULL;
    char *file = config_file_find();
    enum outcome outcome;

    if (file == NULL) {
        outcome_print("the home folder is not known; set SIDESEAT_CONFIG");
        return OUTCOME_USAGE;
    }
    outcome = try_setting(request, path, text);
    if (outcome == OUTCOME_OK)
        outcome = load(file, &document);
    if (outcome == OUTCOME_OK)
        outcome = set_member(document, path, text);
    if (outcome == OUTCOME_OK)
        outcome = replace(request, file, document);
    json_decref(document);
    free(file);
    return outcome;
}

enum outcome command_config(const struct request *request)
{
    const char *const *words = request->places;
    size_t count = request->place_count;

    if (count == 1 && strcmp(words[0], "show") == 0)
        return show(request);
    if (count >= 1 && count <= 2 && strcmp(words[0], "validate") == 0)
        return validate(request, words[1]);
    if (count == 3 && strcmp(words[0], "set") == 0)
        return set(request, words[1], words[2]);
    outcome_print("config takes show, set PATH VALUE, or validate [FILE]");
    return OUTCOME_USAGE;
}
