"""The OpenAPI document is the interface: well-formed, as reviewed, and only ever added to."""

import json
import os
import subprocess
from copy import deepcopy
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from jsonschema_rs import Draft202012Validator, meta
from schemathesis.specs.openapi.definitions import OPENAPI_31

from app.core.languages import Language
from tests.contracts.changes import ADDITIONS, BREAKS, FAULTS, Change
from tests.contracts.compatibility import breaking_changes
from tests.contracts.described import operations
from tests.contracts.documents import Document, described_app, document, leaves
from tests.contracts.openapi_rules import RULES, Rule

ROOT = Path(__file__).parents[2]
REVIEWED = ROOT / "openapi" / "v1.json"
BASE = os.environ.get("OPENAPI_BASE", "HEAD")
"""The revision whose clients must not break: for continuous integration, the last release."""


@pytest.fixture
def english() -> Document:
    return deepcopy(document("en"))


def test_the_document_is_the_one_that_was_reviewed(english: Document):
    reviewed, present = dict(leaves(json.loads(REVIEWED.read_text("utf-8")))), dict(leaves(english))
    places = reviewed.keys() | present.keys()
    changed = {place for place in places if reviewed.get(place) != present.get(place)}
    assert not changed, (
        "The interface changed. If you meant it to: `banggiao openapi > openapi/v1.json`, and read"
        " the diff as a client would. It changed at\n" + "\n".join(sorted(map(str, changed)))
    )


def test_the_document_breaks_no_client(english: Document):
    """Additions only; what was published under /v1 stays (decision 11)."""
    broken = breaking_changes(published() or english, english)
    assert not broken, "\n".join([f"Since {BASE}, these are no additions:", *broken])


def published() -> Document | None:
    """The document as it was at BASE; None where there is no such revision, or no git."""
    try:
        shown = subprocess.run(
            ["git", "show", f"{BASE}:openapi/v1.json"], cwd=ROOT, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return dict(json.loads(shown.stdout))


def test_the_document_is_openapi_3_1(english: Document):
    # Without formats: a newer edition of that schema lets token addresses be relative, as ours is.
    form = Draft202012Validator(OPENAPI_31, validate_formats=False)
    assert [error.message for error in form.iter_errors(english)] == []
    for schema in english["components"]["schemas"].values():
        meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})


def test_operations_are_called_as_their_functions(english: Document):
    described = [
        (route.path, route.endpoint.__name__)
        for route in iter_route_contexts(described_app().routes)
        if route.include_in_schema
    ]
    assert described == [(operation.path, name) for name, operation in operations(english).items()]


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_document_keeps_the_rule(rule: Rule, language: Language):
    assert list(rule(document(language))) == []


def test_every_rule_has_a_fault_that_it_notices():
    assert {rule.__name__ for rule in RULES} == FAULTS.keys()


@pytest.mark.parametrize(
    ("rule", "fault", "sentence"),
    [(rule, *fault) for rule in RULES for fault in FAULTS.get(rule.__name__, ())],
)
def test_a_rule_notices_its_fault(rule: Rule, fault: Change, sentence: str, english: Document):
    fault(english)
    assert any(found.startswith(sentence) for found in rule(english)), list(rule(english))


@pytest.mark.parametrize(("change", "sentence"), BREAKS)
def test_what_breaks_a_client_is_told(change: Change, sentence: str, english: Document):
    change(english)
    assert sentence in breaking_changes(document("en"), english)


@pytest.mark.parametrize("change", ADDITIONS)
def test_an_addition_breaks_no_client(change: Change, english: Document):
    change(english)
    assert english != document("en")
    assert breaking_changes(document("en"), english) == []
