"""Data in words, in Vietnamese and in English: what stands against a version, what was changed."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Words(NamedTuple):
    vi: str
    en: str


FINDINGS = {
    "curriculum_without_modules": Words(
        "Chương trình chưa có chuyên đề nào.", "The curriculum has no modules yet."
    ),
    "hours_do_not_add_up": Words(
        "Chương trình ghi {hours} giờ; các chuyên đề bắt buộc có {mandatory_hours} giờ, tất cả"
        " chuyên đề có {all_hours} giờ. Tổng số giờ phải nằm trong khoảng đó.",
        "The curriculum says {hours} hours; its mandatory modules take {mandatory_hours} hours, all"
        " of them {all_hours}. Its hours must lie within.",
    ),
    "module_not_published": Words(
        "Chuyên đề {module} ở phiên bản chưa ban hành.",
        "Module {module} is in a version that is not published.",
    ),
    "module_not_in_force": Words(
        "Chuyên đề {module} không còn hiệu lực.", "Module {module} is no longer in force."
    ),
    "module_in_common_part": Words(
        "Chuyên đề {module} đã có trong phần chung.",
        "Module {module} is in the common part already.",
    ),
    "prerequisite_missing": Words(
        "Chuyên đề {module} cần học sau chuyên đề {required}, nhưng chuyên đề này không đứng trước"
        " trong chương trình.",
        "Module {module} comes after module {required}, which does not stand before it in the"
        " curriculum.",
    ),
    "extension_not_allowed": Words(
        "Phần chung không cho phép bổ sung phần đặc thù.", "The common part may not be extended."
    ),
    "extended_version_not_in_force": Words(
        "Phiên bản phần chung mà chương trình dựa vào không còn hiệu lực.",
        "The version of the common part that it extends is no longer in force.",
    ),
    "extension_out_of_hours": Words(
        "Phần đặc thù có {hours} giờ; phần chung cho phép từ {min_hours} đến {max_hours} giờ.",
        "It adds {hours} hours; the common part allows from {min_hours} to {max_hours}.",
    ),
    "extension_out_of_domains": Words(
        "Chuyên đề {module} thuộc lĩnh vực {domain}, mà phần chung không cho phép bổ sung.",
        "Module {module} is of {domain}, which the common part does not let others add to.",
    ),
}

DOMAINS = {
    "knowledge": Words("kiến thức", "knowledge"),
    "skill": Words("kỹ năng", "skills"),
    "conduct": Words("tác phong đối ngoại", "diplomatic conduct"),
}
_MODES = {
    "in_person": Words("trực tiếp", "in person"),
    "online": Words("trực tuyến", "online"),
    "either": Words("trực tiếp hoặc trực tuyến", "in person or online"),
}
_VALUES: dict[Any, Words] = {
    **DOMAINS,
    **_MODES,
    True: Words("bắt buộc", "mandatory"),
    False: Words("tự chọn", "elective"),
}
_NOTHING = Words("không có", "none")

_DIFFERENCES = {
    "added": Words(
        "Thêm chuyên đề {named} ({hours} giờ).", "Module {named} was added ({hours} hours)."
    ),
    "removed": Words(
        "Bỏ chuyên đề {named} ({hours} giờ).", "Module {named} was removed ({hours} hours)."
    ),
    "moved": Words("Chuyển chỗ chuyên đề {named}", "Module {named} was moved"),
    "changed": Words("Sửa chuyên đề {named}", "Module {named} was changed"),
}
_OF_VERSION = Words("Sửa chương trình", "The curriculum was changed")

_FIELDS = {
    "description_vi": Words("mô tả tiếng Việt", "its Vietnamese description"),
    "description_en": Words("mô tả tiếng Anh", "its English description"),
    "domain": Words("lĩnh vực", "its domain"),
    "expertise": Words("chuyên môn của giảng viên", "the expertise it takes to teach it"),
    "extends_version": Words("phiên bản phần chung", "the version of the common part"),
    "extension_domains": Words(
        "lĩnh vực được bổ sung", "the domains in which others may add to it"
    ),
    "extension_hours_max": Words("số giờ bổ sung nhiều nhất", "the most hours others may add"),
    "extension_hours_min": Words("số giờ bổ sung ít nhất", "the fewest hours others may add"),
    "hours": Words("tổng số giờ", "its hours"),
    "mandatory": Words("yêu cầu", "who takes it"),
    "materials": Words("tài liệu", "its materials"),
    "mode": Words("hình thức", "how it is taught"),
    "module_version": Words("phiên bản chuyên đề", "the version of the module"),
    "on_the_job_hours": Words("số giờ tại chỗ", "its hours on the job"),
    "outcomes": Words("chuẩn đầu ra", "its outcomes"),
    "practice_hours": Words("số giờ thực hành", "its hours of practice"),
    "prerequisites": Words("chuyên đề học trước", "the modules that come before"),
    "self_study_hours": Words("số giờ tự học", "its hours of self-study"),
    "target_group": Words("đối tượng", "whom it is for"),
    "theory_hours": Words("số giờ lý thuyết", "its hours of theory"),
    "title_en": Words("tên tiếng Anh", "its English title"),
    "title_vi": Words("tên tiếng Việt", "its Vietnamese title"),
    "year": Words("năm", "the year"),
}
_COMPETENCY = Words("bậc của năng lực {name}", "the level of competency {name}")
_FROM_TO = Words("{field} từ {before} thành {after}", "{field} from {before} to {after}")
_OTHERWISE = Words("{field} được viết lại", "{field} anew")


def of_finding(finding: Mapping[str, Any]) -> Words:
    """A row of the statement that finds them; see findings.py."""
    figures = finding["figures"]
    said = [
        template.format(
            module=_named(finding, language),
            required=_named(finding["required"] or {}, language),
            **{name: _value(value, language) for name, value in figures.items()},
        )
        for language, template in enumerate(FINDINGS[finding["rule"]])
    ]
    return Words(*said)


def of_difference(difference: Mapping[str, Any]) -> Words:
    """A row of the statement that compares versions; see differences.py."""
    kind = difference["difference"]
    alone = kind in ("added", "removed")
    head = _OF_VERSION if difference["part"] == "version" else _DIFFERENCES[kind]
    said = []
    for language, template in enumerate(head):
        hours = _value(difference["hours"], language)
        text = template.format(named=_named(difference, language), hours=hours)
        fields = "; ".join(_changed(field, language) for field in difference["fields"])
        said.append(text if alone else f"{text}: {fields}." if fields else f"{text}.")
    return Words(*said)


def _named(module: Mapping[str, Any], language: int) -> str:
    title = module.get(("title_vi", "title_en")[language])
    return f"{module['code']} “{title}”" if title else ""


def _changed(field: Mapping[str, Any], language: int) -> str:
    name, before, after = field["field"], field["before"], field["after"]
    part, _, of = name.partition("/")
    words = _COMPETENCY[language].format(name=of) if of else _FIELDS[part][language]
    if isinstance(before, list | dict) or isinstance(after, list | dict) or "description" in name:
        return _OTHERWISE[language].format(field=words)
    values = {"before": _value(before, language), "after": _value(after, language)}
    return _FROM_TO[language].format(field=words, **values)


def _value(value: Any, language: int) -> str:
    if value is None:
        return _NOTHING[language]
    if isinstance(value, bool | str) and value in _VALUES:
        return _VALUES[value][language]
    if isinstance(value, float | int):
        written = f"{value:g}"
        return written if language else written.replace(".", ",")
    return f"“{value}”"
