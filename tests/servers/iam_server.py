# SPDX-License-Identifier: Apache-2.0
"""The parts of STS and IAM that tell an identity's rights, which moto lacks: GetCallerIdentity,
GetRole and SimulatePrincipalPolicy, for the policies that a test gives.

It is strict: the signature must be the one that botocore makes of the same request, for the service
and the region of the endpoint; the parameters must be those of botocore's model of the service, and
no others; and the caller's own policies must allow the IAM action. Needs botocore.
"""

import datetime
import hmac
import re
import urllib.parse
from xml.sax.saxutils import escape

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

from scripted import Scripted

ACCOUNT = "123456789012"
VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}
ACTIONS = {"GetCallerIdentity": "sts", "SimulatePrincipalPolicy": "iam", "GetRole": "iam"}
NAMESPACES = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/",
              "iam": "https://iam.amazonaws.com/doc/2010-05-08/"}
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})")


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status, code, text):
        super().__init__(text)
        self.status = status
        self.code = code


def matches(pattern, text, flags=0):
    """IAM's wildcards."""
    parts = {"*": ".*", "?": "."}
    regex = "".join(parts.get(c) or re.escape(c) for c in pattern)
    return re.fullmatch(regex, text, flags | re.DOTALL) is not None


def listed(value):
    return value if isinstance(value, list) else [value]


def evaluate(policies, action, resource):
    """IAM's decision, and the condition keys of statements about it that have no value."""
    found, missing = "implicitDeny", []
    for statement in (one for policy in policies for one in listed(policy["Statement"])):
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}, statement
        if not any(matches(one, action, re.IGNORECASE) for one in listed(statement["Action"])) or \
                not any(matches(one, resource) for one in listed(statement["Resource"])):
            continue
        keys = [key for tests in statement.get("Condition", {}).values() for key in tests]
        missing += keys
        if keys:
            continue  # without a value such a condition does not hold
        if statement["Effect"] == "Deny":
            return "explicitDeny", missing
        found = "allowed"
    return found, missing


class Principal:
    """An identity: the ARN that STS gives, the one in IAM (with its path), its policies, and its keys."""

    def __init__(self, name, sts_arn, iam_arn, *policies, boundary=None, token=None):
        self.name = name
        self.sts_arn = sts_arn
        self.iam_arn = iam_arn
        self.policies = list(policies)
        self.boundary = boundary
        self.key_id = "AKIA" + re.sub("[^A-Z0-9]", "", name.upper())
        self.secret = f"secret/of+{name}"
        self.token = token

    def decide(self, action, resource):
        """(decision, missing keys, whether the boundary allows it)"""
        decision, missing = evaluate(self.policies, action, resource)
        if self.boundary is None:
            return decision, missing, True
        bounded, more = evaluate([self.boundary], action, resource)
        if bounded == "allowed" or decision == "explicitDeny":
            return decision, missing + more, bounded == "allowed"
        return bounded, missing + more, False

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_SESSION_TOKEN": self.token}


