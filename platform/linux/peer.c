/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/channel.h"

#include <sys/socket.h>

#include "platform/posix/handover.h"

const bool handover_keeps_sent = false;

bool channel_peer(const struct channel *channel, pid_t *pid, uid_t *user)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(channel->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    *pid = peer.pid;
    *user = peer.uid;
    return true;
}
