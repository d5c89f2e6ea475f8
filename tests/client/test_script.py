"""What the script must be, so that one file is enough."""

import ast
import sys
from string import Formatter

import pytest

from app.client.banggiao_sync import TEXTS, fitted, width, written
from tests.client.running import SCRIPT

TREE = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 9))
"""A syntax error for what Python 3.9 does not know."""


def test_it_needs_nothing_but_the_standard_library():
    named = {
        name.name for node in ast.walk(TREE) if isinstance(node, ast.Import) for name in node.names
    }
    named |= {str(node.module) for node in ast.walk(TREE) if isinstance(node, ast.ImportFrom)}
    assert "urllib.request" in named
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names


def test_annotations_are_not_read_when_it_runs():
    """`str | None` is an error in Python 3.9 where it is."""
    futures = [node for node in TREE.body if isinstance(node, ast.ImportFrom)]
    assert futures[0].module == "__future__"


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_name_the_same_facts(key: str):
    facts = [{name for _, name, *_ in Formatter().parse(text) if name} for text in TEXTS[key]]
    assert facts[0] == facts[1]


def test_no_text_is_for_nothing():
    source = SCRIPT.read_text("utf-8")
    alone = [key for key in TEXTS if "." not in key and source.count(f'"{key}"') < 2]
    assert alone == []


@pytest.mark.parametrize(
    ("letter", "encoding", "nearly"),
    [
        ("ế", "cp1258", "ê\u0301"),
        ("ặ", "cp1258", "ă\u0323"),
        ("đ", "cp1258", "đ"),
        ("đ", "cp437", "d"),
        ("Ữ", "cp437", "U"),
        ("…", "cp437", "..."),
        ("→", "cp1258", "->"),
        ("☃", "cp437", "?"),
    ],
)
def test_a_letter_is_written_as_nearly_as_a_code_page_can(letter: str, encoding: str, nearly: str):
    assert written(letter, encoding) == nearly


@pytest.mark.parametrize("text", ["Nguyễn Thị Minh Hoà", "Nguyê\u0303n", "阮氏明和", "a" * 40])
def test_a_column_is_as_wide_as_it_looks(text: str):
    assert width(fitted(text, 12)) == 12
