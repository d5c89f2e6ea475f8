"""The document against the service: generated requests, and how it says that they are answered.

Schemathesis makes the requests and judges the answers; in between they go the way of all others
here, on the loop of the application.
"""

import asyncio

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.hostile.arranged import Arranged
from tests.hostile.calling import call
from tests.hostile.operations import DOCUMENT, for_each, operations

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("role", ["academy", "hanoi"])
@for_each(operations())
async def test_answers_are_as_documented(app, world, academy, hanoi, hue, operation, role, mode):
    caller = {"academy": academy, "hanoi": hanoi}[role]
    known = await Arranged(world, academy, hanoi, hue).request(operation)
    headers = {"Authorization": caller.headers["Authorization"]}
    strategy = SCHEMA[operation.template][operation.method].as_strategy(
        mode, path_parameters=known.path if mode is GenerationMode.POSITIVE else None
    )
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def explore(case):
        arguments = case.as_transport_kwargs(base_url="http://test", headers=headers)
        asked = requests.Request(**arguments).prepare()
        answer = asyncio.run_coroutine_threadsafe(_answer(app, asked), loop).result(30)
        case.validate_response(answer, checks=CHECKS, headers=headers)
        if mode is GenerationMode.POSITIVE and answer.status_code == 422:
            if answer.json()["type"] == "/problems/invalid-request":
              for e in answer.json()["errors"]:
                open("/tmp/codes.txt","a").write(f"{operation.id} {e['in']}{e['pointer']} {e['code']}\n")
        elif mode is GenerationMode.POSITIVE and not (200 <= answer.status_code < 300):
                open("/tmp/codes.txt","a").write(f"{operation.id} {answer.status_code} {answer.json().get('type')}\n")
        if mode is GenerationMode.NEGATIVE and answer.status_code != 414:
            case.validate_response(answer, checks=[negative_data_rejection], headers=headers)

    await asyncio.to_thread(explore)


async def _answer(app, asked):
    target = asked.url.removeprefix("http://test").encode()
    body = asked.body or b""
    body = body.encode() if isinstance(body, str) else body
    headers = [
        (name.lower().encode(), value if isinstance(value, bytes) else value.encode("latin-1"))
        for name, value in asked.headers.items()
    ]
    answer = await call(app, asked.method, target, headers, [body])
    listed = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status, listed, answer.content, asked, elapsed=0, verify=False)
