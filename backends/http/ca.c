/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/ca.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/descriptor.h"
#include "store/log.h"
#include "store/trusted_file.h"

#define FILE_MAX ((size_t)8 * 1024 * 1024)
#define DEPTH_MAX 16
#define FILES_MAX 20000

/* A folder that is being read into a list. */
struct walk {
    const char *setting;
    STACK_OF(X509) * found;
    int files;
};

/* Never asks for a passphrase: a certificate that needs one is skipped. */
static int no_passphrase(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static enum store_err certificates_add(STACK_OF(X509) * found, const struct store_secret *text)
{
    BIO *bio = BIO_new_mem_buf(text->data, (int)text->len);
    enum store_err err = bio == NULL ? STORE_NO_MEMORY : STORE_OK;
    bool more = true;

    while (err == STORE_OK && more) {
        X509 *x509 = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL);

        if (x509 != NULL &&
            !X509_add_cert(found, x509, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP))
            err = STORE_NO_MEMORY;
        /* a damaged certificate says nothing about the next */
        more = x509 != NULL || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
        X509_free(x509);
        ERR_clear_error();
    }
    BIO_free(bio);
    return err;
}

static enum store_err file_add(const char *path, const char *setting, STACK_OF(X509) * found)
{
    char why[STORE_TRUSTED_WHY];
    AUTO_SECRET text = {0};
    enum store_err err = store_trusted_read(path, FILE_MAX, &text, NULL, why);

    if (err == STORE_NO_MEMORY)
        return err;
    if (err == STORE_OK)
        return text.len == 0 ? STORE_OK : certificates_add(found, &text);
    store_log(STORE_LOG_ERROR, "http: %s: %s", setting, why);
    return STORE_BAD_CONF;
}

enum store_err http_ca_file_check(const char *path, const char *setting)
{
    STACK_OF(X509) *found = sk_X509_new_null();
    enum store_err err = found == NULL ? STORE_NO_MEMORY : file_add(path, setting, found);

    if (err == STORE_OK && sk_X509_num(found) == 0) {
        store_log(STORE_LOG_ERROR,
                  "http: %s: %s has no certificate in PEM; name a file that has the CA's", setting,
                  path);
        err = STORE_BAD_CONF;
    }
    sk_X509_pop_free(found, X509_free);
    return err;
}

static enum store_err folder_add(struct walk *walk, const char *path, int depth);

/* Handles one entry of a folder: a file, or a folder that is not a link. */
static enum store_err entry_add(struct walk *walk, const char *path, int depth)
{
    struct stat st;
    bool link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);

    if (stat(path, &st) != 0)
        return STORE_OK; /* the file has gone, or its link leads nowhere */
    if (S_ISDIR(st.st_mode))
        return link || depth == DEPTH_MAX ? STORE_OK : folder_add(walk, path, depth + 1);
    if (!S_ISREG(st.st_mode))
        return STORE_OK;
    if (++walk->files <= FILES_MAX)
        return file_add(path, walk->setting, walk->found);
    store_log(STORE_LOG_ERROR, "http: %s: there are more than %d files; name another folder",
              walk->setting, FILES_MAX);
    return STORE_BAD_CONF;
}

static enum store_err folder_add(struct walk *walk, const char *path, int depth)
{
    int fd = store_fd_high(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    enum store_err err = STORE_OK;
    struct dirent *entry;
    char inner[PATH_MAX];

    if (dir == NULL) {
        store_log(STORE_LOG_ERROR,
                  "http: %s: cannot read the folder %s: %s; name another or fix its "
                  "permissions",
                  walk->setting, path, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return STORE_BAD_CONF;
    }
    while (err == STORE_OK && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < (int)sizeof inner)
            err = entry_add(walk, inner, depth);
    (void)closedir(dir);
    return err;
}

static enum store_err list_write(STACK_OF(X509) * found, char **pem, size_t *len)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL;
    char *data = NULL;
    long size;

    for (int i = 0; ok && i < sk_X509_num(found); i++)
        ok = PEM_write_bio_X509(bio, sk_X509_value(found, i)) == 1;
    size = ok ? BIO_get_mem_data(bio, &data) : 0;
    *pem = size > 0 ? malloc((size_t)size) : NULL;
    if (*pem != NULL)
        memcpy(*pem, data, (size_t)size);
    *len = (size_t)size;
    BIO_free(bio);
    return *pem == NULL ? STORE_NO_MEMORY : STORE_OK;
}

enum store_err http_ca_folder_read(const char *path, const char *setting, char **pem, size_t *len)
{
    struct walk walk = {.setting = setting, .found = sk_X509_new_null()};
    enum store_err err = walk.found == NULL ? STORE_NO_MEMORY : folder_add(&walk, path, 0);

    if (err == STORE_OK && sk_X509_num(walk.found) == 0) {
        store_log(STORE_LOG_ERROR,
                  "http: %s: no file in %s has a certificate in PEM; put the CA's there", setting,
                  path);
        err = STORE_BAD_CONF;
    }
    if (err == STORE_OK)
        err = list_write(walk.found, pem, len);
    sk_X509_pop_free(walk.found, X509_free);
    return err;
}
