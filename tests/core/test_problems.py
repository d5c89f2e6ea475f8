"""What a refusal says is wrong: each mistake once, where it is (RFC 6901), with its facts."""

from typing import Any

import pytest

from tests.world import Somebody, problem


@pytest.mark.parametrize(
    ("attributes", "pointer", "code"),
    [
        ({"grade": [1]}, "/attributes/grade", "attribute_type"),
        ({"grade": "x" * 501}, "/attributes/grade", "string_too_long"),
        ({"grade": "\x07"}, "/attributes/grade", "text_not_allowed"),
        ({"grade": 2**60}, "/attributes/grade", "out_of_range"),
        ({"a~b": 1}, "/attributes/a~0b", "string_pattern_mismatch"),
    ],
)
async def test_one_mistake_is_told_once_where_it_is(
    hanoi: Somebody, attributes: dict[str, Any], pointer: str, code: str
):
    body = {
        "external_id": "CB-1",
        "full_name": "Nguyễn Thị Minh Hoà",
        "position_title": "Chuyên viên",
        "position_since": "2020-01-01",
    }
    refusal = await hanoi.post("/learners", json=body | {"attributes": attributes})
    assert problem(refusal) == (422, "invalid-request")
    told = [(error["in"], error["pointer"], error["code"]) for error in refusal.json()["errors"]]
    assert told == [("body", pointer, code)]


@pytest.mark.parametrize(
    ("query", "vietnamese", "english"),
    [
        (
            "limit=0",
            "Phải lớn hơn hoặc bằng 1.",
            "Input should be greater than or equal to 1",
        ),
        (
            "status=gone",
            "Hãy chọn trong: 'active', 'suspended' hoặc 'left'.",
            "Input should be 'active', 'suspended' or 'left'",
        ),
    ],
)
async def test_a_mistake_is_told_with_its_facts(
    hanoi: Somebody, query: str, vietnamese: str, english: str
):
    for headers, message in (({}, vietnamese), ({"Accept-Language": "en"}, english)):
        answer = await hanoi.get(f"/learners?{query}", headers=headers)
        assert [error["message"] for error in answer.json()["errors"]] == [message]
