"""Versions as we make them, for files to be made of."""

from unicodedata import normalize
from uuid import uuid4

from hypothesis import strategies as st

from app.competencies.exchange.content import Content, Item, Level, Scale

TEXT = (
    st.text(
        st.characters(exclude_categories=("C", "Z"), codec="utf-8") | st.just(" "),
        min_size=1,
        max_size=20,
    )
    .map(lambda text: normalize("NFC", text).strip())
    .filter(bool)
)
LINE = TEXT | st.sampled_from(["=1+1", "-", "'@x", "a;b", 'a"b', "+84"])
PARAGRAPH = LINE | st.just("Một dòng\nhai dòng")
_AT = "2026-06-30T00:00:00.000Z"
_IDS = st.uuids(version=4).map(str)


@st.composite
def contents(draw):
    scales = [_scale(draw) for _ in range(draw(st.integers(0, 2)))]
    items = []
    for number in range(draw(st.integers(0, 7))):
        items.append(_item(draw, number, items, scales))
    places = {}
    for item in items:
        item.position = places[item.parent] = places.get(item.parent, 0) + 1
    return Content(
        draw(_IDS),
        "KNL",
        draw(LINE),
        draw(LINE),
        draw(st.none() | PARAGRAPH),
        draw(st.none() | PARAGRAPH),
        organization="Học viện Ngoại giao",
        updated_at=_AT,
        scales=scales,
        items=items,
    )


def _scale(draw):
    numbers = draw(st.lists(st.integers(1, 20), unique=True, min_size=1, max_size=6).map(sorted))
    levels = [
        Level(n, draw(LINE), draw(LINE), draw(st.none() | PARAGRAPH), draw(st.none() | PARAGRAPH))
        for n in numbers
    ]
    proficient = draw(st.sampled_from(numbers))
    return Scale(draw(_IDS), draw(LINE), draw(LINE), proficient, levels, updated_at=_AT)


def _item(draw, number, items, scales):
    kind = draw(st.sampled_from(["area", "competency", "indicator"]))
    domains = ["knowledge", "skill", "conduct"] + ([None] if kind == "area" else [])
    scale = draw(st.sampled_from([None, *scales])) if kind == "competency" else None
    described = draw(st.lists(st.sampled_from(scale.levels), unique_by=id)) if scale else []
    return Item(
        draw(_IDS),
        draw(st.sampled_from([None, *(item.identifier for item in items)])),
        0,
        kind,
        draw(st.sampled_from(domains)),
        draw(st.none() | st.just(f"C.{number}")),
        draw(LINE),
        draw(LINE),
        draw(st.none() | PARAGRAPH),
        draw(st.none() | PARAGRAPH),
        scale=scale.identifier if scale else None,
        rule=draw(st.sampled_from(["latest", "best", "source_priority"])),
        descriptors={level.level: (draw(PARAGRAPH), draw(PARAGRAPH)) for level in described},
        association=draw(_IDS),
        updated_at=_AT,
    )


def same(item):
    """What an item says, without what only exchanges know."""
    said = vars(item) | {"exchanged": None, "updated_at": None, "association": None}
    if isinstance(item, Scale):
        said["levels"] = [vars(level) for level in item.levels]
    return said


def new_id():
    return str(uuid4())
