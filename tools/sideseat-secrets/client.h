/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_CLIENT_H
#define TOOLS_SIDESEAT_SECRETS_CLIENT_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>

#include "store/secret.h"
#include "tools/sideseat-secrets/request.h"

/* Room for a token's label with its NUL. */
#define CLIENT_LABEL_SIZE 33

enum client_access { CLIENT_READ, CLIENT_WRITE };

/* A loaded module, and the session with the token that was asked for. Zero-initialized is empty. */
struct client {
    const struct request_option *options; /* of the request that the module was loaded for */
    size_t option_count;
    void *library;
    const char *path; /* of the module; may be `installed` */
    char *installed;  /* the path of the installed module; NULL: not looked for, or none */
    CK_FUNCTION_LIST *p11;
    bool initialized;
    CK_SESSION_HANDLE session;     /* 0: none */
    CK_SLOT_ID slot;               /* of the session */
    enum client_access access;     /* of the session */
    char label[CLIENT_LABEL_SIZE]; /* of the session's token */
    bool named;                    /* the request, or a URI, names that token */
    bool ours;                     /* client_is_ours of that token */
};

/* Loads and initializes the module that the request, the environment or the build names. */
enum outcome client_load(struct client *client, const struct request *request) STORE_CHECKED;

/* The same, but `answer` gets what C_Initialize has answered, which is not printed. */
enum outcome client_start(struct client *client, const struct request *request,
                          CK_RV *answer) STORE_CHECKED;

/* Opens a session with the token in `slot`, closing the one before, and logs in if the request
 * asks for it. */
enum outcome client_connect_slot(struct client *client, const struct request *request,
                                 CK_SLOT_ID slot, enum client_access access) STORE_CHECKED;

/* Opens a session with the token that the request and `uri` name; keeps an open one of that token
 * and access. */
enum outcome client_use(struct client *client, const struct request *request, const struct uri *uri,
                        enum client_access access) STORE_CHECKED;

/* True if the session's token is one that the URI names. */
bool client_fits(struct client *client, const struct uri *uri);

/* Prints that the module has no token of this label, or for NULL none at all. NOT_FOUND. */
enum outcome client_absent(const struct client *client, const char *label) STORE_CHECKED;

/* client_load, and a session with the token that the request and its first key name. */
enum outcome client_open(struct client *client, const struct request *request,
                         enum client_access access) STORE_CHECKED;

/* Both with one more setting for the module, such as "cache.ttl_s='0'". */
enum outcome client_load_with(struct client *client, const struct request *request,
                              const char *setting) STORE_CHECKED;
enum outcome client_open_with(struct client *client, const struct request *request,
                              enum client_access access, const char *setting) STORE_CHECKED;

/* Logs in for one use of a key with CKA_ALWAYS_AUTHENTICATE, which has begun. LOCKED, which is
 * printed, unless the request asks for a login. */
enum outcome client_confirm(struct client *client, const struct request *request,
                            const char *key) STORE_CHECKED;

/* The slots with tokens; the caller frees `slots`. */
enum outcome client_slots(struct client *client, CK_SLOT_ID **slots, CK_ULONG *count) STORE_CHECKED;

/* Tells about the token in `slot`; false if there is none, or none that is ready for use. */
bool client_token(struct client *client, CK_SLOT_ID slot, CK_TOKEN_INFO *info);

/* True for a token of sideseat-pkcs11, whose labels are keys. */
bool client_is_ours(const CK_TOKEN_INFO *info);

/* The token's label without its padding. */
void client_label(const CK_TOKEN_INFO *info, char out[CLIENT_LABEL_SIZE]);

/* Ends the session alone: of a copy of a client that shares its module. Idempotent. */
void client_disconnect(struct client *client);

/* Ends session and module. Idempotent. */
void client_close(struct client *client);

#define AUTO_CLIENT __attribute__((cleanup(client_close))) struct client

#endif
