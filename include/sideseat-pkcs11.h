/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIDESEAT_PKCS11_H
#define SIDESEAT_PKCS11_H

/*
 * What sideseat-pkcs11.so adds to Cryptoki. Include a pkcs11.h first (p11-kit's or OASIS').
 *
 * Every vendor attribute is a byte string without a terminating NUL, so that it crosses p11-kit's
 * remote protocol unchanged. All but FALLBACK can be read; those marked S work in a template of
 * C_FindObjectsInit.
 */

#define CKA_SIDESEAT_BASE (CKA_VENDOR_DEFINED | 0x53530000UL)

#define CKA_SIDESEAT_SCOPE (CKA_SIDESEAT_BASE + 1UL)      /* S "global", "org", "project", "user" */
#define CKA_SIDESEAT_SCOPE_ID (CKA_SIDESEAT_BASE + 2UL)   /* S "acme"; empty for a global secret */
#define CKA_SIDESEAT_NAME (CKA_SIDESEAT_BASE + 3UL)       /* S "openai_api_key" */
#define CKA_SIDESEAT_CREATED_AT (CKA_SIDESEAT_BASE + 4UL) /* S RFC 3339; empty if not known */
#define CKA_SIDESEAT_UPDATED_AT (CKA_SIDESEAT_BASE + 5UL) /* S RFC 3339; empty if not known */

/* Opaque; differs after each write; empty if the store has none. Read in one call with CKA_VALUE,
 * it is that value's, and never a newer one's. In the template of C_CreateObject
 * or C_SetAttributeValue the change is made only if the secret is at this version, "0" meaning that
 * it must not exist; otherwise CKR_SIDESEAT_CONFLICT, and nothing has changed. */
#define CKA_SIDESEAT_VERSION (CKA_SIDESEAT_BASE + 6UL)

#define CKA_SIDESEAT_BACKEND (CKA_SIDESEAT_BASE + 7UL) /* S "file", "vault", ... */

/* "1" if the value is an expired one, served because the store cannot be reached; else "0". */
#define CKA_SIDESEAT_STALE (CKA_SIDESEAT_BASE + 8UL)

/* Only in the template of C_FindObjectsInit, with a bare name in CKA_LABEL: a comma-separated list
 * of scopes ("org/acme,global"). Finds the secret of that name in the first scope that has it. */
#define CKA_SIDESEAT_FALLBACK (CKA_SIDESEAT_BASE + 9UL)

/* Of a CKO_SIDESEAT_STATUS object: a JSON object (UTF-8) on the token's backend, its settings with
 * where each comes from, and its health. Reading it may ask the store. See sideseat-pkcs11(7). */
#define CKA_SIDESEAT_STATUS (CKA_SIDESEAT_BASE + 10UL)

/* Only for C_SetAttributeValue on a CKO_SIDESEAT_STATUS object, in a read/write session, with the
 * value "1": accepts that secrets were lost. A store that was damaged and could be saved in part
 * answers CORRUPT for each secret that it does not have; from then on it answers that there is
 * none. Nothing else changes. For a person to decide, never for a program by itself. */
#define CKA_SIDESEAT_ACCEPT_LOSS (CKA_SIDESEAT_BASE + 11UL)

/* The class of the one status object of each token. It is found only by asking for this class. */
#define CKO_SIDESEAT_STATUS (CKO_VENDOR_DEFINED | 0x53530001UL)

/* The secret is not at the version that CKA_SIDESEAT_VERSION asked for; nothing has changed. */
#define CKR_SIDESEAT_CONFLICT (CKR_VENDOR_DEFINED | 0x53530001UL)

/* The secret is there, but has no value yet (in AWS: it was made without one). Whatever writes it,
 * C_GenerateKey and a version of "0" included, gives it the first. */
#define CKR_SIDESEAT_NO_VALUE (CKR_VENDOR_DEFINED | 0x53530002UL)

/* The store knows who asks and does not allow it. */
#define CKR_SIDESEAT_DENIED (CKR_VENDOR_DEFINED | 0x53530003UL)

/* The credentials for the store are missing, expired or wrong. */
#define CKR_SIDESEAT_UNAUTHENTICATED (CKR_VENDOR_DEFINED | 0x53530004UL)

/* What the store holds cannot be read. Not for a moment does it count as absent. */
#define CKR_SIDESEAT_DAMAGED (CKR_VENDOR_DEFINED | 0x53530005UL)

/* A setting is wrong or missing. The log names it. */
#define CKR_SIDESEAT_MISCONFIGURED (CKR_VENDOR_DEFINED | 0x53530006UL)

#endif
