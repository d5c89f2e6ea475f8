"""The document against the service: generated requests, and how it says that they are answered.

Schemathesis makes the requests and judges the answers; in between they go the way of all others
here, on the loop of the application. What is generated is the same in every run.
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
from tests.hostile.operations import DOCUMENT, operations

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
AS_DOCUMENTED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
GENERATED = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


CASES = [
    pytest.param(operation, mode, id=f"{operation.id}-{mode.value}")
    for operation in operations()
    for mode in GenerationMode
    # Where there is nothing to get wrong, nothing wrong can be generated.
    if mode is GenerationMode.POSITIVE or operation.described.keys() & {"parameters", "requestBody"}
]


@pytest.mark.parametrize(("operation", "mode"), CASES)
async def test_answers_are_as_documented(app, world, academy, hanoi, hue, operation, mode):
    loop = asyncio.get_running_loop()
    known = await Arranged(world, academy, hanoi, hue).request(operation)
    headers = {"Authorization": academy.headers["Authorization"]}
    path = known.path if mode is GenerationMode.POSITIVE else None
    cases = SCHEMA[operation.template][operation.method].as_strategy(mode, path_parameters=path)
    checks = AS_DOCUMENTED
    if mode is GenerationMode.NEGATIVE and not operation.takes_files:
        checks = [*checks, negative_data_rejection]

    @GENERATED
    @given(case=cases)
    def explore(case):
        arguments = case.as_transport_kwargs(base_url="http://test", headers=headers)
        asked = requests.Request(**arguments).prepare()
        answer = asyncio.run_coroutine_threadsafe(answered(app, asked), loop).result(30)
        if answer.status_code != 414:  # an address of eight kilobytes, which the edge refuses
            case.validate_response(answer, checks=checks, headers=headers)

    await asyncio.to_thread(explore)


async def answered(app, asked):
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
