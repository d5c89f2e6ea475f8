import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.text import fold, name_sort_key, nfc

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # ngang huyền hỏi ngã sắc nặng
Syllable = tuple[str, int]
Place = tuple[tuple[list[list[int]], list[int]], ...]
Spelled = tuple[str, Place]


@st.composite
def spelled_names(draw: st.DrawFn) -> Spelled:
    """A name, spelled in one of its ways, and its place in order said in another way."""
    syllables: list[Syllable] = draw(
        st.lists(
            st.tuples(st.text(ALPHABET, min_size=1, max_size=3), st.integers(0, 5)),
            min_size=1,
            max_size=4,
        )
    )
    words = []
    for letters, tone in syllables:
        marked = draw(st.integers(1, len(letters)))  # where the tone mark stands is a habit
        word = letters[:marked] + TONES[tone] + letters[marked:]
        words.append(draw(st.sampled_from([word, word.upper(), word.capitalize()])))
    name = " ".join(words)
    composed, apart = nfc(name), unicodedata.normalize("NFD", name)
    return draw(st.sampled_from([composed, apart])), _place(syllables)


def _place(syllables: list[Syllable]) -> Place:
    parts = syllables[-1:], syllables[1:-1], syllables[:-1][:1]
    return tuple(
        (
            [[ALPHABET.index(letter) for letter in letters] for letters, _ in part],
            [tone for _, tone in part],
        )
        for part in parts
    )


def in_order(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: name_sort_key(name).encode())


class TestOrderOfNames:
    @given(spelled_names(), spelled_names())
    def test_names_sort_as_the_vietnamese_alphabet_has_them(
        self, one: Spelled, other: Spelled
    ) -> None:
        (name, place), (other_name, other_place) = one, other
        key, other_key = name_sort_key(name).encode(), name_sort_key(other_name).encode()
        assert (key < other_key) == (place < other_place)
        assert (key == other_key) == (place == other_place)

    @pytest.mark.parametrize(
        "ordered",
        [
            ["Trần Văn An", "Nguyễn Thị Bình", "Lê Chi"],  # by given name
            ["Võ An", "Bùi Minh An", "An Văn An"],  # then by middle names, none of them first
            ["Đặng Văn An", "Lê Văn An", "Trần Văn An"],  # then by family name
            ["Lê Thị An", "Lê Thị Minh An"],
            ["Vũ Hoa", "Lê Hòa", "Lê Hỏa", "Lê Hõa", "Lê Hóa", "Lê Họa"],  # by tone
            ["Lê Hoan Anh", "Lê Anh Ảnh", "Lê Ánh", "Lê Hoàn"],
            ["Lê Dũng", "Lê Duyên", "Lê Đan", "Lê Đức"],  # đ is a letter of its own
            ["Lê Tam", "Lê Tăm", "Lê Tâm", "Lê Tom", "Lê Tôm", "Lê Tơm", "Lê Tư"],
            ["Lê Thị Hà", "Trần Bá Hải", "Lê Hân"],
            ["A", "Lê A", "Ă", "Z"],
        ],
    )
    def test_a_class_list_reads_as_a_vietnamese_reader_expects(self, ordered: list[str]) -> None:
        assert in_order(ordered[::-1]) == ordered

    def test_letters_of_the_whole_middle_name_count_before_its_tones(self) -> None:
        ordered = ["Lê Thị Anh Hà", "Lê Thì Bình Hà", "Lê Thi Bỉnh Hà"]
        assert in_order(ordered) == [ordered[0], ordered[2], ordered[1]]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Nguyễn Văn Hòa", "Nguyễn Văn Hoà"),
            ("Lê Thị Thúy", "LÊ THỊ THUÝ"),
            ("Quý", "Qúy"),
            ("  Trần   Văn\tAn ", "Trần Văn An"),
            ("Ðặng Văn An", "Đặng Văn An"),  # the Icelandic letter, from an old font
            ("Patrick O'Neil", "Patrick Oneil"),
        ],
    )
    def test_two_spellings_of_one_name_have_one_place(self, one: str, other: str) -> None:
        assert name_sort_key(one) == name_sort_key(other)

    def test_a_foreign_expert_stands_among_the_others(self) -> None:
        ordered = ["Jean Dupont", "Lê Văn Đức", "Jörg Müller", "Zoë Żak", "Иван Петров", "王小明"]
        assert in_order(ordered[::-1]) == ordered

    @given(st.text(st.characters()))
    def test_any_text_has_a_key_that_postgresql_can_store(self, text: str) -> None:
        key = name_sort_key(text)
        assert "\0" not in key
        key.encode()
        assert name_sort_key(unicodedata.normalize("NFD", text)) == key

    def test_a_name_without_letters_sorts_first(self) -> None:
        assert in_order(["An", "—"]) == ["—", "An"]


class TestFolding:
    @given(spelled_names())
    def test_accents_case_and_spelling_do_not_hide_a_name(self, spelled: Spelled) -> None:
        name, _ = spelled
        plain = name.replace("đ", "d").replace("Đ", "D")
        plain = unicodedata.normalize("NFD", plain).encode("ascii", "ignore").decode()
        assert fold(name) == plain.lower()

    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Nguyễn Văn Hoà", "nguyen van hoa"),
            ("Nguyễn  Văn Hòa\n", "nguyen van hoa"),
            ("ĐẶNG THỊ THUÝ", "dang thi thuy"),
            ("Bà Rịa - Vũng Tàu", "ba ria vung tau"),
            ("Quyết định 1275/QĐ-TTg", "quyet dinh 1275 qd ttg"),
            ("Ho\u200bà", "hoa"),
            ("Straße", "strasse"),
            ("…", ""),
        ],
    )
    def test_what_is_searched_meets_what_is_stored(self, text: str, folded: str) -> None:
        assert fold(text) == folded

    @given(st.text(st.characters()))
    def test_folding_twice_changes_nothing_more(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)
        assert fold(unicodedata.normalize("NFD", text)) == fold(text)

    def test_no_letter_of_any_living_script_is_refused(self) -> None:
        for char in map(chr, range(0x10000)):
            folded = fold(char)
            folded.encode()
            name_sort_key(char).encode()
            assert "\0" not in folded
            assert fold(folded) == folded


@given(st.text(st.characters()))
def test_both_ways_to_compose_an_accent_are_stored_alike(text: str) -> None:
    assert nfc(unicodedata.normalize("NFD", text)) == nfc(text)
