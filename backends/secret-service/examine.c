/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#include <libsecret/secret.h>
#include <stdio.h>
#include <string.h>

#include "store/audit.h"

/* For doctor: the bus, the service's process, and the libraries. */

struct examination {
    store_finding_fn *each;
    void *arg;
};

/* Asks the bus for a number about the service's owner. */
static enum store_err ask_bus(struct op *op, const char *method, guint32 *out)
{
    struct bus_call call = {.to = BUS_NAME,
                            .path = BUS_PATH,
                            .interface = BUS_NAME,
                            .method = method,
                            .arguments = g_variant_new("(s)", op->link->owner),
                            .type = "(u)"};
    GVariant *reply = NULL;

    TRY(op_ask(op, call, &reply));
    g_variant_get(reply, "(u)", out);
    g_variant_unref(reply);
    return STORE_OK;
}

static enum store_err examine_work(struct op *op, void *arg)
{
    const struct examination *examination = arg;
    struct store_audit_process service;
    guint32 pid = 0;
    guint32 uid = 0;

    TRY(ask_bus(op, "GetConnectionUnixProcessID", &pid));
    TRY(ask_bus(op, "GetConnectionUnixUser", &uid));
    store_audit_process_find((pid_t)pid, (uid_t)uid, &service);
    store_finding_tell(examination->each, examination->arg, "service", STORE_OK, "",
                       "%.150s, process %lu of user %lu", service.program, (unsigned long)pid,
                       (unsigned long)uid);
    return STORE_OK;
}

void secrets_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    struct examination examination = {each, arg};
    struct store_health health = {0};
    char *address = bus_address();

    if (address == NULL)
        store_finding_tell(each, arg, "bus", STORE_UNAVAILABLE,
                           "start the program in a desktop session, or below: dbus-run-session",
                           "neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR names a bus");
    else
        store_finding_tell(each, arg, "bus", STORE_OK, "", "%.200s", address);
    /* health tells why it failed */
    if (address != NULL)
        (void)!op_run((struct op){.ctx = ctx, .doing = "looking", .health = &health}, "timeout_ms",
                      examine_work, &examination);
    g_free(address);
    store_finding_tell(each, arg, "libraries", STORE_OK, "", "GLib %u.%u.%u, libsecret %d.%d.%d",
                       glib_major_version, glib_minor_version, glib_micro_version,
                       SECRET_MAJOR_VERSION, SECRET_MINOR_VERSION, SECRET_MICRO_VERSION);
}
