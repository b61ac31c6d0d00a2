# SPDX-License-Identifier: Apache-2.0
"""Retries, clocks, refusals and servers that misbehave, against answers that are written here."""

import datetime
import json
import tempfile
import threading
import time
import unittest

from aws_store import RECORD, Store, clean_environment
from scripted import Scripted, make_certificate


def refusal(code, status=400, headers=None):
    return status, {"__type": f"com.amazonaws#{code}", "message": "no"}, headers or {}


class Faults(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)

    def store(self, server, *settings, **variables):
        return Store(clean_environment(
            self.home.name, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
            AWS_REGION="eu-west-1", AWS_ENDPOINT_URL=server.url, **variables), *settings)

    def answers(self, *answers):
        """A server that gives these, one after the other, the last one for ever."""
        left = list(answers)
        lock = threading.Lock()

        def answer(_):
            with lock:
                return left.pop(0) if len(left) > 1 else left[0]
        return Scripted(answer)


class Retries(Faults):
    def test_a_passing_fault_is_tried_three_times(self):
        for code in ("ThrottlingException", "InternalServiceError", "RequestLimitExceeded"):
            with self.answers(refusal(code)) as server, self.store(server) as store:
                self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
                self.assertEqual(len(server.requests), 3, code)

    def test_a_retry_that_succeeds_is_all_the_caller_sees(self):
        with self.answers((503, "<html>"), "drop", (200, RECORD)) as server, \
                self.store(server) as store:
            self.assertEqual(store.read("global/a"), "plain")
            self.assertEqual(len(server.requests), 3)
            self.assertEqual(store.log(), "")

    def test_a_quota_or_a_denial_is_not_tried_again(self):
        for code, err in (("LimitExceededException", "FULL"), ("AccessDeniedException", "DENIED"),
                          ("DecryptionFailure", "DENIED")):
            with self.answers(refusal(code)) as server, self.store(server) as store:
                self.assertEqual(store.read("global/a"), f"<{err}>")
                self.assertEqual(len(server.requests), 1, code)
                self.assertIn(code, store.log())

    def test_the_number_of_attempts_can_be_set(self):
        with self.answers(refusal("ThrottlingException")) as server, \
                self.store(server, "aws.max_attempts=1") as store:
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
            self.assertEqual(len(server.requests), 1)

    def test_the_name_of_an_error_is_found_wherever_it_is(self):
        named = [(400, {}, {"x-amzn-ErrorType": "ResourceNotFoundException:http://x/"}),
                 (400, {"__type": "ResourceNotFoundException"}),
                 (404, {"__type": "com.amazonaws.secretsmanager#ResourceNotFoundException"}),
                 ]
        for answer in named:
            with self.answers(answer) as server, self.store(server) as store:
                self.assertEqual(store.read("global/a"), "<NOT_FOUND>")

    def test_redirects_are_not_followed(self):
        with self.answers((200, RECORD)) as target, \
                self.answers((307, "", {"Location": target.url})) as server, \
                self.store(server) as store:
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
            self.assertEqual(target.requests, [])

    def test_a_write_is_sent_again_with_the_same_token(self):
        def answer(request):
            if request.operation == "GetSecretValue":
                return refusal("ResourceNotFoundException")
            return "drop" if len(server.requests) < 3 else (200, {"VersionId": "x"})
        with Scripted(answer) as server, self.store(server) as store:
            self.assertEqual(store.ask("write", "global/a", "v")[0], "OK")
            tokens = [r.json()["ClientRequestToken"] for r in server.requests[1:]]
            self.assertEqual(len(tokens), 2)
            self.assertEqual(len(set(tokens)), 1)

    def test_a_create_whose_answer_was_lost_is_recognised(self):
        made = {}

        def answer(request):
            if request.operation == "CreateSecret" and not made:
                made.update(request.json())
                return "drop"
            if request.operation == "CreateSecret":
                return refusal("ResourceExistsException")
            if request.operation == "DescribeSecret":
                return 200, {"VersionIdsToStages": {}}
            if not made:
                return refusal("ResourceNotFoundException")
            return 200, {**RECORD, "VersionId": made["ClientRequestToken"]}
        with Scripted(answer) as server, self.store(server) as store:
            err, lines = store.ask("write", "global/a", "v", "0")
            self.assertEqual(err, "OK")
            self.assertEqual(lines, [f"version {made['ClientRequestToken']}"])

    def test_a_removal_whose_answer_was_lost_is_recognised(self):
        with self.answers("drop", refusal("ResourceNotFoundException")) as server, \
                self.store(server, "aws.recovery_window_days=7") as store:
            self.assertEqual(store.ask("remove", "global/a")[0], "OK")


