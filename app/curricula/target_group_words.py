"""Target groups in words, in Vietnamese and in English."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID


class Words(NamedTuple):
    vi: str
    en: str


EVERYBODY = Words(
    "Mọi cán bộ, công chức, viên chức có trong danh sách của các cơ quan.",
    "Everybody on the rosters of organisations.",
)
VALUES = {
    "organization_kinds": {
        "academy": Words("Học viện Ngoại giao", "the Academy"),
        "ministry": Words("bộ, ngành trung ương", "ministries and central agencies"),
        "province": Words("địa phương", "provinces"),
    },
    "leadership_levels": {
        "none": Words("không giữ chức vụ lãnh đạo, quản lý", "not a leader"),
        "division": Words("lãnh đạo cấp phòng", "head or deputy head of a division"),
        "department": Words("lãnh đạo cấp Vụ, cấp Sở", "head or deputy head of a department"),
        "ministry_or_province": Words(
            "lãnh đạo bộ, ngành hoặc tỉnh, thành phố", "leader of a ministry or a province"
        ),
    },
    "categories": {
        "official": Words("cán bộ", "officials"),
        "civil_servant": Words("công chức", "civil servants"),
        "public_employee": Words("viên chức", "public employees"),
    },
    "fields": {
        "border_and_territory": Words("biên giới lãnh thổ", "border and territory"),
        "consular": Words("lãnh sự", "consular work"),
        "cultural_diplomacy": Words("ngoại giao văn hóa", "cultural diplomacy"),
        "economic_diplomacy": Words("ngoại giao kinh tế", "economic diplomacy"),
        "international_cooperation": Words("hợp tác quốc tế", "international cooperation"),
        "international_integration": Words("hội nhập quốc tế", "international integration"),
        "overseas_vietnamese": Words("người Việt Nam ở nước ngoài", "overseas Vietnamese"),
        "press_and_information": Words("báo chí và thông tin", "press and information"),
        "protocol_and_events": Words("lễ tân và sự kiện", "protocol and events"),
        "translation_and_interpretation": Words(
            "biên dịch, phiên dịch", "translation and interpretation"
        ),
    },
    "kinds": {
        "basic": Words("cơ bản", "basic"),
        "advanced": Words("nâng cao", "advanced"),
        "specialised": Words("chuyên sâu", "specialised"),
        "senior": Words("cấp cao", "senior"),
        "language": Words("ngoại ngữ", "language"),
        "interpretation": Words("biên dịch, phiên dịch", "interpretation"),
    },
}
_LANGUAGES = {
    "ar": Words("tiếng Ả Rập", "Arabic"),
    "de": Words("tiếng Đức", "German"),
    "en": Words("tiếng Anh", "English"),
    "es": Words("tiếng Tây Ban Nha", "Spanish"),
    "fr": Words("tiếng Pháp", "French"),
    "id": Words("tiếng Indonesia", "Indonesian"),
    "it": Words("tiếng Ý", "Italian"),
    "ja": Words("tiếng Nhật", "Japanese"),
    "km": Words("tiếng Khmer", "Khmer"),
    "ko": Words("tiếng Hàn", "Korean"),
    "lo": Words("tiếng Lào", "Lao"),
    "ms": Words("tiếng Mã Lai", "Malay"),
    "my": Words("tiếng Miến Điện", "Burmese"),
    "pt": Words("tiếng Bồ Đào Nha", "Portuguese"),
    "ru": Words("tiếng Nga", "Russian"),
    "th": Words("tiếng Thái", "Thai"),
    "zh": Words("tiếng Trung", "Chinese"),
}
_OR = Words(" hoặc ", " or ")
_SENTENCES = {
    "organization_kinds": Words("thuộc {0}", "of {0}"),
    "leadership_levels": Words("{0}", "{0}"),
    "categories": Words("là {0}", "{0}"),
    "fields": Words("làm công tác {0}", "in the field of {0}"),
    "job_position_ids": Words("giữ vị trí việc làm {0}", "in the job position {0}"),
    "languages": Words("biết {0}", "who speak {0}"),
    "trained": Words("đã hoàn thành {0}", "who have completed {0}"),
    "not_trained": Words("chưa hoàn thành {0}", "who have not completed {0}"),
}
_YEARS = {
    (True, True): Words("có từ {0} đến {1} năm công tác", "with {0} to {1} years of service"),
    (True, False): Words("có từ {0} năm công tác trở lên", "with at least {0} years of service"),
    (False, True): Words("có không quá {1} năm công tác", "with at most {1} years of service"),
}
_AT_LEVEL = Words("{0} từ bậc {1}", "{0} at level {1} or higher")
_ANY_TRAINING = Words("chương trình bồi dưỡng", "a training")
_OF_KIND = Words("chương trình {0}", "a training of kind “{0}”")
_IN_FIELD = Words(" về {0}", " in {0}")
_SINCE = Words(" từ ngày {0:%d/%m/%Y} đến nay", " since {0:%Y-%m-%d}")

Named = Mapping[UUID, tuple[str, str]]
"""Job positions by id, under both names."""


def of_group(rule: Mapping[str, Any], positions: Named) -> Words:
    """A rule as it is kept, in a sentence that ends with a full stop."""
    said = [words for part in PARTS if (words := of_part(part, rule, positions))]
    if not said:
        return EVERYBODY
    vi, en = ("; ".join(part[language] for part in said) for language in (0, 1))
    return Words(*(f"{text[0].upper()}{text[1:]}." for text in (vi, en)))


def of_part(part: str, rule: Mapping[str, Any], positions: Named) -> Words | None:
    """What a part asks; nothing where the rule does not have it."""
    if part == "years_in_service":
        return _years(rule.get("min_years_in_service"), rule.get("max_years_in_service"))
    asked = rule.get(part)
    if asked is None:
        return None
    match part:
        case "languages":
            named = _either([_at_level(each) for each in asked])
        case "trained" | "not_trained":
            named = of_training(asked)
        case "job_position_ids":
            named = _either([_position(positions, UUID(id)) for id in asked])
        case _:
            named = _either([VALUES[part][value] for value in asked])
    return _filled(_SENTENCES[part], named)


PARTS = (
    *("organization_kinds", "categories", "leadership_levels", "fields", "job_position_ids"),
    *("years_in_service", "languages", "trained", "not_trained"),
)
"""In the order in which they are told."""


def of_training(asked: Mapping[str, Any]) -> Words:
    words = _ANY_TRAINING
    if kinds := asked.get("kinds"):
        words = _filled(_OF_KIND, _either([VALUES["kinds"][kind] for kind in kinds]))
    if fields := asked.get("fields"):
        words = _both(words, _filled(_IN_FIELD, _either([VALUES["fields"][f] for f in fields])))
    if since := asked.get("since"):
        day = date.fromisoformat(since)
        words = _both(words, Words(*(template.format(day) for template in _SINCE)))
    return words


def of_language(code: str) -> Words:
    return _LANGUAGES.get(code) or Words(f"ngôn ngữ “{code}”", f"the language “{code}”")


def _years(least: int | None, most: int | None) -> Words | None:
    if least is None and most is None:
        return None
    words = _YEARS[least is not None, most is not None]
    return Words(*(template.format(least, most) for template in words))


def _at_level(asked: Mapping[str, Any]) -> Words:
    spoken, level = of_language(asked["language"]), asked["min_level"]
    return Words(*(t.format(name, level) for t, name in zip(_AT_LEVEL, spoken, strict=True)))


def _position(positions: Named, id: UUID) -> Words:
    return Words(*(f"“{name}”" for name in positions[id]))


def _either(values: list[Words]) -> Words:
    """One of them: commas, and "or" before the last one."""
    first, last = values[:-1], values[-1]
    if not first:
        return last
    said = [
        f"{', '.join(each[language] for each in first)}{_OR[language]}{last[language]}"
        for language in (0, 1)
    ]
    return Words(*said)


def _filled(template: Words, value: Words) -> Words:
    return Words(*(t.format(v) for t, v in zip(template, value, strict=True)))


def _both(first: Words, second: Words) -> Words:
    return Words(first.vi + second.vi, first.en + second.en)
