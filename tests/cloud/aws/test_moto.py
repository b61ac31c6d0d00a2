# SPDX-License-Identifier: Apache-2.0
"""AWS's own cases, beyond the contract's suite, against moto. Run by with_botocore.py, so that boto3
can write other programs' secrets."""

import json
import pathlib
import threading
import unittest

import boto3

from aws_store import Store
from moto_case import MotoCase


class Aws(MotoCase):
    def store(self, *settings, **variables):
        return Store(self.environment(**variables), f"aws.prefix={self.prefix}", *settings)

    def name(self, key):
        return f"{self.prefix}/{key}"

    def put(self, key, value):
        self.client.create_secret(Name=self.name(key), SecretString=value)


class Values(Aws):
    def test_the_record_is_the_one_sideseat_writes(self):
        with self.store() as store:
            self.assertEqual(store.ask("write", "org/acme/key", "v1")[0], "OK")
        held = json.loads(self.client.get_secret_value(
            SecretId=self.name("org/acme/key"))["SecretString"])
        self.assertEqual(held["value"], "v1")
        self.assertEqual(set(held), {"value", "metadata"})
        self.assertEqual(set(held["metadata"]), {"created_at", "updated_at"})
        self.assertTrue(held["metadata"]["created_at"].endswith("Z"))

    def test_other_programs_secrets_are_read(self):
        self.put("global/plain", "just-text")
        self.put("global/number", "12")
        self.put("global/other", '{"username":"u","password":"p"}')
        self.put("global/theirs", '{"value":5,"x":1}')
        self.client.create_secret(Name=self.name("global/binary"), SecretBinary=b"bytes")
        with self.store() as store:
            self.assertEqual(store.read("global/plain"), "just-text")
            self.assertEqual(store.read("global/number"), "12")
            self.assertEqual(store.read("global/other"), '{"username":"u","password":"p"}')
            self.assertEqual(store.read("global/theirs"), '{"value":5,"x":1}')
            self.assertEqual(store.read("global/binary"), "bytes")

    def test_a_damaged_record_is_an_error_and_can_be_replaced(self):
        self.put("global/a", '{"value":"","metadata":{}}')
        self.put("global/b", '{"value":"x","encoding":"rot13"}')
        with self.store() as store:
            self.assertEqual(store.read("global/a"), "<CORRUPT>")
            self.assertEqual(store.read("global/b"), "<CORRUPT>")
            self.assertEqual(store.ask("write", "global/a", "new")[0], "OK")
            self.assertEqual(store.read("global/a"), "new")

    def stored(self, key):
        return self.client.get_secret_value(SecretId=self.name(key))["SecretString"]

    def test_an_object_written_over_fields_replaces_them(self):
        with self.store() as store:
            self.put("global/a", '{"user": "u", "password": "old"}')
            new = '{"password":"n\\u00e9w","port":1e2}'
            self.assertEqual(store.ask("write", "global/a", new)[0], "OK")
            self.assertEqual(self.stored("global/a"), new)
            self.assertEqual(store.read("global/a"), new)
            self.client.put_secret_value(SecretId=self.name("global/a"), SecretString='{"password":"theirs"}')
            self.assertEqual(store.read("global/a"), '{"password":"theirs"}')

    def test_what_cannot_be_fields_becomes_a_record(self):
        with self.store() as store:
            for i, text in enumerate(("[1]", "{}", "text", '{"value":"v"}', '{"a":')):
                self.put(f"global/t{i}", '{"user":"u"}')
                self.assertEqual(store.ask("write", f"global/t{i}", text)[0], "OK")
                self.assertEqual(json.loads(self.stored(f"global/t{i}"))["value"], text)
                self.assertEqual(store.read(f"global/t{i}"), text)
            self.put("global/plain", "no fields")
            self.assertEqual(store.ask("write", "global/plain", '{"user":"u"}')[0], "OK")
            self.assertEqual(json.loads(self.stored("global/plain"))["value"], '{"user":"u"}')

    def test_foreign_members_and_created_at_are_kept(self):
        self.put("global/a", json.dumps(
            {"value": "old", "owner": {"team": "x"},
             "metadata": {"created_at": "2024-01-01T00:00:00Z", "note": "n"}}))
        with self.store() as store:
            self.assertEqual(store.ask("write", "global/a", "new")[0], "OK")
        held = json.loads(self.client.get_secret_value(
            SecretId=self.name("global/a"))["SecretString"])
        self.assertEqual(held["value"], "new")
        self.assertEqual(held["owner"], {"team": "x"})
        self.assertEqual(held["metadata"]["note"], "n")
        self.assertEqual(held["metadata"]["created_at"], "2024-01-01T00:00:00Z")

    def test_a_value_that_is_too_big_is_refused_before_the_call(self):
        self.moto.control("reset")
        with self.store() as store:
            self.assertEqual(store.ask("write", "global/a", "x" * 65536, "0")[0], "TOO_BIG")
            self.assertIn("65536", store.log())
        self.assertNotIn("CreateSecret", self.moto.control("counts"))


