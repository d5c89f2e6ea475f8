"""Target groups in words, in Vietnamese and in English: what is asked, and what was found."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from app.curricula.words import Words

EVERYBODY = Words(
    "Mọi cán bộ, công chức, viên chức có trong danh sách của các cơ quan.",
    "Everybody on the rosters of organisations.",
)
VALUES = {
    "employed": {
        "active": Words("đang công tác", "active"),
        "suspended": Words("tạm vắng", "suspended"),
        "left": Words("đã nghỉ việc", "has left"),
    },
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
    (True, True): Words("có từ {0} đến {1} năm công tác", "years of service: {0} to {1}"),
    (True, False): Words("có từ {0} năm công tác trở lên", "years of service: {0} or more"),
    (False, True): Words("có không quá {1} năm công tác", "years of service: at most {1}"),
}
_OF_OTHERS = Words(
    "riêng của cơ quan ban hành chương trình", "that the curriculum's owner keeps for itself"
)
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


def _at_level(asked: Mapping[str, Any], template: Words = _AT_LEVEL) -> Words:
    spoken, level = of_language(asked["language"]), asked["min_level"]
    return Words(*(t.format(name, level) for t, name in zip(template, spoken, strict=True)))


def _position(positions: Named, id: UUID) -> Words:
    if id not in positions:
        return _OF_OTHERS
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


def of_found(part: str, found: Mapping[str, Any]) -> Words:
    """What was looked at of a learner; see `Part.found` in target_group_queries.py."""
    (value,) = found.values()
    if not value:
        return _NOTHING_FOUND[part]
    match part:
        case "years_in_service":
            day = date.fromisoformat(value)
            said = [Words(*(template.format(day) for template in _RECRUITED))]
        case "languages":
            spoken = [{"language": s["language"], "min_level": s["level"]} for s in value]
            said = [_at_level(each, _SPOKEN) for each in spoken]
        case "job_position_ids":
            said = [Words(f"“{value['name_vi']}”", f"“{value['name_en']}”")]
        case "trained" | "not_trained":
            said = [_completed(each) for each in value]
        case _:
            values = value if isinstance(value, list) else [value]
            said = [VALUES[part][each] for each in values]
    return Words(*("; ".join(each[language] for each in said) for language in (0, 1)))


_NOTHING_FOUND = {
    "years_in_service": Words("chưa ghi ngày tuyển dụng", "no date of recruitment is recorded"),
    "languages": Words("chưa ghi ngoại ngữ nào", "no language is recorded"),
    "fields": Words("chưa ghi lĩnh vực công tác nào", "no field of work is recorded"),
    "job_position_ids": Words(
        "chức danh chưa ứng với vị trí việc làm nào", "their title means no job position yet"
    ),
    **dict.fromkeys(
        ("trained", "not_trained"),
        Words("chưa ghi khóa bồi dưỡng nào", "no training is recorded"),
    ),
}
_RECRUITED = Words("được tuyển dụng ngày {0:%d/%m/%Y}", "recruited on {0:%Y-%m-%d}")
_SPOKEN = Words("{0} bậc {1}", "{0} at level {1}")
EMPLOYED = Words("đang có trong danh sách của một cơ quan", "employed")
KEPT = {
    "employer": Words(
        "Cơ quan quản lý học viên sửa trong danh sách cán bộ.",
        "The employer corrects it on the roster.",
    ),
    "recorders": Words(
        "Cơ quan đã ghi khóa bồi dưỡng sửa hoặc gỡ bỏ khóa đó; khóa còn thiếu thì cơ quan quản lý"
        " học viên ghi thêm.",
        "Who recorded a training corrects or removes it; the employer records one that is missing.",
    ),
    "academy": Words(
        "Học viện Ngoại giao sửa thông tin về cơ quan.",
        "The Academy corrects what is known of the organisation.",
    ),
}
"""Where what was looked at is corrected, by who keeps it."""


def _completed(training: Mapping[str, Any]) -> Words:
    day, title = date.fromisoformat(training["completed_on"]), training["title"]
    kind = VALUES["kinds"][training["kind"]]
    return Words(f"“{title}” ({kind.vi}, {day:%d/%m/%Y})", f"“{title}” ({kind.en}, {day:%Y-%m-%d})")