class Foreign(Faults):
    """Answers of a proxy, an ingress, a login page or a wrong address in the place of AWS."""

    HTML = {"Content-Type": "text/html; charset=utf-8"}
    JSON = {"Content-Type": "application/json"}
    ANSWERS = [
        (200, "<html>PAGE</html>", HTML), (200, "", {}), (200, "{}", JSON), (200, "[]", JSON),
        (200, '{"status":"PAGE"}', JSON), (200, "null", JSON), (204, "", {}), (205, "", {}),
        (301, "", {"Location": "https://login.example/?from=PAGE"}),
        (302, "PAGE", {**HTML, "Location": "https://user:PAGE@login.example/in"}),
        (304, "", {}), (307, "PAGE", {"Location": "/login"}),
        (400, "<html>PAGE", HTML), (400, "{", JSON), (401, "<html>PAGE", HTML),
        (401, '{"message":"PAGE"}', JSON), (403, "<html>PAGE", HTML), (403, "PAGE", {}),
        (403, '{"message":"PAGE"}', JSON), (404, "<html>PAGE", HTML), (404, "", {}),
        (404, "default backend - 404 PAGE", {"Content-Type": "text/plain"}),
        (404, '{"error":"PAGE"}', JSON), (404, '{"__type":5}', JSON), (405, "PAGE", HTML),
        (400, "<R><Error><Code>ResourceNotFoundException</Code></Error></R>", {}),
        (404, "<html>PAGE", {"x-amzn-ErrorType": "ResourceNotFoundException"}),
        (407, "PAGE", HTML), (409, "PAGE", HTML), (410, "PAGE", HTML), (413, "<html>PAGE", HTML),
        (418, "PAGE", HTML), (451, "PAGE", HTML), (511, "<html>PAGE", HTML),
        (511, '{"__type":"ResourceNotFoundException"}', JSON),
        (302, '{"__type":"ResourceNotFoundException"}', {**JSON, "Location": "/login"}),
        (302, '{"__type":"AccessDeniedException"}', {**JSON, "Location": "/login"}),
        (206, '{"Name":"sideseat/global/a","VersionId":"v","SecretString":"PAGE"}', JSON),
    ]

    def each(self, *settings, own=False):
        """(answer, store, its log since then) for each, with one server and one store."""
        now = [None]
        with Scripted(lambda _: now[0]) as server, self.store(
                server, *settings, *([f"aws.endpoint_url={server.url}"] if own else [])) as store:
            for now[0] in self.ANSWERS:
                before = len(store.log())
                yield now[0], store, lambda start=before: store.log()[start:]

    def test_it_says_nothing_about_a_secret(self):
        for answer, store, log in self.each():
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>", answer)
            line, = log().splitlines()
            self.assertIn(f"HTTP {answer[0]}", line)
            self.assertIn(answer[2].get("Content-Type", "without a content type"), line)
            self.assertNotIn("PAGE", line)
            if "Location" in answer[2]:
                self.assertIn("login", line)

    def test_nothing_is_written_listed_or_deleted_by_it(self):
        for answer, store, log in self.each("aws.recovery_window_days=7"):
            for words in (("write", "global/a", "v"), ("write", "global/a", "v", "0"),
                          ("write", "global/a", "v", "v1"), ("list", "-"),
                          ("remove", "global/a"), ("remove", "global/a", "v1")):
                self.assertEqual(store.ask(*words)[0], "UNAVAILABLE", (answer, words))
            err, lines = store.ask("many", "global/a", "global/b")
            if err == "OK":
                self.assertEqual(lines, ["global/a UNAVAILABLE", "global/b UNAVAILABLE"])
            else:
                self.assertEqual(err, "UNAVAILABLE")
            self.assertNotIn("PAGE", log())

    def test_a_write_that_only_a_page_has_answered_is_not_done(self):
        for page in ((200, "<html>"), (200, "{}"), (302, "")):
            def answer(request, page=page):
                return (200, RECORD) if request.operation == "GetSecretValue" else page
            with Scripted(answer) as server, self.store(server) as store:
                self.assertEqual(store.ask("write", "global/a", "v")[0], "UNAVAILABLE")
                self.assertEqual(store.ask("write", "global/a", "v", "0")[0], "UNAVAILABLE")
                self.assertEqual(store.ask("remove", "global/a")[0], "UNAVAILABLE")

    def test_health_is_not_deceived(self):
        for own in (False, True):
            for answer, store, _ in self.each(own=own):
                err, lines = store.ask("health")
                self.assertEqual(err, "UNAVAILABLE", (answer, lines))
                self.assertNotIn("PAGE", str(lines))

    def test_a_server_s_page_may_pass_and_is_tried_again(self):
        for status in (429, 500, 502, 503, 504):
            with self.answers((status, "<html>")) as server, self.store(server) as store:
                self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
                self.assertEqual(len(server.requests), 3)