class Deletion(Aws):
    def test_a_deleted_secret_can_be_restored_and_is_never_written_over(self):
        with self.store("aws.recovery_window_days=7") as store:
            store.ask("write", "global/a", "one")
            self.assertEqual(store.ask("remove", "global/a")[0], "OK")
            self.assertEqual(store.read("global/a"), "<NOT_FOUND>")
            self.assertEqual(store.ask("list", "-"), ("OK", []))
            self.assertEqual(store.ask("remove", "global/a")[0], "NOT_FOUND")
            for version in ([], ["0"]):
                self.assertEqual(store.ask("write", "global/a", "two", *version)[0],
                                 "UNSUPPORTED")
            self.assertIn("restore-secret --region eu-west-1 --secret-id "
                          + self.name("global/a"), store.log())
            self.client.restore_secret(SecretId=self.name("global/a"))
            self.assertEqual(store.read("global/a"), "one")

    def test_the_recovery_window_is_the_one_that_is_set(self):
        with self.store("aws.recovery_window_days=9") as store:
            store.ask("write", "global/a", "one")
            store.ask("remove", "global/a")
        described = self.client.describe_secret(SecretId=self.name("global/a"))
        left = described["DeletedDate"].timestamp() - described["LastChangedDate"].timestamp()
        self.assertAlmostEqual(left / 86400, 9, places=1)

    def test_removing_at_another_version_takes_nothing_away(self):
        with self.store("aws.recovery_window_days=7") as store:
            version = store.ask("write", "global/a", "one")[1][0].split()[1]
            store.ask("write", "global/a", "two")
            self.assertEqual(store.ask("remove", "global/a", version)[0], "CONFLICT")
            self.assertEqual(store.read("global/a"), "two")

    def test_a_window_that_aws_does_not_have_is_a_mistake(self):
        with self.store("aws.recovery_window_days=3") as store:
            self.assertEqual(store.opened, "BAD_CONF")


