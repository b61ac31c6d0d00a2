/* SPDX-License-Identifier: Apache-2.0 */

/* The time from the start of a process to its first signature: first_pair MODULE LABEL. The key is
 * on P-256. */

#include <stdio.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"

int main(int argc, char **argv)
{
    int64_t start = measure_now();
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    unsigned char hash[32] = {0};
    unsigned char out[64];
    CK_ULONG len = sizeof out;
    CK_SESSION_HANDLE session;
    struct host host;

    if (argc != 3) {
        fputs("usage: first_pair MODULE LABEL\n", stderr);
        return 2;
    }
    host_open(&host, argv[1]);
    session = host_session(&host);
    if (host.f->C_SignInit(session, &mechanism, host_private_key(&host, session, argv[2])) !=
            CKR_OK ||
        host.f->C_Sign(session, hash, sizeof hash, out, &len) != CKR_OK)
        measure_fail("no signature");
    measure_print("first", (double)(measure_now() - start) / 1e3, "us");
    host_close(&host);
    return 0;
}
