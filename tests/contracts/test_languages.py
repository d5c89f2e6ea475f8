"""English in the code, Vietnamese in catalogues: none missing, none stale, none of other facts."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import is_normalized

import pytest
from jinja2 import Environment, nodes
from pydantic_core._pydantic_core import list_all_errors

import app
from app.accounts.service import LETTER
from app.core import languages, openapi
from app.core.languages import CATALOGUES, merged, vietnamese
from app.core.problems import PROBLEMS
from tests.contracts.documents import described_app, document, is_text, leaves, texts

FACT = re.compile(r"`[^`]+`|\{\w+\}|\d+(?:[-./]\d+)*")
"""Code, what is filled in, and numbers: the same in any language."""

PROSE = {
    *("class", "class_name", "encoding_error", "error", "expected_plural", "field_type"),
    "method_name",
}
"""What Pydantic fills in with English words; Vietnamese may do without."""


def facts(text: str) -> set[str]:
    return set(FACT.findall(text))


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def paragraphs(text: str) -> set[str]:
    return set(text.split("\n\n"))


class TestDocument:
    def test_no_text_is_left_in_english(self):
        said, english = texts(document("vi")), texts(document("en"))
        assert [
            place
            for place, text in english.items()
            if text and (not said[place] or paragraphs(text) & paragraphs(said[place]))
        ] == []

    def test_the_languages_differ_in_texts_only(self):
        vi, en = dict(leaves(document("vi"))), dict(leaves(document("en")))
        assert vi.keys() == en.keys()
        assert [place for place in en if not is_text(place) and vi[place] != en[place]] == []

    def test_both_languages_name_the_same_facts(self):
        said = texts(document("vi"))
        assert [
            (place, facts(text) ^ facts(said[place]))
            for place, text in texts(document("en")).items()
            if facts(text) != facts(said[place])
        ] == []


class TestCatalogues:
    def test_every_text_is_to_be_seen_somewhere(self, marked: dict[str, Any]):
        seen = set(re.findall(r"[^\s;]+", " ".join(texts(marked).values())))
        named = {".".join(map(str, place)) for place, _ in leaves(vietnamese())}
        unseen = named - seen
        elsewhere = ("problems.", "validation.", "pages.", "letters.")  # asked for there
        assert {name for name in unseen if not name.startswith(elsewhere)} == set()

    def test_a_text_for_many_stands_for_one_english_text(self, marked: dict[str, Any]):
        english, meanings = texts(document("en")), defaultdict(set)
        for place, mark in texts(marked).items():
            meanings[mark].add(english[place])
        assert {mark: said for mark, said in meanings.items() if len(said) > 1} == {}

    def test_no_text_stands_in_two_of_them(self, tmp_path: Path):
        core, package = tmp_path / "core.toml", tmp_path / "package.toml"
        core.write_text('[parameters]\nlimit = "Số dòng"\n', "utf-8")
        package.write_text('[parameters]\nstatus = "Tình trạng"\n', "utf-8")
        assert merged([core, package])["parameters"].keys() == {"limit", "status"}
        with pytest.raises(ValueError, match=r"\[parameters\] \['limit'\] stands in another"):
            merged([core, core])

    def test_every_package_has_its_own(self):
        packages = {file.parent.name for file in Path(app.__file__).parent.glob("*/routes.py")}
        assert {file.parent.name for file in CATALOGUES} >= {"core", *packages}

    @pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parent.name)
    def test_letters_are_written_in_one_way(self, file: Path):
        assert is_normalized("NFC", file.read_text("utf-8"))

    def test_no_text_is_empty_or_padded(self):
        assert [
            place for place, text in leaves(vietnamese()) if not text or text != text.strip(" ")
        ] == []


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The Vietnamese document with the name of each text, and what fills it in, in its place."""

    def named(node: Any, *place: str) -> Any:
        if isinstance(node, str):
            return " ".join([".".join(place), *(f"{{{name}}}" for name in placeholders(node))])
        return {key: named(inner, *place, key) for key, inner in node.items()}

    catalogue = named(vietnamese())
    monkeypatch.setattr(languages, "merged", lambda _files: catalogue)
    vietnamese.cache_clear()
    yield openapi.document.__wrapped__(described_app(), "vi")
    vietnamese.cache_clear()


SERVED = {slug: kind for slug, kind in PROBLEMS.items() if kind.__module__.startswith("app.")}
"""Tests may have made others."""


