"""What is computed from a name when it is written, and from a search for one."""

from typing import Any

from app.core.text import fold, name_sort_key


def computed(full_name: str) -> dict[str, Any]:
    """The columns that go with `full_name`. Each word of `search_text` has a space before it."""
    return {"sort_key": name_sort_key(full_name), "search_text": f" {fold(full_name)}"}


def search_pattern(words: str) -> str | None:
    """LIKE pattern for names in which these words begin words, in this order.

    Folding leaves letters, digits and spaces, so nothing in it is special to LIKE. None when
    nothing is left to search for.
    """
    folded = fold(words)
    return "".join(f"% {word}" for word in folded.split()) + "%" if folded else None