class Names(Faults):
    """Each refusal of AWS, and the error it is."""

    TABLE = {
        "DENIED": ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation",
                   "OptInRequired", "DecryptionFailure", "EncryptionFailure",
                   "KMSAccessDeniedException", "KMSDisabledException",
                   "KMSInvalidStateException", "KMSNotFoundException",
                   "SubscriptionRequiredException"],
        "AUTH": ["UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException",
                 "ExpiredToken", "InvalidSignatureException", "SignatureDoesNotMatch",
                 "MissingAuthenticationTokenException", "IncompleteSignatureException",
                 "RequestExpired"],
        "UNAVAILABLE": ["ThrottlingException", "TooManyRequestsException", "InternalServiceError",
                        "ServiceUnavailableException", "KMSThrottlingException",
                        "SomethingNewException"],
        "FULL": ["LimitExceededException"],
    }

    OPERATIONS = (("read", "global/a"), ("list", "-"), ("list", "org/acme/"),
                  ("write", "global/a", "v"), ("write", "global/a", "v", "0"),
                  ("write", "global/a", "v", "v1"), ("remove", "global/a"),
                  ("remove", "global/a", "v1"))

    def test_every_operation_gives_it(self):
        now = [None]
        with Scripted(lambda _: refusal(now[0])) as server, self.store(
                server, "aws.max_attempts=1", "aws.recovery_window_days=7") as store:
            for err, codes in self.TABLE.items():
                for now[0] in codes:
                    for words in self.OPERATIONS:
                        self.assertEqual(store.ask(*words)[0], err, (now, words, store.log()))
                    self.assertIn(now[0], store.log())
                    got, lines = store.ask("many", "global/a", "global/b")
                    self.assertTrue(got == err or all(line.endswith(err) for line in lines),
                                    (now, got, lines))

    def test_a_write_that_may_only_read_is_denied(self):
        def answer(request):
            return (200, RECORD) if request.operation == "GetSecretValue" \
                else refusal("AccessDeniedException")
        with Scripted(answer) as server, self.store(server) as store:
            for words in (("write", "global/a", "v"), ("write", "global/a", "v", "0"),
                          ("write", "global/a", "v", "v" * 32), ("remove", "global/a"),
                          ("remove", "global/a", "v" * 32), ("list", "-")):
                self.assertEqual(store.ask(*words)[0], "DENIED", words)

    def test_a_region_that_is_not_the_endpoint_s_is_a_wrong_setting(self):
        for code in ("InvalidSignatureException", "SignatureDoesNotMatch"):
            answer = (400, {"__type": code, "message": "Credential should be scoped to a valid "
                                                       "region, not 'eu-west-1'. "})
            with self.answers(answer) as server, self.store(server) as store:
                self.assertEqual(store.read("global/a"), "<BAD_CONF>")
                self.assertIn("AWS_REGION", store.log())

    def test_extreme_dates_and_numbers_are_harmless(self):
        for date in (2 ** 63 - 1, -2 ** 63, 2 ** 63, 10 ** 30, -1, 0, 0.1, "1e308", "-1e308", "x",
                     None, [], 253402300799.999):
            raw = json.dumps({**RECORD, "CreatedDate": "@"}).replace(
                '"@"', date if str(date).endswith("e308") else json.dumps(date))
            with self.answers((200, raw)) as server, self.store(server) as store:
                err, lines = store.ask("read", "global/a")
                self.assertEqual(err, "OK", date)
                self.assertGreaterEqual(int(lines[0].split(" ")[4]), 0, lines)
        page = {"SecretList": [{"Name": "sideseat/global/a", "LastChangedDate": 10 ** 40},
                               {"Name": "sideseat/global/b", "DeletedDate": -10 ** 40},
                               {"Name": "sideseat/global/c", "DeletedDate": 0}]}
        with self.answers((200, page)) as server, self.store(server) as store:
            self.assertEqual(store.ask("list", "-"), ("OK", ["key global/a"]))
        for wait in ("9223372036854775807", "-1", "99999999999999999999", "x",
                     "Fri, 31 Dec 9999 23:59:59 GMT"):
            with self.answers(refusal("ThrottlingException", headers={"Retry-After": wait})) \
                    as server, self.store(server, "timeout_ms=700") as store:
                start = time.monotonic()
                self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
                self.assertLess(time.monotonic() - start, 5)

    def test_a_secret_that_is_empty_is_damaged(self):
        for value in ({"SecretString": ""}, {"SecretBinary": ""}, {"SecretString": None}, {},
                      {"SecretString": 5}, {"SecretBinary": "%%"}):
            record = {k: v for k, v in RECORD.items() if k != "SecretString"} | value
            with self.answers((200, record)) as server, self.store(server) as store:
                self.assertEqual(store.read("global/a"), "<CORRUPT>", value)