class NoValue(Aws):
    """Secrets that infrastructure tools have made without a value."""

    def empty(self, key, pending=False):
        self.client.create_secret(Name=self.name(key))
        if pending:
            token = "0" * 32
            self.client.put_secret_value(SecretId=self.name(key), SecretString="next",
                                         ClientRequestToken=token, VersionStages=["AWSPENDING"])
            self.client.update_secret_version_stage(  # AWS has made the first one current
                SecretId=self.name(key), VersionStage="AWSCURRENT", RemoveFromVersionId=token)

    def test_it_is_there_and_has_no_value(self):
        self.empty("global/a")
        self.put("global/b", "vb")
        with self.store() as store:
            self.assertEqual(store.read("global/a"), "<NO_VALUE>")
            self.assertEqual(store.ask("list", "-")[1], ["key global/a", "key global/b"])
            self.assertEqual(sorted(store.ask("many", "global/a", "global/b", "global/c")[1]),
                             ["global/a NO_VALUE", "global/b OK vb", "global/c NOT_FOUND"])
            self.assertEqual(store.log(), "")

    def test_every_way_of_writing_gives_it_the_first(self):
        for i, version in enumerate(([], ["0"])):
            key = f"global/k{i}"
            self.empty(key)
            with self.store() as store:
                err, lines = store.ask("write", key, "one", *version)
                self.assertEqual(err, "OK", store.log())
                self.assertEqual(store.read(key), "one")
                self.assertEqual(store.ask("write", key, "two", "0")[0], "CONFLICT")
                self.assertEqual(store.ask("write", key, "two", lines[0].split()[1])[0], "OK")
                self.assertEqual(store.read(key), "two")

    def test_a_version_that_is_only_pending_is_not_a_value(self):
        for i, version in enumerate(([], ["0"])):
            key = f"global/k{i}"
            self.empty(key, pending=True)
            with self.store() as store:
                self.assertEqual(store.read(key), "<NO_VALUE>")
                self.assertEqual(store.ask("write", key, "one", *version)[0], "OK", store.log())
                self.assertEqual(store.read(key), "one")

    def test_a_version_that_it_does_not_have_is_a_conflict(self):
        self.empty("global/a")
        with self.store() as store:
            self.assertEqual(store.ask("write", "global/a", "v", "other")[0], "CONFLICT")
            self.assertEqual(store.ask("remove", "global/a", "other")[0], "CONFLICT")
            self.assertEqual(store.read("global/a"), "<NO_VALUE>")

    def test_of_several_first_values_one_wins(self):
        for turn, pending in enumerate((False, True) * 4):
            key = f"global/p{turn}"
            self.empty(key, pending)
            results = []

            def write(value, key=key, results=results):
                with self.store() as store:
                    results.append((store.ask("write", key, value, "0")[0], value))

            threads = [threading.Thread(target=write, args=(f"w{i}",)) for i in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(err for err, _ in results), ["CONFLICT"] * 4 + ["OK"])
            with self.store() as store:
                self.assertEqual(store.read(key), dict(results)["OK"])

    def test_it_is_deleted_like_any_other(self):
        for days in (0, 7):
            self.empty("global/a")
            with self.store(f"aws.recovery_window_days={days}") as store:
                self.assertEqual(store.ask("remove", "global/a")[0], "OK", store.log())
                self.assertEqual(store.read("global/a"), "<NOT_FOUND>")
                self.assertEqual(store.ask("list", "-")[1], [])

    def test_one_that_is_scheduled_for_deletion_is_not_written(self):
        self.empty("global/a")
        self.client.delete_secret(SecretId=self.name("global/a"))
        with self.store("aws.recovery_window_days=7") as store:
            self.assertEqual(store.read("global/a"), "<NOT_FOUND>")
            for version in ([], ["0"]):
                self.assertEqual(store.ask("write", "global/a", "v", *version)[0], "UNSUPPORTED")


class Listing(Aws):
    def test_a_thousand_secrets_take_sixty_requests(self):
        for i in range(1000):
            self.put(f"org/o{i % 7}/n{i}", f"v{i}")
        with self.store() as store:
            self.assertEqual(len(store.ask("list", "org/o1/")[1]), 143)
            self.moto.control("reset")
            self.assertEqual(store.ask("all"), ("OK", ["count 1000"]))
        counts = self.moto.control("counts")
        self.assertEqual(counts, {"ListSecrets": 10, "BatchGetSecretValue": 50, "connections": 1})

    def test_names_that_are_not_ours_are_left_out(self):
        self.put("org/o1/n", "v")
        self.put("org/o1x/n", "v")
        self.client.create_secret(Name=f"{self.prefix}-other/global/a", SecretString="x")
        self.client.create_secret(Name=f"{self.prefix}/no/key/of/ours", SecretString="x")
        self.client.create_secret(Name=f"{self.prefix}/global/=41", SecretString="x")
        with self.store() as store:
            self.assertEqual(store.ask("list", "org/o1/"), ("OK", ["key org/o1/n"]))
            self.assertEqual(sorted(store.ask("list", "-")[1]), ["key org/o1/n", "key org/o1x/n"])

    def test_a_bulk_read_answers_for_each_key(self):
        self.put("global/a", "va")
        self.put("global/b", '{"value":"","metadata":{}}')
        self.put("global/gone", "x")
        self.client.delete_secret(SecretId=self.name("global/gone"))
        with self.store() as store:
            err, lines = store.ask("many", "global/a", "global/none", "global/b", "global/gone")
        self.assertEqual(err, "OK")
        self.assertEqual(sorted(lines), ["global/a OK va", "global/b CORRUPT",
                                         "global/gone NOT_FOUND", "global/none NOT_FOUND"])

    def test_names_with_slashes_are_listed_and_read(self):
        keys = ["org/acme/a/b", "org/acme/a/b/c", "org/acme/a", "project/p/x/y", "user/u/x/y z",
                "org/acme/a//b", "org/acme/a/"]
        with self.store() as store:
            good = []
            for key in keys:
                words = (key.replace(" ", "_"), "v")
                if store.ask("write", *words)[0] == "OK":
                    good.append(words[0])
            self.assertEqual(good[:5], [key.replace(" ", "_") for key in keys[:5]])
            self.assertEqual(sorted(store.ask("list", "-")[1]), sorted(f"key {k}" for k in good))
            self.assertEqual(sorted(store.ask("list", "org/acme/")[1]),
                             sorted(f"key {k}" for k in good if k.startswith("org/acme/")))
            for key in good:
                self.assertEqual(store.read(key), "v")
            self.assertEqual(sorted(store.ask("many", *good)[1]), sorted(f"{k} OK v" for k in good))
            self.assertEqual(store.ask("remove", "org/acme/a")[0], "OK")
            self.assertEqual(store.read("org/acme/a/b"), "v")
        self.client.get_secret_value(SecretId=self.name("org/acme/a/b/c"))

    def test_names_that_no_key_can_have_are_counted(self):
        for key in ("org/acme/a", "junk", "org/x", "team/a/b", "global/a=3d", "global/" + "x" * 255):
            self.put(key, "v")
        self.client.create_secret(Name=f"{self.prefix}x/other", SecretString="v")
        with self.store() as store:
            self.assertNotIn("no key can have", store.ask("health")[1][0])
            self.assertEqual(store.ask("list", "-"), ("OK", ["key org/acme/a"]))
            self.assertEqual(store.ask("list", "org/acme/"), ("OK", ["key org/acme/a"]))
            self.assertEqual(store.log().count("aws: 5 secrets have a name"), 1)
            self.assertTrue(store.ask("health")[1][0].endswith("; 5 more have a name that no key can have"))

    def test_keys_with_odd_characters_come_back(self):
        with self.store() as store:
            for key in ("global/ü€", "global/a=b", "org/a:b/c%20d"):
                self.assertEqual(store.ask("write", key, "v")[0], "OK")
            lines = store.ask("list", "-")[1]
        self.assertEqual(sorted(lines), sorted(["key global/ü€", "key global/a=b",
                                                "key org/a:b/c%20d"]))
        self.client.get_secret_value(SecretId=self.name("global/a=3Db"))


