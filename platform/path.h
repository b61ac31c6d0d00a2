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

/* True for `/`, on Windows for `\`, too. */
bool platform_path_is_separator(char c);

/* Cuts an absolute path to its folder; false if it has none. */
bool platform_path_parent(char *path);

#endif
