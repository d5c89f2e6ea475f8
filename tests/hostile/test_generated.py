"""The document against the service: generated requests, and what it says that they are answered."""

import asyncio
from functools import partial

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi.checks import load_all_checks
from tests.hostile.arranged import Arranged
from tests.hostile.calling import call
from tests.hostile.operations import DOCUMENT, for_each, operations
