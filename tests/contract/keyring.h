/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONTRACT_KEYRING_H
#define TESTS_CONTRACT_KEYRING_H

/* Removes the keyring that a test or a benchmark had the keyutils backend make, from wherever it
 * hangs, with the keys in it. */
void keyring_remove(const char *name);

#endif
