/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PATH_H
#define PLATFORM_PATH_H

#include <stdbool.h>

/* Where Kubernetes has the token of a pod's service account. NULL on Windows, where every user may
 * make this folder if there is none. */
#ifdef _WIN32
#define PLATFORM_SERVICE_TOKEN NULL
#else
#define PLATFORM_SERVICE_TOKEN "/var/run/secrets/kubernetes.io/serviceaccount/token"
#endif

/* True if the path does not depend on the current folder: "/x"; on Windows "C:\x" or
 * "\\server\share". */
bool platform_path_is_absolute(const char *path);

/* Says this for messages. */
extern const char platform_path_form[];

/* True for a place where a shared store process can listen: an absolute path; on Windows a pipe of
 * this machine, "\\.\pipe\NAME" with a NAME in ASCII, or PLATFORM_SOCKET_DEFAULT for a name with
 * this user's SID. `platform_socket_form` says this for messages. */
bool platform_path_is_socket(const char *path);
#define PLATFORM_SOCKET_DEFAULT "default"
extern const char platform_socket_form[];

/* True for `/`, on Windows for `\`, too. */
bool platform_path_is_separator(char c);

/* Cuts an absolute path to its folder; false if it has none. */
bool platform_path_parent(char *path);

#endif
