# SPDX-License-Identifier: Apache-2.0
"""A test case beside a moto of its own, with boto3 to write as others do. Run by with_botocore.py."""

import tempfile
import unittest

import boto3

from aws_store import clean_environment
import aws_venv
from with_moto import Moto


class MotoCase(unittest.TestCase):
    """Tests share a server; each has a prefix of its own."""

    @classmethod
    def setUpClass(cls):
        cls.moto = Moto(aws_venv.python())
        cls.home = tempfile.TemporaryDirectory()
        cls.client = boto3.client(
            "secretsmanager", region_name="eu-west-1", endpoint_url=cls.moto.url,
            aws_access_key_id=cls.moto.key_id, aws_secret_access_key=cls.moto.secret)

    @classmethod
    def tearDownClass(cls):
        cls.moto.__exit__()
        cls.home.cleanup()

    def setUp(self):
        self.prefix = self.id().rpartition(".")[2][:60]

    def environment(self, **variables):
        """The variables by which AWS's own tools find the server, and the given ones."""
        return clean_environment(self.home.name, **{
            "AWS_ACCESS_KEY_ID": self.moto.key_id, "AWS_SECRET_ACCESS_KEY": self.moto.secret,
            "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": self.moto.url, **variables})
