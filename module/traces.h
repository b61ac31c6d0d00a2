/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TRACES_H
#define MODULE_TRACES_H

/* Overwrite what libcrypto has left of a secret below the caller's stack frame, and in the vector
 * registers: a host's call through its linkage table may spill these to its stack. */

/* After a hash, or AES, which use less than 2 KiB of stack. */
void traces_wipe_hash(void);

/* After a use of a private key: RSA spills parts of the primes some KiB down. */
void traces_wipe_key(void);

#endif