class Deadlines(Faults):
    def test_a_server_that_stalls_is_given_up(self):
        with self.answers("stall") as server, self.store(server, "timeout_ms=700") as store:
            start = time.monotonic()
            self.assertEqual(store.read("global/a"), "<TIMEOUT>")
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual(len(server.requests), 1)

    def test_other_threads_are_not_held_up_by_one_that_waits(self):
        def answer(request):
            return "stall" if "slow" in request.json()["SecretId"] else (200, RECORD)
        with Scripted(answer) as server, self.store(server, "timeout_ms=3000") as store:
            self.assertEqual(store.ask("threads", "8", "global/a"), ("OK", ["good 8"]))

    def test_pauses_end_with_the_deadline(self):
        with self.answers(refusal("ThrottlingException", headers={"Retry-After": "30"})) as server, \
                self.store(server, "timeout_ms=1000") as store:
            start = time.monotonic()
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
            self.assertLess(time.monotonic() - start, 5)

    def test_a_page_that_comes_for_ever_is_an_error(self):
        page = (200, {"SecretList": [], "NextToken": "same"})
        with self.answers(page) as server, self.store(server) as store:
            self.assertEqual(store.ask("list", "-")[0], "UNAVAILABLE")


class Clock(Faults):
    def server_with_clock(self, ahead):
        """AWS as it is: it refuses signatures that are 15 minutes off its own clock."""
        def answer(request):
            now = datetime.datetime.now(datetime.timezone.utc) + ahead
            signed = datetime.datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
            date = {"Date": now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
            if abs(now - signed) > datetime.timedelta(minutes=15):
                return refusal("InvalidSignatureException", headers=date)
            return 200, RECORD, date
        return Scripted(answer)

    def test_a_clock_that_is_off_is_corrected_once_and_for_all(self):
        for hours in (5, -30):
            with self.server_with_clock(datetime.timedelta(hours=hours)) as server, \
                    self.store(server) as store:
                self.assertEqual(store.read("global/a"), "plain")
                self.assertEqual(len(server.requests), 2)
                self.assertEqual(store.read("global/a"), "plain")
                self.assertEqual(len(server.requests), 3)

    def test_a_wrong_signature_is_not_taken_for_a_wrong_clock(self):
        with self.answers(refusal("InvalidSignatureException")) as server, \
                self.store(server) as store:
            self.assertEqual(store.read("global/a"), "<AUTH>")
            self.assertEqual(len(server.requests), 1)


class Batches(Faults):
    KEYS = [f"global/k{i}" for i in range(45)]

    def values(self, names, errors=()):
        return {"SecretValues": [{**RECORD, "Name": name} for name in names],
                "Errors": list(errors)}

    def test_a_denied_batch_is_read_one_by_one_and_not_asked_for_again(self):
        def answer(request):
            if request.operation == "BatchGetSecretValue":
                return refusal("AccessDeniedException")
            return 200, RECORD
        with Scripted(answer) as server, self.store(server) as store:
            for _ in range(2):
                err, lines = store.ask("many", *self.KEYS)
                self.assertEqual((err, len(lines)), ("OK", 45))
            operations = [r.operation for r in server.requests]
            self.assertEqual(operations.count("BatchGetSecretValue"), 1)
            self.assertEqual(operations.count("GetSecretValue"), 90)

    def test_batches_have_twenty_and_missing_secrets_are_read(self):
        def answer(request):
            if request.operation == "GetSecretValue":
                if request.json()["SecretId"].endswith("k3"):
                    return refusal("AccessDeniedException")
                return 200, {**RECORD, "Name": request.json()["SecretId"], "SecretString": "single"}
            ids = request.json()["SecretIdList"]
            return 200, self.values(
                [i for i in ids if i[-2:] not in ("k1", "k2", "k3")],
                [{"SecretId": "sideseat/global/k2", "ErrorCode": "ResourceNotFoundException"},
                 {"SecretId": "sideseat/global/k3", "ErrorCode": "AccessDeniedException"}])
        with Scripted(answer) as server, self.store(server) as store:
            err, lines = store.ask("many", *self.KEYS)
            got = dict(line.split(" ", 1) for line in lines)
            self.assertEqual((err, len(lines), len(got)), ("OK", 45, 45))
            self.assertEqual(got["global/k0"], "OK plain")
            self.assertEqual(got["global/k1"], "OK single")
            self.assertEqual(got["global/k2"], "NOT_FOUND")
            self.assertEqual(got["global/k3"], "DENIED")
            sizes = [len(r.json()["SecretIdList"]) for r in server.requests
                     if r.operation == "BatchGetSecretValue"]
            self.assertEqual(sizes, [20, 20, 5])

    def test_an_empty_page_is_not_the_end_of_a_listing(self):
        def answer(request):
            token = request.json().get("NextToken")
            if token is None:
                return 200, {"SecretList": [], "NextToken": "1"}
            if token == "1":
                return 200, {"SecretList": [{"Name": "sideseat/global/a"}] * 2, "NextToken": "2"}
            return 200, {"SecretList": [{"Name": "sideseat/global/a"}, {"Name": "sideseat/global/b"},
                                        {"Name": "sideseat/global/c", "DeletedDate": 1.5}],
                         "NextToken": None}
        with Scripted(answer) as server, self.store(server) as store:
            self.assertEqual(store.ask("list", "-"), ("OK", ["key global/a", "key global/b"]))
            body = server.requests[0].json()
            self.assertEqual(body["Filters"], [{"Key": "name", "Values": ["sideseat/"]}])


class Certificates(Faults):
    def setUp(self):
        super().setUp()
        self.both = f"{self.home.name}/both"
        self.bundle = make_certificate(self.both)
        self.server = Scripted(lambda _: (200, RECORD), self.both)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(self):
        with self.store(self.server) as store:
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
            self.assertIn("certificate", store.log())
            self.assertEqual(len(store.log().splitlines()), 1)
        self.assertEqual(self.server.requests, [])

    def test_the_bundle_is_taken_from_the_setting_the_variable_or_the_profile(self):
        with self.store(self.server, f"aws.ca_bundle={self.bundle}") as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())
        with self.store(self.server, AWS_CA_BUNDLE=self.bundle) as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())
        config = f"{self.home.name}/config"
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[default]\nca_bundle = {self.bundle}\n")
        with self.store(self.server, AWS_CONFIG_FILE=config) as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())

    def test_a_bundle_that_is_not_there_is_a_mistake_that_names_it(self):
        with self.store(self.server, "aws.ca_bundle=/nonexistent.pem") as store:
            self.assertEqual(store.opened, "BAD_CONF")
            self.assertIn("/nonexistent.pem", store.log())