class IamServer(Scripted):
    """Use it in a `with`. `regions` are those of STS's and IAM's signatures. `page` is the most results in
    a page. `fault` gets each authentic request for IAM and may give another answer, or None. `asked` has
    the parameters of each SimulatePrincipalPolicy."""

    def __init__(self, *principals, regions=("eu-west-1", "us-east-1")):
        super().__init__(self.serve)
        self.principals = list(principals)
        self.regions = dict(zip(("sts", "iam"), regions))
        self.page = 100
        self.fault = lambda request: None
        self.markers = {}
        self.asked = []
        session = botocore.session.Session()
        self.models = {service: session.get_service_model(service) for service in VERSIONS}

    def serve(self, request):
        try:
            return self.answer_to(request)
        except Refused as error:
            kind = "Sender" if error.status < 500 else "Receiver"
            return error.status, (f"<ErrorResponse><Error><Type>{kind}</Type><Code>{error.code}</Code>"
                                  f"<Message>{escape(str(error))}</Message></Error></ErrorResponse>"), \
                {"Content-Type": "text/xml"}

    def answer_to(self, request):
        if request.method != "POST" or request.path != "/":
            raise Refused(404, "InvalidAction", "not a request of the query protocol")
        if request.headers.get("Content-Type") != "application/x-www-form-urlencoded; charset=utf-8":
            raise Refused(400, "MalformedInput", "not a form")
        pairs = urllib.parse.parse_qsl(request.body.decode("ascii"), keep_blank_values=True,
                                       strict_parsing=True)
        form = dict(pairs)
        action = form.pop("Action", None)
        service = ACTIONS.get(action)
        if service is None or form.pop("Version", None) != VERSIONS[service] or len(dict(pairs)) != len(pairs):
            raise Refused(400, "InvalidAction", "no such action in this version")
        caller = self.authenticate(request, service)
        given = self.parse(service, action, form)
        fault = self.fault(request) if service == "iam" else None
        if fault is not None:
            return fault
        body = getattr(self, action)(caller, given)
        return 200, (f'<{action}Response xmlns="{NAMESPACES[service]}"><{action}Result>{body}</{action}Result>'
                     f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"), \
            {"Content-Type": "text/xml"}

    def authenticate(self, request, service):
        """The caller whose signature it is."""
        found = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if found is None:
            raise Refused(403, "MissingAuthenticationToken", "no signature")
        key_id, day, region, named, signed, signature = found.groups()
        caller = next((one for one in self.principals if one.key_id == key_id), None)
        date = request.headers["X-Amz-Date"]
        now = datetime.datetime.now(datetime.timezone.utc)
        when = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if caller is None or request.headers.get("X-Amz-Security-Token") != caller.token:
            raise Refused(403, "InvalidClientTokenId", "unknown keys")
        need = {"content-type", "host", "x-amz-date"} | ({"x-amz-security-token"} if caller.token else set())
        if set(signed.split(";")) != need or day != date[:8] or abs((now - when).total_seconds()) > 900:
            raise Refused(403, "SignatureDoesNotMatch", "another date, or other headers, than IAM needs")
        if (named, region) != (service, self.regions[service]):
            raise Refused(403, "SignatureDoesNotMatch", f"scoped to {region}/{named}")
        again = AWSRequest("POST", f"http://{request.headers['Host']}/", data=request.body,
                           headers={name: request.headers[name] for name in signed.split(";")})
        again.context["timestamp"] = date
        auth = SigV4Auth(Credentials(caller.key_id, caller.secret, caller.token), service, region)
        expected = auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)
        if not hmac.compare_digest(expected, signature):
            raise Refused(403, "SignatureDoesNotMatch", "another signature")
        return caller

    def parse(self, service, action, form):
        """The parameters, checked against botocore's model."""
        given = {}
        for name, value in form.items():
            name, _, number = name.partition(".member.")
            if number:
                given.setdefault(name, []).append(value)
                if number != str(len(given[name])):
                    raise Refused(400, "MalformedQueryString", f"{name} in another order")
            else:
                given[name] = value
        shape = self.models[service].operation_model(action).input_shape
        unknown = set(given) - set(shape.members) if shape is not None else set(given)
        report = ParamValidator().validate(given, shape) if shape is not None else None
        if unknown or (report is not None and report.has_errors()):
            raise Refused(400, "ValidationError", f"{unknown} {report and report.generate_report()}")
        return given

    def allow(self, caller, action, resource):
        decision, _, _ = caller.decide(action, resource)
        if decision != "allowed":
            raise Refused(403, "AccessDenied", f"User: {caller.sts_arn} is not authorized to perform: {action} "
                                               f"on resource: {resource}")

    # pylint: disable=invalid-name
    def GetCallerIdentity(self, caller, _):
        return f"<Arn>{caller.sts_arn}</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>"

    def GetRole(self, caller, given):
        role = next((one for one in self.principals if ":role/" in one.iam_arn and
                     one.iam_arn.rpartition("/")[2] == given["RoleName"]), None)
        self.allow(caller, "iam:GetRole", role.iam_arn if role else f"arn:aws:iam::{ACCOUNT}:role/{given['RoleName']}")
        if role is None:
            raise Refused(404, "NoSuchEntity", "no such role")
        path = role.iam_arn.partition(":role")[2].rpartition("/")[0] + "/"
        return (f"<Role><Path>{path}</Path><RoleName>{given['RoleName']}</RoleName><RoleId>AROA</RoleId>"
                f"<Arn>{role.iam_arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>")

    def SimulatePrincipalPolicy(self, caller, given):
        source = given["PolicySourceArn"]
        self.asked.append(given)
        self.allow(caller, "iam:SimulatePrincipalPolicy", source)
        if not re.fullmatch(r"arn:[a-z-]+:iam::\d{12}:(user|role)/.+", source):
            raise Refused(400, "InvalidInput", "not a user, group or role")
        principal = next((one for one in self.principals if one.iam_arn == source), None)
        if principal is None:
            raise Refused(404, "NoSuchEntity", "no such entity")
        marker = given.pop("Marker", None)
        if marker is not None and self.markers.get(marker, (None,))[0] != given:
            raise Refused(400, "ValidationError", "a marker of another question")
        start = 0 if marker is None else self.markers[marker][1]
        names = given["ActionNames"]
        results = "".join(self.result(principal, action, given.get("ResourceArns", ["*"]))
                          for action in names[start:start + self.page])
        end = start + self.page
        if end >= len(names):
            return f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>"
        marker = f"A+/{len(self.markers)}== &<m>"
        self.markers[marker] = given, end
        return (f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>true</IsTruncated>"
                f"<Marker>{escape(marker)}</Marker>")

    def result(self, principal, action, resources):
        """One result: the worst decision on the resources, and that on each."""
        decisions = [(resource, *principal.decide(action, resource)) for resource in resources]
        worst = max((one[1] for one in decisions), key=["allowed", "implicitDeny", "explicitDeny"].index)
        boundary = "" if principal.boundary is None else (
            "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>"
            f"{'true' if all(one[3] for one in decisions) else 'false'}</AllowedByPermissionsBoundary>"
            "</PermissionsBoundaryDecisionDetail>")
        each = "".join(
            f"<member><EvalResourceName>{escape(resource)}</EvalResourceName><MatchedStatements/>"
            f"<EvalResourceDecision>{decision}</EvalResourceDecision>{self.missing(missing)}</member>"
            for resource, decision, missing, _ in decisions)
        top = self.missing(decisions[0][2]) if resources == ["*"] else "<MissingContextValues/>"
        return (f"<member><MatchedStatements/>{top}<EvalResourceName>*</EvalResourceName>"
                f"<EvalDecision>{worst}</EvalDecision><EvalActionName>{action}</EvalActionName>{boundary}"
                f"<ResourceSpecificResults>{each}</ResourceSpecificResults></member>")

    def missing(self, keys):
        return f"<MissingContextValues>{''.join(f'<member>{key}</member>' for key in keys)}</MissingContextValues>"


def user(name, *policies, path="/", partition="aws", **more):
    """A user with long-term keys."""
    arn = f"arn:{partition}:iam::{ACCOUNT}:user{path}{name}"
    return Principal(name, arn, arn, *policies, **more)


def role(name, *policies, path="/", partition="aws", **more):
    """A session of a role; STS leaves the path out."""
    return Principal(name, f"arn:{partition}:sts::{ACCOUNT}:assumed-role/{name}/session",
                     f"arn:{partition}:iam::{ACCOUNT}:role{path}{name}", *policies, token=f"token+/of=={name}",
                     **more)


def policy(*statements):
    """A policy document of (Effect, actions, resources[, Condition])."""
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": action, "Resource": resource,
         **({"Condition": condition[0]} if condition else {})}
        for effect, action, resource, *condition in statements]}
