"""CASE packages of any system become versions, and leave as they came. No database is asked."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from app.competencies.exchange.case_keeping import keep_document
from app.competencies.exchange.case_reading import read_package
from app.competencies.exchange.case_writing import Writer, absolute
from app.competencies.exchange.mistakes import Mistakes
from app.competencies.exchange.rules import in_order
from app.competencies.exchange.table_reading import read_table
from app.competencies.exchange.table_writing import as_csv, as_workbook
from tests.competencies import case_elsewhere
from tests.competencies.case_official import canonical, faults, packages
from tests.competencies.content import contents, same

ROOT = "https://here.example"


def read(package, domain="skill", former=()):
    found = Mistakes()
    content = read_package(package, ROOT, domain, dict(former), found)
    keep_document(content)
    return content, found.found


def written(content):
    said = absolute(Writer(content).package(), ROOT)
    return json.loads(json.dumps(said))


@settings(max_examples=150, deadline=None)
@given(package=packages())
def test_what_came_leaves_as_it_came(package):
    assert faults("CFPackageDType", package) == []
    content, mistakes = read(package)
    assert mistakes == []
    assert canonical(written(content)) == canonical(package)


def test_what_a_system_elsewhere_exports_leaves_as_it_came():
    package = case_elsewhere.package()
    assert faults("CFPackageDType", package) == []
    content, mistakes = read(package)
    assert mistakes == []
    assert canonical(written(content)) == canonical(package)
    (scale,) = content.scales
    assert [level.name_vi for level in scale.levels] == ["Emerging", "Competent", "Expert"]
    described = [item.descriptors for item in content.items if item.scale]
    assert [sorted(each) for each in described] == [[1, 3], [1, 2, 3], [1, 2, 3]]


@settings(max_examples=50, deadline=None)
@given(package=packages())
def test_what_is_changed_here_is_told_as_it_is_now(package):
    content, _ = read(package)
    for item in content.items:
        item.name_vi = item.name_en = "Đổi"
        item.updated_at = "2026-11-22T00:00:00.000Z"
    content.updated_at = "2026-11-22T00:00:00.000Z"
    content.organization = "Học viện"
    said = written(content)
    assert faults("CFPackageDType", said) == []
    for item in said.get("CFItems", ()):
        shown = item.get("abbreviatedStatement", item["fullStatement"])
        assert "Đổi" in (shown, item["fullStatement"])
        assert item["lastChangeDateTime"] == "2026-11-22T00:00:00.000Z"


@settings(max_examples=100, deadline=None)
@given(content=contents())
def test_what_we_say_is_case_and_says_the_same_when_it_comes_back(content):
    content.items = in_order(content.items)
    package = written(content)
    assert faults("CFPackageDType", package) == []
    back, mistakes = read(package, domain=None)
    assert mistakes == []
    assert [same(item) for item in back.items] == [same(item) for item in content.items]
    assert [same(each) for each in back.scales] == [same(each) for each in content.scales]
    for name in ("identifier", "code", "title_vi", "title_en", "description_vi", "description_en"):
        assert getattr(back, name) == getattr(content, name)
    assert canonical(written(back)) == canonical(package)


@settings(max_examples=25, deadline=None)
@given(content=contents())
def test_a_table_says_the_same_when_it_comes_back(content):
    content.items = in_order(content.items)
    for written_as in (as_csv, as_workbook):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(written_as(content))
            found = Mistakes()
            back = read_table(path, None, content, None, found)
        assert found.found == []
        assert [same(item) for item in back.items] == [same(item) for item in content.items]
        assert [same(each) for each in back.scales] == [same(each) for each in content.scales]
