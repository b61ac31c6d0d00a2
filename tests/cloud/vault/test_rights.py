#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`status` for a token whose policies allow much, little or nothing, and for a wrong mount."""
from vault import Case, main

ANY = '["read"]'
# the path of a policy, its capabilities, and the health; {} is the prefix
WITH_DEFAULT = (
    ("secret/data/{}/*", ANY, "OK"),
    ("secret/data/{}/org/acme/*", ANY, "OK"),
    ("secret/data/{}/global/one", ANY, "OK"),
    ("secret/data/{}*", ANY, "OK"),
    ("secret/*", ANY, "OK"),
    ("secret/data/+/+/org/*", ANY, "OK"),
    ("secret/+/{}/global/one", ANY, "OK"),
    ("secret/data/{}/*", '["create", "update", "read"]', "OK"),
    ("secret/data/{}/*", '["create", "update"]', "DENIED"),
    ("secret/data/{}/*", '["deny"]', "DENIED"),
    ("secret/data/{}", ANY, "DENIED"),
    ("secret/data/{}x/*", ANY, "DENIED"),
    ("secret/data/other/*", ANY, "DENIED"),
    ("secret/data/+/x/*", ANY, "DENIED"),
    ("secret/metadata/{}/*", '["list", "read", "delete"]', "DENIED"),
    ("cubbyhole/*", ANY, "DENIED"),
)


class Rights(Case):
    def health(self, path, capabilities, settings=None, **token):
        self.api.policy(self.prefix, f'path "{path.format(self.prefix)}" {{ capabilities = {capabilities} }}')
        probe = self.opened(token=self.api.token(policies=[self.prefix], **token), **(settings or {}))
        return probe.ask("health")

    def test_the_policies_tell_whether_a_secret_can_be_read(self):
        for path, capabilities, answer in WITH_DEFAULT:
            with self.subTest(path, capabilities=capabilities):
                told = self.health(path, capabilities)
                self.assertEqual(told.split()[0], answer, told)
                if answer == "DENIED":
                    self.assertIn("policies", told)

    def test_without_the_default_policy_a_right_to_the_mount_passes(self):
        for path, answer in (("secret/data/{}/*", "OK"), ("secret/data/{}/global/one", "OK"),
                             ("cubbyhole/*", "DENIED")):
            with self.subTest(path):
                told = self.health(path, ANY, no_default_policy=True)
                self.assertEqual(told.split()[0], answer, told)

    def test_a_mount_that_is_missing_or_another_kind_is_a_wrong_setting(self):
        for mount in ("nope", "cubbyhole"):
            told = self.opened(mount=mount).ask("health")
            self.assertEqual(told.split()[0], "BAD_CONF", told)
            self.assertIn("set vault.mount", told)
        told = self.health("secret/data/{}/*", ANY, {"mount": "nope"})
        self.assertEqual(told.split()[0], "DENIED", told)

    def test_a_healthy_token_is_asked_nothing_that_is_denied(self):
        probe = self.opened()
        for _ in range(3):
            self.assertEqual(probe.ask("health").split()[0], "OK")
        self.assertEqual(probe.logged(), "")


if __name__ == "__main__":
    main()
