"""Old encodings are told apart by Vietnamese syllables, or people are asked."""

import json
import random
from pathlib import Path

import pytest

import app.demo
from app.core.files import legacy
from app.core.files.encodings import encoding_of
from app.core.files.problems import EncodingUnsure, EncodingWrong, LettersLost, OldFont
from app.core.files.syllables import is_syllable
from app.core.text import nfc
from tests.rosters.files.people import NAMES, tcvn3, vni, windows_1258, workbook
from tests.rosters.files.test_reading import of, rows, values

WORDS = json.loads((Path(app.demo.__file__).parent / "people.json").read_text("utf-8"))
OLD = {"tcvn3": tcvn3, "vni": vni, "windows-1258": windows_1258}


def names(chance: random.Random) -> str:
    """As often as people have them."""
    [(family, _)] = chance.choices(WORDS["families"], [often for _, often in WORDS["families"]])
    sex = chance.choice(["men", "women"])
    [(middle, _)] = chance.choices(
        WORDS["middles"][sex], [often for _, often in WORDS["middles"][sex]]
    )
    given = chance.choice(WORDS["given"][sex])
    return f"{family} {middle} {given if isinstance(given, str) else given[0]}"


def roster(people: list[str]) -> str:
    return "external_id;full_name\n" + "".join(f"{n};{name}\n" for n, name in enumerate(people))


@pytest.mark.parametrize(
    ("table", "written"),
    [
        (legacy.TCVN3, "Céng hoµ x· héi chñ nghÜa ViÖt Nam"),
        (legacy.VNI, "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"),
    ],
)
def test_the_tables_are_those_of_the_old_fonts(table: dict[int, str], written: str):
    said = nfc(written.translate(table))
    assert said.replace("oà", "òa") == "Cộng hòa xã hội chủ nghĩa Việt Nam"


@pytest.mark.parametrize("encoding", OLD)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 20])
def test_a_file_of_a_few_names_is_unsure_but_never_wrong(encoding: str, count: int, tmp_path: Path):
    chance = random.Random(count)
    for _ in range(150):
        people = [names(chance) for _ in range(count)]
        content = OLD[encoding](roster(people))
        if content.isascii():
            continue
        try:
            assert encoding_of(of(tmp_path, content)) == encoding
        except EncodingUnsure:
            assert count < 20, people


def test_an_unsure_refusal_shows_a_line_as_each_encoding_reads_it(tmp_path: Path):
    file = of(tmp_path, tcvn3(roster(["Nguyễn Hoà"])))
    with pytest.raises(EncodingUnsure) as refusal:
        rows(file)
    shown = {one["encoding"]: one["line"] for one in refusal.value.facts["candidates"]}
    assert shown["tcvn3"] == "0;Nguyễn Hoà"
    assert shown["windows-1258"] != shown["tcvn3"] != shown["vni"]
    [row] = values(tmp_path, file.read_bytes(), encoding="tcvn3")
    assert row["full_name"] == "Nguyễn Hoà"


@pytest.mark.parametrize("name", ["François Lefèvre", "Björn Östberg", "Peña Muñoz"])
def test_western_names_in_a_western_encoding_are_asked_about(name: str, tmp_path: Path):
    with pytest.raises(EncodingUnsure):
        rows(of(tmp_path, roster([name]).encode("cp1252")))


@pytest.mark.parametrize("name", ["François Lefèvre", "Souphanouvong", "Ñ", "阮福映", "🙂"])
def test_names_of_other_languages_are_read_in_utf_8(name: str, tmp_path: Path):
    [row] = values(tmp_path, roster([name]))
    assert row["full_name"] == name


def test_letters_that_excel_replaced_by_question_marks_are_not_read_as_names(tmp_path: Path):
    with pytest.raises(LettersLost):
        rows(of(tmp_path, roster([name.encode("ascii", "replace").decode() for name in NAMES])))


@pytest.mark.parametrize("encode", [tcvn3, vni])
def test_names_written_for_an_old_font_are_not_read_as_names(encode: object, tmp_path: Path):
    seen = [encode(name).decode("latin-1") for name in NAMES]  # type: ignore[operator]
    with pytest.raises(OldFont):
        rows(of(tmp_path, roster(seen)))
    table = [["external_id", "full_name"], *([str(n), name] for n, name in enumerate(seen))]
    with pytest.raises(OldFont):
        rows(of(tmp_path, workbook(table)))


def test_a_line_that_is_not_in_the_encoding_is_told_with_its_number(tmp_path: Path):
    content = roster(NAMES * 2000).encode() + b"x;\xff\n"
    with pytest.raises(EncodingWrong) as refusal:
        rows(of(tmp_path, content))
    assert refusal.value.facts["line"] == len(NAMES) * 2000 + 2
    with pytest.raises(EncodingWrong):
        rows(of(tmp_path, roster(NAMES).encode()), encoding="utf-16")


def test_a_long_file_in_one_line_end_is_still_utf_8(tmp_path: Path):
    content = roster(NAMES * 5000).replace("\n", "\r")
    assert len(values(tmp_path, content)) == len(NAMES) * 5000


@pytest.mark.parametrize("word", ["Nguyễn", "hoà", "hòa", "QUỐC", "Ý", "giêng", "quyền", "Đặng"])
def test_a_syllable(word: str):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["NguyÔn", "hoµ", "phùt", "hoạạ", "Françoi", "ễn̈", ""])
def test_no_syllable(word: str):
    assert not is_syllable(word)
