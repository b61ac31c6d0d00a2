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
#include "platform/path.h"
#include "sideseat-pkcs11.h"
#include "store/descriptor.h"
#include "store/time.h"
#include "tools/sideseat-secrets/client.h"
#include "tools/sideseat-secrets/config_edit.h"
#include "tools/sideseat-secrets/config_file.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/module_log.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/status.h"

/* How long another program may keep the file from being replaced, on a system where it can. */
#define REPLACE_NS (5 * STORE_TIME_S)

#define PATH_SIZE 4096

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

/* The file, from the root on: the module takes nothing from the current folder by itself. The
 * caller frees it; NULL without memory. */
static char *whole_path(const char *path)
{
    char folder[PATH_SIZE];
    char *whole = NULL;

    if (platform_path_is_absolute(path) || getcwd(folder, sizeof folder) == NULL)
        return strdup(path);
    return asprintf(&whole, "%s/%s", folder, path) < 0 ? NULL : whole;
}

/* Starts a new module, which reads the given file, or else the usual ones. */
static enum outcome validate(const struct request *request, const char *path)
{
    AUTO_PRINT_JSON json = {0};
    AUTO_CLIENT client = {0};
    char *whole = NULL;
    bool known;

    if (path != NULL) {
        whole = whole_path(path);
        known = whole != NULL && setenv(CONFIG_FILE_VARIABLE, whole, 1) == 0;
        free(whole);
        if (!known)
            return outcome_no_memory();
    }
    STEP(client_load(&client, request));
    if (!request->json)
        return OUTCOME_OK;
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    print_json_flag(&json, "valid", true);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

/* A change of a setting: `made` is the file to try it with, and NULL at first. */
struct change {
    const char *path; /* of the setting */
    const char *value;
    const char *file;
    char *made;
};

/* The text without this beginning, if it has it. */
static const char *without(const char *text, const char *beginning)
{
    size_t len = strlen(beginning);

    return strncmp(text, beginning, len) == 0 ? text + len : text;
}

/* Prints why the module refuses the change, in words that fit it rather than what was tried. */
static enum outcome refuse_change(const struct change *change, CK_RV rv)
{
    enum module_log_kind kind;
    char line[MODULE_LOG_SIZE];
    char rest[MODULE_LOG_SIZE];
    const char *text = line;
    bool found = false;

    if (rv != CKR_ARGUMENTS_BAD && rv != CKR_SIDESEAT_MISCONFIGURED)
        return outcome_of_rv("set", change->path, rv);
    while (!found && module_log_next(&kind, line))
        found = kind == MODULE_LOG_ERROR;
    if (!found)
        return outcome_of_rv("set", change->path, rv);
    while (module_log_next(&kind, rest))
        ;
    text = without(without(line, "conf: "), "arguments: ");
    if (text != line && change->made == NULL)
        text = without(without(text, config_setting_name(change->path)), ": ");
    if (change->made != NULL && strncmp(text, change->made, strlen(change->made)) == 0)
        outcome_print("cannot set %s: %s%s", change->path, change->file,
                      text + strlen(change->made));
    else
        outcome_print("cannot set %s: %s", change->path, text);
    return OUTCOME_USAGE;
}

/* Starts a new module with the words of the request and the new file, to see if it takes them. */
static enum outcome try_change(const struct request *request, const struct change *change)
{
    AUTO_CLIENT client = {0};
    CK_RV rv = CKR_OK;

    if (change->made != NULL && setenv(CONFIG_FILE_VARIABLE, change->made, 1) != 0)
        return outcome_no_memory();
    STEP(client_start(&client, request, &rv));
    return rv == CKR_OK ? OUTCOME_OK : refuse_change(change, rv);
}

/* Writes the text to a new file beside the old one, whose mode it gets. Its name is in `made`. */
static enum outcome write_beside(struct change *change, const struct store_secret *text)
{
    struct stat old = {.st_mode = 0600};
    int fd;
    int error;
    bool known = stat(change->file, &old) == 0;

    if (asprintf(&change->made, "%s.XXXXXX", change->file) < 0) {
        change->made = NULL;
        return outcome_no_memory();
    }
    fd = store_fd_high(mkostemp(change->made, O_CLOEXEC));
    error = fd < 0 ? errno : store_fd_write(fd, text->data, text->len, NULL);
    if (error == 0 && ((known && fchmod(fd, old.st_mode & 07777) != 0) || fsync(fd) != 0))
        error = errno;
    if (fd >= 0)
        (void)close(fd);
    if (error == 0)
        return OUTCOME_OK;
    outcome_print("cannot write a new file beside %s: %s", change->file, strerror(error));
    if (fd >= 0)
        (void)unlink(change->made);
    return OUTCOME_FAILED;
}

/* Replaces the file by one with this text, once a module has accepted that. */
static enum outcome replace(const struct request *request, struct change *change,
                            const struct store_secret *text)
{
    enum outcome outcome = write_beside(change, text);

    if (outcome == OUTCOME_OK) {
        outcome = try_change(request, change);
        if (outcome == OUTCOME_OK &&
            platform_rename_over(AT_FDCWD, change->made, change->file,
                                 store_time_monotonic() + REPLACE_NS) != 0) {
            outcome_print("cannot replace %s: %s", change->file, strerror(errno));
            outcome = OUTCOME_FAILED;
        }
        if (outcome != OUTCOME_OK)
            (void)unlink(change->made);
    }
    free(change->made);
    return outcome;
}

/* Reads the file; a new one is an empty object. */
static enum outcome load(const char *path, struct store_secret *text)
{
    static const char empty[] = "{}\n";

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return store_secret_set(text, empty, sizeof empty - 1) == STORE_OK ? OUTCOME_OK
                                                                           : outcome_no_memory();
    return input_read_file(path, text);
}

/* Asks a module whether the setting exists, takes this value, and is not a secret, which every user
 * could read on this command line. */
static enum outcome try_setting(const struct request *request, const struct change *change)
{
    const char *name = config_setting_name(change->path);
    struct request one = *request;
    enum outcome outcome;

    if (name == change->path || name[0] == '\0') {
        outcome_print(
            "'%s' is not the whole path of a setting, which begins with secrets or pkcs11: "
            "secrets.timeout_ms, pkcs11.cache.ttl_s (sideseat.json(5))",
            change->path);
        return OUTCOME_USAGE;
    }
    if (strchr(change->value, '\'') != NULL) {
        outcome_print("cannot set %s to a value with the quote '; write it into %s by hand",
                      change->path, change->file);
        return OUTCOME_USAGE;
    }
    if (asprintf(&one.words, "from=command-line %s='%s'", name, change->value) < 0)
        return outcome_no_memory();
    outcome = try_change(&one, change);
    free(one.words);
    return outcome;
}

static enum outcome set(const struct request *request, const char *path, const char *value)
{
    AUTO_SECRET old = {0};
    AUTO_SECRET text = {0};
    char *file = config_file_find();
    struct change change = {.path = path, .value = value, .file = file};
    enum outcome outcome;

    if (file == NULL) {
        outcome_print("the home folder is not known; set SIDESEAT_CONFIG");
        return OUTCOME_USAGE;
    }
    outcome = try_setting(request, &change);
    if (outcome == OUTCOME_OK)
        outcome = load(file, &old);
    if (outcome == OUTCOME_OK)
        outcome = config_edit(file, &old, path, value, &text);
    if (outcome == OUTCOME_OK)
        outcome = replace(request, &change, &text);
    if (outcome == OUTCOME_OK && request->json)
        outcome = print_json_alone("file", file);
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
