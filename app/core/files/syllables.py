"""Which words may be Vietnamese: a way to see that bytes were read in the right encoding."""

import unicodedata
from functools import lru_cache

_ONSETS = """
b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x
"""
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e
ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu
im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng
oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp
ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
uy uya uych uyên uyêt uyn uynh uyp uyt uyu ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp
ươt ươu ưt ưu y ych ynh yt yêm yên yêng yêt yêu
"""
_onsets, _rhymes = tuple(_ONSETS.split()), frozenset(_RHYMES.split())
_ACUTE, _DOT = "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING DOT BELOW}"
_TONES = {
    *("\N{COMBINING GRAVE ACCENT}", "\N{COMBINING HOOK ABOVE}", "\N{COMBINING TILDE}"),
    *(_ACUTE, _DOT),
}

LONGEST_SYLLABLE = 20
"""Letters and marks, with much to spare: whatever is longer need not be looked at."""


@lru_cache(maxsize=10_000)
def is_syllable(word: str) -> bool:
    """An onset, a rhyme and at most one tone; a rhyme that ends in a stop has sắc or nặng."""
    if len(word) > LONGEST_SYLLABLE:
        return False
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [letter for letter in letters if letter in _TONES]
    bare = "".join(letter for letter in letters if letter not in _TONES)
    toneless = unicodedata.normalize("NFC", bare)
    if len(tones) > 1 or not any(rest in _rhymes for rest in _after_onsets(toneless)):
        return False
    return not toneless.endswith(("c", "ch", "p", "t")) or tones in ([_ACUTE], [_DOT])


def _after_onsets(syllable: str) -> list[str]:
    return [syllable, *(syllable[len(on) :] for on in _onsets if syllable.startswith(on))]
