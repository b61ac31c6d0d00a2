/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIDESEAT_PKCS11_H
#define SIDESEAT_PKCS11_H

/*
 * The additions of sideseat-pkcs11.so to Cryptoki. Include a pkcs11.h first (p11-kit's or OASIS').
 *
 * Every vendor attribute is a byte string without a terminating NUL, so that it crosses p11-kit's
 * remote protocol unchanged. All but FALLBACK, ACCEPT_LOSS and LOCK are readable;
 * C_FindObjectsInit accepts those marked S in its template.
 */

#define CKA_SIDESEAT_BASE (CKA_VENDOR_DEFINED | 0x53530000UL)

#define CKA_SIDESEAT_SCOPE (CKA_SIDESEAT_BASE + 1UL)      /* S "global", "org", "project", "user" */
#define CKA_SIDESEAT_SCOPE_ID (CKA_SIDESEAT_BASE + 2UL)   /* S "acme"; empty for a global secret */
#define CKA_SIDESEAT_NAME (CKA_SIDESEAT_BASE + 3UL)       /* S "openai_api_key" */
#define CKA_SIDESEAT_CREATED_AT (CKA_SIDESEAT_BASE + 4UL) /* S RFC 3339; empty if not known */
#define CKA_SIDESEAT_UPDATED_AT (CKA_SIDESEAT_BASE + 5UL) /* S RFC 3339; empty if not known */

/* Opaque; differs after each write; empty if the store has none. A call that reads it together
 * with CKA_VALUE gets the version of that value, never a newer one. In the template of
 * C_CreateObject or C_SetAttributeValue it makes the change conditional: the secret must have
 * this version, "0" meaning that it must not exist. Otherwise the call returns
 * CKR_SIDESEAT_CONFLICT and changes nothing. */
#define CKA_SIDESEAT_VERSION (CKA_SIDESEAT_BASE + 6UL)

#define CKA_SIDESEAT_BACKEND (CKA_SIDESEAT_BASE + 7UL) /* S "file", "vault", ... */

/* "1" if the value has expired and the store is unreachable; else "0". */
#define CKA_SIDESEAT_STALE (CKA_SIDESEAT_BASE + 8UL)

/* Only in the template of C_FindObjectsInit, with a bare name in CKA_LABEL: a comma-separated list
 * of scopes ("org/acme,global"). Finds the secret of that name in the first scope that has it. */
#define CKA_SIDESEAT_FALLBACK (CKA_SIDESEAT_BASE + 9UL)

/* Of a CKO_SIDESEAT_STATUS object: a JSON object (UTF-8) with the token's backend, its settings
 * with their origins, and its health. A read may call the store. See sideseat-pkcs11(7). */
#define CKA_SIDESEAT_STATUS (CKA_SIDESEAT_BASE + 10UL)

/* Only for C_SetAttributeValue on a CKO_SIDESEAT_STATUS object, in a read/write session, with
 * the value "1": accepts the loss of secrets. A damaged store that was saved in part answers
 * CORRUPT for each secret that it lacks; from then on it answers that the secret does not exist.
 * Nothing else changes. A person must decide this, never a program. */
#define CKA_SIDESEAT_ACCEPT_LOSS (CKA_SIDESEAT_BASE + 11UL)

/* Only for C_SetAttributeValue on a CKO_SIDESEAT_STATUS object, in any session, with the value "1":
 * locks the store, for every program that uses it, until a login. C_Logout ends the login of the
 * caller alone, so it leaves the store open. CKR_FUNCTION_NOT_SUPPORTED if the store has no lock;
 * CKR_SIDESEAT_DENIED if a shared store process keeps it open for others. */
#define CKA_SIDESEAT_LOCK (CKA_SIDESEAT_BASE + 18UL)

/* Of a CKO_SIDESEAT_STATUS object: the same as CKA_SIDESEAT_STATUS with a member "findings", an
 * array of what a closer look has found: rights, modes of files, services, versions. A read calls
 * the store and may take as long as an operation. */
#define CKA_SIDESEAT_DIAGNOSIS (CKA_SIDESEAT_BASE + 16UL)

/* S, with the value "1" and a key in CKA_LABEL (or another attribute that names one secret): finds
 * the versions that the store keeps of the secret, the newest first, of a deleted one, too. Each is
 * a read-only data object of the session, whose CKA_VALUE is the value of that version, and which
 * no other search finds; the session's next such search ends it. CKA_SIDESEAT_VERSION is the
 * version. CKR_FUNCTION_NOT_SUPPORTED if the store keeps no old versions. To go back to a version,
 * set its value in the secret, with the current CKA_SIDESEAT_VERSION beside it. */
#define CKA_SIDESEAT_HISTORY (CKA_SIDESEAT_BASE + 12UL)

/* S Of a version: its number, in decimal, from 1. A store that names versions otherwise has their
 * order in time here. */
#define CKA_SIDESEAT_VERSION_NUMBER (CKA_SIDESEAT_BASE + 13UL)

/* S Of a version: "current", "old", "deleted" (not readable, but can be brought back) or
 * "destroyed". C_SetAttributeValue with "current" brings a deleted version back (in AWS the whole
 * secret); with "deleted", on the current version, it deletes the secret and keeps its versions.
 * The object goes on to show the state that the search found. */
#define CKA_SIDESEAT_VERSION_STATE (CKA_SIDESEAT_BASE + 14UL)

/* Of a deleted version: the time from which the store may destroy it, RFC 3339; empty if it keeps
 * it without a limit. */
#define CKA_SIDESEAT_RECOVERABLE_UNTIL (CKA_SIDESEAT_BASE + 15UL)

/* Of a version: "1" if C_DestroyObject on the secret would destroy its versions, too; else "0".
 * C_SetAttributeValue with the value "1", in a read/write session, removes the secret and all its
 * versions, for good. */
#define CKA_SIDESEAT_DESTROY_ALL (CKA_SIDESEAT_BASE + 17UL)

/* The class of each token's status object. Only a search for this class finds it. */
#define CKO_SIDESEAT_STATUS (CKO_VENDOR_DEFINED | 0x53530001UL)

/* The secret does not have the version in CKA_SIDESEAT_VERSION; nothing has changed. */
#define CKR_SIDESEAT_CONFLICT (CKR_VENDOR_DEFINED | 0x53530001UL)

/* The secret exists but has no value yet (in AWS: someone made it without one). Any write gives
 * it its first value, C_GenerateKey and a version of "0" included. */
#define CKR_SIDESEAT_NO_VALUE (CKR_VENDOR_DEFINED | 0x53530002UL)

/* The store knows the caller and denies the request. */
#define CKR_SIDESEAT_DENIED (CKR_VENDOR_DEFINED | 0x53530003UL)

/* The credentials for the store are missing, expired or wrong. */
#define CKR_SIDESEAT_UNAUTHENTICATED (CKR_VENDOR_DEFINED | 0x53530004UL)

/* The stored data is damaged. The module never treats it as absent. */
#define CKR_SIDESEAT_DAMAGED (CKR_VENDOR_DEFINED | 0x53530005UL)

/* A setting is wrong or missing. The log names it. */
#define CKR_SIDESEAT_MISCONFIGURED (CKR_VENDOR_DEFINED | 0x53530006UL)

#endif