class Races(Aws):
    def test_writers_that_race_all_succeed_and_one_wins(self):
        results = []

        def write(value):
            with self.store() as store:
                results.append(store.ask("write", "global/a", value)[0])

        threads = [threading.Thread(target=write, args=(f"w{i}",)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, ["OK"] * 6)
        with self.store() as store:
            self.assertIn(store.read("global/a"), [f"w{i}" for i in range(6)])

    def test_of_writers_that_compare_exactly_one_succeeds(self):
        with self.store() as store:
            version = store.ask("write", "global/a", "start")[1][0].split()[1]
        for expected in (version, "0"):
            results = []

            def write(value, expected=expected, results=results):
                with self.store() as store:
                    results.append(store.ask("write", "global/" + "ab"[expected == "0"], value,
                                             expected)[0])

            threads = [threading.Thread(target=write, args=(f"w{i}",)) for i in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(results), ["CONFLICT"] * 4 + ["OK"])


class Identity(Aws):
    def test_health_names_our_identity(self):
        with self.store() as store:
            err, lines = store.ask("health")
        self.assertEqual(err, "OK")
        self.assertIn(":user/tester in eu-west-1", lines[0])

    def test_wrong_keys_are_told_from_missing_secrets(self):
        with self.store(AWS_SECRET_ACCESS_KEY="wrong") as store:
            self.assertEqual(store.read("global/a"), "<AUTH>")
            self.assertEqual(store.ask("health")[0], "AUTH")
            self.assertIn("SignatureDoesNotMatch", store.log())

    def test_a_role_is_assumed_from_a_profile(self):
        iam = boto3.client("iam", region_name="eu-west-1", endpoint_url=self.moto.url,
                           aws_access_key_id=self.moto.key_id,
                           aws_secret_access_key=self.moto.secret)
        arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole",
                 "Principal": {"AWS": "*"}}]}))["Role"]["Arn"]
        iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}]}))
        self.put("global/a", "value")
        folder = pathlib.Path(self.home.name) / ".aws"
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text(
            f"[profile app]\nrole_arn = {arn}\nsource_profile = base\nregion = eu-west-1\n"
            f"[profile base]\naws_access_key_id = {self.moto.key_id}\n"
            f"aws_secret_access_key = {self.moto.secret}\n", encoding="ascii")
        with self.store(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_REGION=None,
                        AWS_PROFILE="app") as store:
            self.assertEqual(store.read("global/a"), "value", store.log())


if __name__ == "__main__":
    unittest.main()
