/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/launch.h"

#include <errno.h>
#include <string.h>

#include "platform/path.h"
#include "store/remote/environment.h"
#include "store/remote/program.h"
#include "store/log.h"
#include "store/user.h"

static enum store_err failed(const char *program, int error)
{
    const char *remedy = "free some memory, processes or descriptors";

    if (error == EPERM || error == EACCES || error == ENOSYS)
        remedy = "check its permissions; where a sandbox forbids this program to start others, "
                 "run \"sideseat-store --listen PATH\" outside of it and name PATH in "
                 "pkcs11.store.socket";
    if (error == ENOENT || error == ENOTDIR || error == ENOEXEC)
        remedy = "install it there, or name it in pkcs11.store.program";
    store_log(STORE_LOG_ERROR, "store: cannot start %s: %s; %s", program, strerror(error), remedy);
    return STORE_UNAVAILABLE;
}

enum store_err launch(const char *program, const struct store_conf *conf, struct launched *out)
{
    /* the store process of a privileged host is as careful as the host */
    char *const arguments[] = {(char[]){"sideseat-store"}, (char[]){"--inherited"},
                               store_privileged() ? (char[]){"--privileged"} : NULL, NULL};
    struct platform_start start = {
        .program = program, .arguments = arguments, .logs = store_log_is_stderr()};
    char **environment;
    int error;

    *out = LAUNCHED_NONE;
    if (!platform_path_is_absolute(program))
        return failed(program, ENOENT);
    TRY(program_check(conf));
    environment = environment_for(conf);
    start.environment = environment;
    error = environment == NULL ? ENOMEM : platform_launch(&start, out);
    environment_free(environment);
    return error == 0 ? STORE_OK : failed(program, error);
}
