"""Split a paragraph into sentences by rules: full for English, plain for other languages."""

from __future__ import annotations

import re

__all__ = ["split_sentences"]

_OPENERS = "\"'“‘«‹([{¿¡*_—–-"
_CLOSERS = "\"'”’»›)\\]}*_"
# A stop and what closes with it. The stops of scripts without spaces end a sentence whatever follows.
_STOP = re.compile(
    rf"(?P<wide>[。！？｡]+[{_CLOSERS}」』）】]*)|(?P<stop>(?<![.!?…।॥؟۔])[.!?…।॥؟۔]+[{_CLOSERS}]*)(?=\s|$)"
)
_BLANK_LINE = re.compile(r"\n\s*\n")

# Before a name, a number or a date: never the end of a sentence.
_TITLE_WORDS = """
mr mrs ms mx dr prof sen sens rep reps gov govs gen lt col maj capt cpl sgt adm cmdr brig pvt rev hon pres amb
supt det insp ofc st mt ft messrs mme mlle fr sr. jr. vs v cf viz e.g i.e eg ie approx esp dept univ assn bros
"""
_TITLES = frozenset(_TITLE_WORDS.split())
# The end only if no number follows ("No. 10", "Dec. 6", "p. 4").
_BEFORE_NUMBER_WORDS = """
no nos jan feb mar apr jun jul aug sept sep oct nov dec fig figs vol p pp art sec ch para eq ca c
"""
_BEFORE_NUMBERS = frozenset(_BEFORE_NUMBER_WORDS.split())
# May end a sentence; then the next one begins with a word that no name begins with.
_EITHER_WORDS = """
inc corp co ltd llc plc jr sr etc al a.m p.m am pm ph.d m.d b.a m.a d.c u.s u.k u.n e.u u.s.a u.a.e d-n.y
"""
_EITHER = frozenset(_EITHER_WORDS.split())
_STARTER_WORDS = """
the a an he she it they we i you this that these those his her its their our my your there here in on at by
for from with without as but and or so yet if when while after before although though because since until once
however meanwhile still instead moreover then now today what who why how where which some many most all both
each every no not one two to of under over during despite according critics officials analysts experts
"""
_STARTERS = frozenset(_STARTER_WORDS.split())
_FIRST_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"(?:[a-z]\.)+[a-z]")
_PARTY = re.compile(r"^[dri]-")  # D-Calif., R-N.Y.
_STATE_WORDS = """
ala ariz ark calif colo conn del fla ga ill ind kan ky la mass md mich minn miss mo mont neb nev okla ore pa tenn tex
va wash wis wyo
"""
_STATES = frozenset(_STATE_WORDS.split())
_WORD_BEFORE = re.compile(r"[^\s" + re.escape('"“‘«([{—–') + r"]+$")


def split_sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Split text into sentences.

    English: a full stop ends a sentence unless it belongs to a title (Gov.), an initial, an abbreviation before a
    number (No. 10, Dec. 6), a decimal, or a word such as `U.S.` and `p.m.` that no new sentence seems to follow; a stop
    followed by a small letter ends none. Quotes and brackets that close after the stop belong to the sentence.
    Other languages: a run of stops (`. ! ? … 。 ！ ？ । ॥ ؟ ۔`) ends a sentence unless a small letter follows. A blank
    line ends one everywhere.

    Parameters
    ----------
    text : str
    language : str
        ISO 639-1 code; only "en" has rules of its own, and only these have been tested on real text.

    Returns
    -------
    list of (int, int)
        Offsets of each sentence, end excluded, in order and without overlap; together they cover every character that
        is not white space. Empty for text without any.

    Examples
    --------
    >>> text = "Gov. J. Smith met U.S. officials at 5 p.m. Friday. “We agreed.” It rose 4.5%."
    >>> [text[a:b] for a, b in split_sentences(text, "en")]
    ['Gov. J. Smith met U.S. officials at 5 p.m. Friday.', '“We agreed.”', 'It rose 4.5%.']
    """
    ends = {match.start() for match in _BLANK_LINE.finditer(text)}
    for match in _STOP.finditer(text):
        if match.lastgroup == "wide" or _is_end(text, match, language):
            ends.add(match.end())
    sentences: list[tuple[int, int]] = []
    begin = 0
    for end in [*sorted(ends), len(text)]:
        piece = text[begin:end]
        stripped = piece.strip()
        if stripped:
            start = begin + len(piece) - len(piece.lstrip())
            sentences.append((start, start + len(stripped)))
        begin = end
    return sentences


def _is_end(text: str, match: re.Match[str], language: str) -> bool:
    """Tell whether a stop followed by white space ends its sentence."""
    following = text[match.end() : match.end() + 60].lstrip()
    if not following:
        return True
    first = following.lstrip(_OPENERS + " ")[:1]
    if first.islower():
        return False
    stop = match.group()
    if language != "en" or stop[0] != "." or stop.startswith(".."):
        return True
    before = _WORD_BEFORE.search(text, max(0, match.start() - 40), match.start())
    word = before.group() if before else ""
    low = word.lower().lstrip("'’*_")
    if low in _TITLES and len(stop) == 1:
        return False
    if low in _BEFORE_NUMBERS and len(stop) == 1:
        return not first.isdigit()
    if len(stop) > 1:  # a quote or bracket closes with it
        return True
    next_word = _FIRST_WORD.match(following.lstrip(_OPENERS + " "))
    starts = next_word is not None and next_word.group().lower() in _STARTERS
    if len(word) == 1 and word.isupper() and word != "I":  # an initial
        return starts
    state = word[:1].isupper() and _PARTY.sub("", low) in _STATES
    if state or low in _EITHER or _DOTTED.fullmatch(_PARTY.sub("", low)):
        return starts or following[0] in '"“‘«'
    return True
