"""What came that we have no field for, kept so that it leaves as it came.

Of each object that came we know what we would have said in its place. Where both differ, both are
kept; and what came is said again as long as we would still say the same. So whatever somebody
changes here afterwards is told as it is now, and all else as it was.
"""

import json
from hashlib import blake2s
from typing import Any

_NOTHING: Any = object()
"""Where an object lacks a property; null is no such thing."""
CHANGED_AT = "lastChangeDateTime"


def kept(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What `restored` needs to make theirs of ours."""
    differs = _difference(_timeless(ours), _timeless(theirs))
    said = {} if differs is None else {"differs": differs}
    return said | {"said": _digest(ours), "at": theirs.get(CHANGED_AT)}


def restored(ours: dict[str, Any], kept: dict[str, Any] | None) -> dict[str, Any]:
    """As it came, but for what was changed since."""
    if not kept:
        return ours
    result: dict[str, Any] = _applied(_timeless(ours), kept.get("differs", {"in": {}}))
    at = kept["at"] if kept["said"] == _digest(ours) else ours.get(CHANGED_AT)
    return result if at is None else result | {CHANGED_AT: at}


def _timeless(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != CHANGED_AT}


def _digest(said: dict[str, Any]) -> str:
    text = json.dumps(_timeless(said), sort_keys=True, ensure_ascii=False)
    return blake2s(text.encode(), digest_size=8).hexdigest()


def _difference(ours: Any, theirs: Any) -> dict[str, Any] | None:
    """Null where there is none. An object that one lacks counts as an empty one, so that what the
    other says of it is told apart property by property."""
    if isinstance(theirs, dict) and theirs and (ours is _NOTHING or isinstance(ours, dict)):
        own = {} if ours is _NOTHING else ours
        found = {
            key: difference
            for key in own.keys() | theirs.keys()
            if (difference := _difference(own.get(key, _NOTHING), theirs.get(key, _NOTHING)))
        }
        return {"in": found} if found else None
    if ours is not _NOTHING and theirs is not _NOTHING and ours == theirs:
        return None
    sides = {"ours": ours, "theirs": theirs}
    return {side: value for side, value in sides.items() if value is not _NOTHING}


def _applied(ours: Any, difference: dict[str, Any]) -> Any:
    if "in" not in difference:
        as_then = ours is difference.get("ours", _NOTHING) or ours == difference.get("ours")
        return difference.get("theirs", _NOTHING) if as_then else ours
    if not (ours is _NOTHING or isinstance(ours, dict)):
        return ours
    result = {} if ours is _NOTHING else dict(ours)
    for key, inner in difference["in"].items():
        value = _applied(result.pop(key, _NOTHING), inner)
        if value is not _NOTHING:
            result[key] = value
    return result
