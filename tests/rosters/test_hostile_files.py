"""Whatever is sent as JSON is refused in words that help, and never breaks anything."""

import json

import pytest

from tests.rosters.sending import Sender, counted
from tests.world import World

PERSON = b'{"external_id": "CB-1", "full_name": "A B", "position_title": "C", %s}'

UNREADABLE = {
    "nothing": b"",
    "an object": b'{"external_id": "CB-1"}',
    "a number": b"7",
    "cut off": b'[{"external_id": "CB-1"}, {"extern',
    "cut off after a row": b'[{"external_id": "CB-1"},',
    "nested too deeply": b"[" * 200_000 + b"]" * 200_000,
    "a lone surrogate": b"[" + PERSON % b'"rank": "\\ud800"' + b"]",
    "invalid UTF-8 in a value": b"[" + PERSON % b'"rank": "\xff\xfe"' + b"]",
    "invalid UTF-8 in the id": b'[{"external_id": "\xff"}]',
    "invalid UTF-8 in a key": b'[{"\xff": 1}]',
    "UTF-16": json.dumps([{"external_id": "CB-1"}]).encode("utf-16"),
    "two documents": b"[][]",
    "a comment": b"[] // nothing",
    "NaN": b"[" + PERSON % b'"attributes": {"a": NaN}' + b"]",
    "XML": b"<people/>",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_is_no_list_of_people_is_refused_whole(
    hr: Sender, coordinator: Sender, content: bytes
):
    sync = await hr.sends(content)
    assert sync["state"] == "failed", sync
    assert sync["problem"]["type"] == "/problems/json-unreadable"
    assert "Nothing was changed" in sync["problem"]["detail_en"]
    assert await hr.errors(sync) == await hr.changes(sync) == []
    assert await hr.learners() == {}


ODD = {
    "NUL in a value": (b'"rank": "a\\u0000b"', "rank"),
    "NUL in the name of a field": (b'"ra\\u0000nk": 1', "ra\ufffdnk"),
    "NUL in a key of attributes": (b'"attributes": {"a\\u0000": 1}', "attributes.a\ufffd"),
    "a number of 30 digits": (b'"attributes": {"a": %s}' % (b"9" * 30), "attributes.a"),
    "a number of 4000 digits": (b'"attributes": {"a": %s}' % (b"9" * 4000), "attributes.a"),
    "a number of 9999 digits": (b'"attributes": {"a": %s}' % (b"9" * 9999), None),
    "a number beyond floats": (b'"attributes": {"a": 1e999}', None),
    "a number where text belongs": (b'"rank": 99999999999999999999999', "rank"),
    "a level of 1e300": (b'"languages": [{"language": "en", "level": 1e300}]', None),
    "deep nesting": (b'"rank": ' + b"[" * 900 + b"]" * 900, "rank"),
    "deep objects": (b'"rank": ' + b'{"a":' * 900 + b"1" + b"}" * 900, "rank"),
    "a huge text": (b'"rank": "' + b"x" * 2_000_000 + b'"', "rank"),
    "a huge name of a field": (b'"' + b"x" * 2_000_000 + b'": 1', None),
    "a year beyond all": (b'"birth_date": "99999-01-01"', "birth_date"),
    "a unit that is none": (b'"unit": "nowhere"', "unit"),
    "text as a list": (b'"fields": "protocol_and_events"', "fields"),
    "an object as text": (b'"full_name": {"a": 1}', "full_name"),
    "a national id as a number": (b'"national_id": 123456789', "national_id"),
}


@pytest.mark.parametrize(("said", "field"), ODD.values(), ids=ODD)
async def test_an_odd_row_is_a_mistake_of_its_own(hr: Sender, said: bytes, field: str | None):
    good = json.dumps(hr.person(2)).encode()
    sync = await hr.sends(b"[" + PERSON % said + b"," + good + b"]")
    assert sync["state"] == "applied", sync
    assert counted(sync) == {"rows": 2, "created": 1, "rejected": 1}
    errors = await hr.errors(sync)
    assert {(wrong["row_number"], wrong["external_id"]) for wrong in errors} <= {
        (1, "CB-1"),
        (1, None),
    }
    assert field is None or {wrong["field"] for wrong in errors} == {field}
    assert all(wrong["message_vi"] and wrong["message_en"] for wrong in errors)
    assert all(len(wrong["field"]) <= 200 for wrong in errors)
    assert all(len(wrong["value"] or "") <= 200 for wrong in errors)


async def test_a_field_that_is_said_twice_is_what_was_said_last(hr: Sender):
    row = b'{"external_id": "CB-0", "external_id": "CB-1", "full_name": "X", "full_name": "A B",'
    sync = await hr.sends(b"[" + row + b'"position_title": "C"}]')
    assert counted(sync) == {"rows": 1, "created": 1}
    assert (await hr.learners())["CB-1"]["full_name"] == "A B"


@pytest.mark.parametrize("row", ["null", "[]", '"CB-1"', "7", "true", "{}"])
async def test_a_row_that_is_no_person_is_a_mistake(hr: Sender, row: str):
    sync = await hr.sends(f"[{row}]".encode(), mode="delta")
    assert counted(sync) == {"rows": 1, "rejected": 1}
    [wrong] = await hr.errors(sync)
    assert wrong["row_number"] == 1


async def test_of_a_national_id_only_the_end_is_shown(hr: Sender):
    sync = await hr.sends([hr.person(1, national_id="00112233445X")])
    [wrong] = await hr.errors(sync)
    assert (wrong["field"], wrong["value"]) == ("national_id", "…45X")
    assert "0011" not in json.dumps(await hr.errors(sync))


async def test_lines_of_json_are_refused_like_a_list(hr: Sender):
    media = "application/x-ndjson"
    good = json.dumps(hr.person(1)).encode()
    sync = await hr.sends(good + b'\n\n{"external_id"\n', media=media)
    assert (sync["state"], sync["problem"]["type"]) == ("failed", "/problems/json-unreadable")
    sync = await hr.sends(good + b"\n\n7\n", media=media)
    assert sync["state"] == "applied", sync
    assert [wrong["row_number"] for wrong in await hr.errors(sync)] == [3]


async def test_mistakes_are_listed_to_the_last_however_many(
    hr: Sender, world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.rosters.staging.MOST_MISTAKES", 5)
    monkeypatch.setattr("app.rosters.staging.AT_ONCE", 4)
    people = [hr.person(n, email="x") for n in range(20)] + [hr.person(20)]
    sync = await hr.sends(people)
    assert counted(sync) == {"rows": 21, "created": 1, "rejected": 20}
    assert len(await hr.errors(sync)) == 5


FILE = 'Content-Disposition: form-data; name="file"; filename="people.json"'
FORMS = {
    "two files": [FILE, FILE],
    "a field beside it": [FILE, 'Content-Disposition: form-data; name="mode"'],
    "a file of another name": [FILE.replace('"file"', '"upload"')],
    "a part without a name": ["Content-Disposition: form-data"],
    "a part without headers": ["X: y"],
    "a header of 100,000 characters": [f"{FILE}\r\nX: {'y' * 100_000}"],
    "a file name of 5,000 characters": [FILE.replace("people", "p" * 5000)],
    "no part at all": [],
}


@pytest.mark.parametrize("parts", FORMS.values(), ids=FORMS)
async def test_a_form_that_is_not_one_file_is_refused(hr: Sender, parts: list[str]):
    body = "".join(f"--b\r\n{headers}\r\n\r\n[]\r\n" for headers in parts) + "--b--\r\n"
    refused = await hr.post(body.encode(), media="multipart/form-data; boundary=b")
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["code"] == "form_invalid"


@pytest.mark.parametrize("said", ["", "; boundary=", "; boundary=b; charset=undefined"])
async def test_a_form_that_cannot_be_taken_apart_is_refused(hr: Sender, said: str):
    body = f"--b\r\n{FILE}\r\n\r\n[]\r\n--b--\r\n"
    refused = await hr.post(body.encode(), media=f"multipart/form-data{said}")
    assert refused.status_code == 422, refused.text