class TestProblems:
    def test_each_speaks_vietnamese_and_no_other_does(self):
        assert vietnamese()["problems"].keys() == SERVED.keys()

    @pytest.mark.parametrize("slug", SERVED)
    def test_both_languages_name_the_same_facts(self, slug: str):
        english, said = SERVED[slug].template("en"), SERVED[slug].template("vi")
        assert [*map(facts, said)] == [*map(facts, english)]
        assert english != said


class Code(NamedTuple):
    """A mistake that may be answered: what fills its message in, and what it says in English."""

    facts: set[str]
    may_lack: set[str]
    message: str | None


def pydantics() -> dict[str, Code]:
    codes = {}
    for error in list_all_errors():
        named = placeholders(error["message_template_python"])
        codes[error["type"]] = Code(named, named & PROSE, None)
    return codes


def ours() -> dict[str, Code]:
    """As they are written in the code, which is read for them."""
    codes = {}
    for file in Path(app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Name("PydanticCustomError"), [code, message, *context]):
                    named = {key.value for given in context for key in given.keys}
                case ast.Call(ast.Name("invalid"), [code, message, *_], keywords):
                    named = {str(keyword.arg) for keyword in keywords}
                case ast.Call(ast.Name("Fault"), [_, ast.Constant() as code, message]):
                    named = placeholders(message.value)
                case _:
                    continue
            assert isinstance(code, ast.Constant), f"{file}:{node.lineno}: write the code out"
            english = message.value if isinstance(message, ast.Constant) else None
            codes[code.value] = Code(named, set(), english)
    return codes


CODES = pydantics() | ours()


class TestValidation:
    def test_each_mistake_speaks_vietnamese_and_no_other_does(self):
        assert vietnamese()["validation"].keys() == CODES.keys()

    @pytest.mark.parametrize("code", CODES)
    def test_the_message_is_filled_in_with_the_same_facts(self, code: str):
        named = placeholders(vietnamese()["validation"][code])
        assert CODES[code].facts - CODES[code].may_lack <= named <= CODES[code].facts

    @pytest.mark.parametrize("code", [code for code in ours() if CODES[code].message])
    def test_our_own_name_the_same_facts_in_both_languages(self, code: str):
        assert facts(vietnamese()["validation"][code]) == facts(str(CODES[code].message))


def shown() -> set[str]:
    """The English texts of the pages: what templates say, and constants that they are given."""
    pages = Path(app.__file__).parent / "oauth" / "pages"
    found = set()
    for file in pages.glob("templates/*.html"):
        template = Environment(autoescape=True).parse(file.read_text("utf-8"))
        for call in template.find_all(nodes.Call):
            match call:
                case nodes.Call(node=nodes.Name(name="say"), args=[nodes.Const(value=text), *_]):
                    found.add(text)
    for file in pages.glob("*.py"):
        for node in ast.parse(file.read_text("utf-8")).body:
            match node:
                case ast.Assign([ast.Name(name)], ast.Constant(str(text))) if is_shown(name, text):
                    found.add(text)
                case ast.Assign([ast.Name(name)], ast.Dict(_, texts)) if is_shown(name):
                    found |= {text.value for text in texts if isinstance(text, ast.Constant)}
    return found


def is_shown(name: str, text: str = " ") -> bool:
    """What is private to a module, or one word, is no sentence for people."""
    return not name.startswith("_") and " " in text


class TestPages:
    def test_each_text_speaks_vietnamese_and_no_other_does(self):
        assert vietnamese()["pages"].keys() == shown()

    def test_both_languages_are_filled_in_with_the_same_facts(self):
        said = vietnamese()["pages"]
        assert [text for text in said if placeholders(text) != placeholders(said[text])] == []
        assert [text for text in said if text == said[text]] == []

    def test_no_text_of_a_template_is_said_without_the_catalogue(self):
        folder = Path(app.__file__).parent / "oauth" / "pages" / "templates"
        bare = {}
        for file in folder.glob("*.html"):
            template = Environment(autoescape=True).parse(file.read_text("utf-8"))
            parts = template.find_all(nodes.TemplateData)
            html = "\x00".join(part.data for part in parts)
            words = set(re.findall(r"\w[^<>\x00]*", re.sub(r"<[^>]*>", "<>", html)))
            bare[file.name] = {word.strip() for word in words} - {"Bang Giao"}
        assert {name: words for name, words in bare.items() if words} == {}


def test_a_letter_tells_the_same_in_both_languages():
    letters = vietnamese()["letters"]
    assert letters.keys() == {"invitation"}
    assert placeholders(letters["invitation"]["letter"]) == placeholders(LETTER)
