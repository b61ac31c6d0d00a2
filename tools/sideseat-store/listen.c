/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/modes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/channel.h"
#include "platform/programs/listener.h"
#include "store/remote/host.h"
#include "store/remote/lines.h"
#include "tools/sideseat-store/closing.h"
#include "store/log.h"

/* Serves whoever has come, if it is a process of this user. */
static void take_in(struct host *host, int fd)
{
    struct channel channel = {fd, -1};
    uid_t user = (uid_t)-1;
    pid_t pid = 0;

    if (channel_peer(&channel, &pid, &user) && user == geteuid()) {
        host_connection(host, fd);
        return;
    }
    store_log(STORE_LOG_WARNING,
              "store: process %ld is not this user's and may not connect; each user runs a store "
              "process of their own",
              (long)pid);
    channel_close(&channel);
}

/* Serves until the process shall end. */
static int serve_all(const struct store_conf_set *own)
{
    static struct host host;
    enum listener_event event = LISTENER_NOTHING;
    bool crowded = false; /* so that it is logged once */
    int fd;

    lines_redirect();
    host_init(&host, own);
    while (event != LISTENER_END) {
        event = listener_next(&fd);
        if (event == LISTENER_CONNECTION)
            take_in(&host, fd);
        if (event == LISTENER_CROWDED && !crowded)
            store_log(STORE_LOG_WARNING,
                      "store: cannot take in another connection: %s; hosts wait until others have "
                      "closed theirs, or %s",
                      strerror(errno), listener_remedy);
        if (event == LISTENER_CONNECTION || event == LISTENER_CROWDED)
            crowded = event == LISTENER_CROWDED;
    }
    listener_close();
    closing_run(&host);
}

/* What comes before anybody can connect. */
static bool prepare(struct store_conf_set **own)
{
    store_log_open(store_conf_log_level(), store_conf_log_file());
    return store_conf_load(own, NULL) == STORE_OK && listener_begin();
}

int listen_run(const char *place)
{
    struct store_conf_set *own;

    return prepare(&own) && listener_open(place) ? serve_all(own) : EXIT_FAILURE;
}

int activated_run(void)
{
    struct store_conf_set *own;

    return prepare(&own) && listener_take() ? serve_all(own) : EXIT_FAILURE;
}