class Health(Faults):
    def test_an_endpoint_of_one_s_own_is_asked_itself(self):
        for answer, err in ((refusal("ResourceNotFoundException"), "OK"),
                            (refusal("InvalidRequestException"), "OK"),
                            (refusal("AccessDeniedException"), "DENIED"),
                            (refusal("UnrecognizedClientException"), "AUTH"),
                            ((502, "<html>"), "UNAVAILABLE")):
            with self.answers(answer) as server, \
                    self.store(server, f"aws.endpoint_url={server.url}") as store:
                self.assertEqual(store.ask("health")[0], err, answer)
                self.assertEqual({r.operation for r in server.requests}, {"GetSecretValue"})
                self.assertEqual(store.log(), "")

    def test_it_reads_no_secret_even_if_there_is_one_of_the_name(self):
        with self.answers(refusal("ResourceNotFoundException")) as server, \
                self.store(server, f"aws.endpoint_url={server.url}") as store:
            store.ask("health")
            label = server.requests[0].json()["VersionStage"]
            self.assertNotIn(label, ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"))

    def test_an_identity_that_has_read_something_is_not_called_denied(self):
        def answer(request):
            if request.json()["SecretId"].endswith("global/health"):
                return refusal("AccessDeniedException")
            return state["answer"]
        state = {"answer": refusal("ResourceNotFoundException")}
        with Scripted(answer) as server, self.store(server, f"aws.endpoint_url={server.url}") as store:
            err, lines = store.ask("health")
            self.assertEqual(err, "DENIED")
            self.assertIn("policy", str(lines))
            self.assertEqual(store.read("org/acme/a"), "<NOT_FOUND>")
            self.assertEqual(store.ask("health")[0], "OK")
            state["answer"] = refusal("AccessDeniedException")
            self.assertEqual(store.read("org/acme/a"), "<DENIED>")
            self.assertEqual(store.ask("health")[0], "DENIED")


class Refused(Faults):
    def test_a_pending_deletion_is_known_without_the_right_to_describe(self):
        def answer(request):
            if request.operation == "DescribeSecret":
                return refusal("AccessDeniedException")
            return 400, {"__type": "InvalidRequestException", "Message":
                         "You can't perform this operation on the secret because it was marked "
                         "for deletion."}
        with Scripted(answer) as server, self.store(server) as store:
            self.assertEqual(store.read("global/a"), "<NOT_FOUND>")

    def test_a_secret_without_a_value_is_known_without_the_right_to_describe(self):
        def answer(request):
            if request.operation in ("DescribeSecret", "CreateSecret"):
                return refusal("AccessDeniedException" if request.operation == "DescribeSecret"
                               else "ResourceExistsException")
            if request.operation == "GetSecretValue" and not stored:
                return 400, {"__type": "ResourceNotFoundException", "Message":
                             "Secrets Manager can't find the specified secret value for staging "
                             "label: AWSCURRENT"}
            if request.operation == "PutSecretValue":
                stored.append(request.json()["ClientRequestToken"])
            return 200, {**RECORD, "ARN": "arn", "VersionId": (stored or ["none"])[-1]}
        for version in ([], ["0"]):
            stored = []
            with Scripted(answer) as server, \
                    self.store(server, "aws.recovery_window_days=0") as store:
                self.assertEqual(store.read("global/a"), "<NO_VALUE>")
                self.assertEqual(store.ask("remove", "global/a")[0], "OK", store.log())
                self.assertEqual(store.ask("write", "global/a", "v", *version)[0], "OK",
                                 store.log())

    def test_another_invalid_request_is_not_a_missing_secret(self):
        def answer(request):
            if request.operation == "DescribeSecret":
                return 200, {"Name": "x"}
            return refusal("InvalidRequestException")
        with Scripted(answer) as server, self.store(server) as store:
            self.assertEqual(store.read("global/a"), "<UNSUPPORTED>")

    def test_an_answer_for_another_secret_is_not_the_value(self):
        with self.answers((200, {**RECORD, "Name": "sideseat/global/b"})) as server, \
                self.store(server) as store:
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
            self.assertIn("another secret's name", store.log())

    def test_no_value_and_no_key_is_ever_logged(self):
        with self.answers((200, {**RECORD, "SecretString": '{"value":"","s":"TOPSECRET"}'})) as server, \
                self.store(server, SIDESEAT_PKCS11_LOG="debug") as store:
            self.assertEqual(store.read("global/a"), "<CORRUPT>")
            self.assertEqual(store.ask("write", "global/a", "TOPSECRET")[0], "OK")
            self.assertNotIn("TOPSECRET", store.log())
            self.assertNotIn("secret\n", store.log())

    def test_nothing_is_sent_to_a_host_that_cannot_be_reached(self):
        with self.answers((200, RECORD)) as server:
            url = server.url
        environment = clean_environment(
            self.home.name, AWS_ACCESS_KEY_ID="AKID", AWS_SECRET_ACCESS_KEY="s",
            AWS_REGION="eu-west-1", AWS_ENDPOINT_URL=url)
        with Store(environment) as store:
            self.assertEqual(store.read("global/a"), "<UNAVAILABLE>")
            self.assertIn("global/a", store.log())


if __name__ == "__main__":
    unittest.main()
