"""Find texts that repeat an earlier one, word for word or nearly, without comparing every pair."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from research.corpus._text import match_key

__all__ = ["MIN_SIMILARITY", "MIN_WORDS", "first_printings", "word_similarity"]

MIN_SIMILARITY = Fraction(9, 10)
MIN_WORDS = 10

_TOKEN = re.compile(r"\w+(?:[.,']\w+)*")
_NUMBERS = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
trillion dozen first second third half
"""
_NUMBER_WORDS = frozenset(_NUMBERS.split())
_NEGATION_WORDS = """
no not never none neither nor nobody nothing without cannot
"""
_NEGATION_SET = frozenset(_NEGATION_WORDS.split())
_COUNTED = _NUMBER_WORDS | _NEGATION_SET
_COUNTS = re.compile(r"\d|n't$")


def _tokens(key: str) -> list[str]:
    return _TOKEN.findall(key)


def _signature(tokens: list[str]) -> tuple[str, ...]:
    """Give what two near repeats must have alike: every number and every negation, as often."""
    return tuple(sorted(token for token in tokens if token in _COUNTED or _COUNTS.search(token)))


def word_similarity(a: str, b: str) -> float:
    """Give the Jaccard similarity of two texts' word sets, in [0, 1].

    Examples
    --------
    >>> word_similarity("the talks began", "the talks ended")
    0.5
    """
    x, y = set(_tokens(match_key(a))), set(_tokens(match_key(b)))
    return len(x & y) / len(x | y) if x or y else 1.0


def first_printings(texts: Sequence[str]) -> list[int]:
    """For each text, give the place of the first text it repeats: its own place where it repeats none.

    Two texts are the same if they agree up to letter case and the shape of quotes and dashes. They are near repeats if
    each has at least ten different words, their word sets have a Jaccard similarity of at least 0.9, and every number
    and every negation stands in both equally often. A text is compared only with earlier texts that repeat nothing
    themselves, so the places given are places of such texts and similarity is not passed along a chain.

    Parameters
    ----------
    texts : sequence of str, length n
        In the order that says which is first. Bring them to an order that does not depend on how they were read.

    Returns
    -------
    list of int, length n
        ``result[i] <= i`` and ``result[result[i]] == result[i]``.

    Notes
    -----
    The search is exact. With the words of each set sorted from the rarest to the most frequent, two sets x and y of
    Jaccard similarity t or more must share a word among the first ``|x| - ceil(t |x|) + 1`` words of x and the same of
    y (prefix filtering), and ``t |x| <= |y| <= |x| / t`` (length filtering). Only texts found so through an index of
    those few, rare words are compared. Time grows with the number of such pairs, which in news is close to linear.

    References
    ----------
    Chaudhuri, Ganti & Kaushik (2006), "A primitive operator for similarity joins in data cleaning", ICDE.
    Xiao, Wang, Lin & Yu (2008), "Efficient similarity joins for near duplicate detection" (PPJoin), WWW, lemma 1.

    Examples
    --------
    >>> first_printings(["Talks began.", "A deal was signed.", "talks began."])
    [0, 1, 0]
    """
    keys = [match_key(text) for text in texts]
    first_of_key: dict[str, int] = {}
    for i, key in enumerate(keys):
        first_of_key.setdefault(key, i)
    distinct = list(first_of_key.values())
    words = {i: _tokens(keys[i]) for i in distinct}
    frequency = Counter(word for i in distinct for word in set(words[i]))

    t = MIN_SIMILARITY
    index: defaultdict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
    sets: dict[int, frozenset[str]] = {}
    found: dict[int, int] = {}
    for i in distinct:
        found[i] = i
        unique = frozenset(words[i])
        if len(unique) < MIN_WORDS:
            continue
        signature = _signature(words[i])
        ranked = sorted(unique, key=lambda word: (frequency[word], word))
        prefix = ranked[: len(ranked) - ceil(t * len(ranked)) + 1]
        candidates = {k for word in prefix for k in index.get((signature, word), ())}
        for k in sorted(candidates):
            other = sets[k]
            if not t * len(unique) <= len(other) <= len(unique) / t:
                continue
            shared = len(unique & other)
            if shared >= t * (len(unique) + len(other) - shared):
                found[i] = k
                break
        else:
            sets[i] = unique
            for word in prefix:
                index[(signature, word)].append(i)
    return [found[first_of_key[key]] for key in keys]
