"""What whoever fills in a table is told of a mistake, and who says how files are judged."""

import pytest

from tests.rosters.sending import Sender
from tests.world import problem

HEADINGS = "Mã cán bộ;Họ và tên;Chức vụ;Ngày sinh;Đối tượng;Ngoại ngữ;Số định danh cá nhân"
TOLD = {
    "no external id": (";A B;C;;;;", "external_id", "Mỗi dòng cần có mã cán bộ"),
    "no such day": ("CB-1;A B;C;31/02/1990;;;", "birth_date", "31/12/2026"),
    "no such choice": ("CB-1;A B;C;;Lao động;;", "category", "Viên chức (public_employee)"),
    "no such language": ("CB-1;A B;C;;;Klingon: 3;", "languages.0.language", "Tiếng Anh: 4"),
    "no such level": ("CB-1;A B;C;;;Anh: 9;", "languages.0.level", "từ 1 đến 6"),
    "half a national id": ("CB-1;A B;C;;;;12345", "national_id", "12 chữ số"),
}


@pytest.mark.parametrize(("row", "field", "words"), TOLD.values(), ids=TOLD)
async def test_a_mistake_is_told_in_the_words_of_the_table(
    hr: Sender, row: str, field: str, words: str
):
    sync = await hr.sends(f"{HEADINGS}\n{row}\n".encode(), media="text/csv")
    [mistake] = await hr.errors(sync)
    assert mistake["field"] == field
    assert words in mistake["message_vi"]
    assert "^" not in mistake["message_en"]


async def test_a_program_does_not_say_how_many_people_its_own_files_may_miss(
    hr: Sender, coordinator: Sender
):
    loose = {"code": "loose", "removal_threshold": "100"}
    assert problem(await hr.client.post("/roster-data-sets", json=loose)) == (403, "forbidden")
    assert (await coordinator.client.post("/roster-data-sets", json=loose)).status_code == 201
