"""Regular English inflections, merged only where the texts have the base form too."""

from __future__ import annotations

from collections.abc import Container

__all__ = ["base_form"]

# Forms that are words of their own; to merge them with what looks like their base would change what a text says.
_OWN_WORDS = """
aged armed arms based customs glasses goods hamas headquarters lens mars means news series species texas times united
wales
"""
_SURNAMES = """
abrams adams andrews daniels edwards jacobs james jones matthews peters phillips richards roberts rogers sanders stevens
williams
"""  # look like several of a first name
_OWN = frozenset(f"{_OWN_WORDS} {_SURNAMES}".split())
_VOWELS = "aeiou"


def base_form(word: str, known: Container[str]) -> str:
    """Give the base form of a regular plural, third person or past form, or the word itself.

    Forms in -ing are left alone: so many are nouns of their own (housing, banking, training, meeting).

    Parameters
    ----------
    word : str
        In small letters.
    known : container of str
        The forms that the texts have; no other is given.

    Returns
    -------
    str

    Examples
    --------
    >>> known = {"refinery", "ban", "care", "car", "new"}
    >>> [base_form(word, known) for word in ("refineries", "banned", "cared", "news", "seed")]
    ['refinery', 'ban', 'care', 'news', 'seed']
    """
    if len(word) <= 3 or word in _OWN:
        return word
    for candidate in _singulars(word) if word.endswith("s") else _presents(word) if word.endswith("ed") else ():
        if len(candidate) > 2 and candidate in known:
            return candidate
    return word


def _singulars(word: str) -> list[str]:
    # -ics as well: "politics" and "economics" are no plurals, and a few that are ("critics") are the price
    if word.endswith(("ss", "us", "is", "ics")) or not word[-2].isalnum():
        return []
    candidates = [word[:-1]]
    if word.endswith("ies"):
        candidates.append(word[:-3] + "y")
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        candidates.append(word[:-2])
    return candidates


def _presents(word: str) -> list[str]:
    stem = word[:-2]
    if len(stem) < 3 or not stem.isalpha():
        return []
    if stem.endswith("i"):
        return [stem[:-1] + "y"]
    candidates = [stem + "e"]
    vowels = sum(letter in _VOWELS for letter in stem)
    # A short stem doubles its last letter (barred); where it did not, an e is gone (cared), so "car" is no base.
    if not (vowels == 1 and stem[-2] in _VOWELS and stem[-1] not in "wxy"):
        candidates.append(stem)
    if stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
        candidates.append(stem[:-1])
    return candidates
