"""What somebody gets who presses Execute in Swagger UI, everything as the page fills it in."""

import pytest

from app.core import examples
from app.oauth import issuing
from tests.contracts.described import Described, operations
from tests.contracts.documents import document
from tests.demo.conftest import demonstration
from tests.world import World

NEEDS_MORE = {
    "check_in": "a session that goes on now",
    "check_out": "somebody who is checked in",
    "enter_attendance_code": "a code that is shown now",
    "invite_user": "a mail server",
    "issue_token": "a program that proves itself",
    "revoke_token": "a token",
}
LAST = ("replace", "sign", "create", "reset", "release", "claim", "cancel")
LAST += ("remove", "disable", "end", "revoke", "succeed", "close", "open", "publish", "retire")
"""What others would miss afterwards comes after them."""
OPERATIONS = operations(document("vi"))


def order(name: str) -> tuple[int, str]:
    verb = name.partition("_")[0]
    return LAST.index(verb) + 1 if verb in LAST else 0, name


def filled_in(operation: Described) -> tuple[str, dict[str, str]]:
    """The address and the headers."""
    path, headers = operation.path, {}
    if operation.text is not None:  # what else is asked for, the page leaves out
        path += f"?file_name={examples.MATERIAL_FILE}"
    for given in operation.spec.get("parameters", ()):
        if given["in"] == "path":
            path = path.replace("{" + given["name"] + "}", str(given["example"]))
        elif given["in"] == "query" and given.get("required"):
            path += f"?{given['name']}={given['example']}"
        elif "example" in given:
            headers[given["name"]] = given["example"]
    return path, headers


@pytest.fixture
async def administrator(settings, urls):
    async with demonstration(settings, urls) as app, World(app) as world:
        state, email = app.state, "admin@academy.example"
        issued = await issuing.user_token(state.settings, state.database, state.keyring, email)
        yield await world.holding(issued["access_token"])


async def test_every_example_works_against_the_demonstration(administrator):
    refused = {}
    for name in sorted(OPERATIONS.keys() - NEEDS_MORE.keys(), key=order):
        operation = OPERATIONS[name]
        path, headers = filled_in(operation)
        body = {"json": operation.example} if operation.body else {}
        if operation.text is not None:
            body = {"content": operation.text.encode()}
            headers["Content-Type"] = "text/plain"
        answer = await administrator.request(
            operation.method, f"http://test{path}", headers=headers, **body
        )
        if answer.status_code >= 300:
            refused[name] = answer.text[:1500]
    assert not refused, "\n".join(f"{name}: {why}" for name, why in refused.items())
