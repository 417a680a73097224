"""Words and phrases of texts, counted: inflections together, phrases without signs between their words."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.themes._inflections import base_form

__all__ = ["Ints", "Terms", "count_terms", "shown_forms", "tokenise"]

Ints = NDArray[np.int64]

# Vowel signs and joiners of scripts that \w leaves out; without them their words fall apart.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    "\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3\u200c\u200d"
)
_W = rf"[\w{_MARKS}]"
# An abbreviation with its points, a word (points inside it only before small letters), or one other sign.
_TOKEN = re.compile(rf"\w(?:\.\w)+\b\.?|{_W}+(?:(?:[-'’]|\.(?![A-Z])){_W}+)*|[^\s\w]")

_TWICE = 2  # what comes once is no phrase


def tokenise(text: str) -> list[tuple[str, str]]:
    """Give a text's words as (small letters, as it stands), and each other sign as ("", sign).

    The possessive 's is no part of a word.

    Examples
    --------
    >>> tokenise("Iran’s U.S. oil.")
    [('iran', 'Iran'), ('u.s', 'U.S.'), ('oil', 'oil'), ('', '.')]
    """
    return [_word(token) for token in _TOKEN.findall(text.replace("_", " "))]


@lru_cache(maxsize=1 << 16)
def _word(token: str) -> tuple[str, str]:
    stands = token.removesuffix("'s").removesuffix("’s")
    word = stands.lower().replace("’", "'").rstrip(".")
    return (word, stands) if any(sign.isalnum() for sign in word) else ("", token)


@dataclass(frozen=True)
class Terms:
    """The terms of texts: one column a word (`forms`, by its base), then the pairs, then the phrases of three.

    Attributes
    ----------
    counts : csr matrix, shape (n_texts, n_terms)
    forms : list of str
        Every form of a word, in alphabetical order.
    tokens : ndarray of int64, shape (n_tokens,)
        The form of each token of all texts in a row; -1 where another sign or a new text comes between.
    columns : list of (length, first token of each occurrence, its column)
    parts : ndarray of int64, shape (n_phrases, 5)
        The columns of each phrase's words and shorter phrases, then -1.
    """

    counts: Any
    forms: list[str]
    tokens: Ints
    columns: list[tuple[int, Ints, Ints]]
    parts: Ints


def count_terms(texts: Sequence[str], language: str, max_words: int) -> Terms:
    """Count the words, and the phrases of two or more that come twice or more, of texts.

    Parameters
    ----------
    texts : sequence of str
    language : str
        Whose stop words are left out; English inflections count together.
    max_words : int
        The longest phrase, 1 to 3 words.

    Returns
    -------
    Terms
        In columns whose order depends on the terms alone.
    """
    from scipy.sparse import csr_matrix

    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    ids, lengths = array("q"), array("q")
    for text in texts:
        found = _TOKEN.findall(text.replace("_", " "))
        found.append("\n")  # no phrase goes on into the next text
        ids.extend(map(index.__getitem__, found))
        lengths.append(len(found))
    words = [_word(token)[0] for token in index]
    forms = sorted(set(words) - {""})
    number = {form: k for k, form in enumerate(forms)} | {"": -1}
    tokens = np.array([number[word] for word in words], dtype=np.int64)[np.frombuffer(ids, dtype=np.int64)]
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), np.frombuffer(lengths, dtype=np.int64))
    lemmas, useful = _lemmas(forms, language)
    is_useful = np.append(useful, False)[tokens]
    lemma = np.append(lemmas, -1)[tokens]

    n_terms = len(forms)
    at = np.flatnonzero(is_useful)
    columns = [(1, at, lemma[at])]
    parts = np.full((0, 5), -1, dtype=np.int64)
    if max_words >= 2:
        at = np.flatnonzero(is_useful[:-1] & (tokens[1:] >= 0))  # the second word may yet be a stop word
        pair = lemma[at] * n_terms + lemma[at + 1]
        good = is_useful[at + 1] & (lemma[at] != lemma[at + 1])
        pairs, column = _repeated(pair[good])
        columns.append((2, at[good][column >= 0], n_terms + column[column >= 0]))
        parts = np.full((len(pairs), 5), -1, dtype=np.int64)
        if len(pairs):
            parts[:, :2] = np.stack(np.divmod(pairs, n_terms), axis=1)
    if max_words == 3:
        third = np.minimum(at + 2, len(tokens) - 1)  # the last token is the end of a text, so never useful
        good = is_useful[third] & (lemma[at] != lemma[third])
        at, pair = at[good], pair[good]
        known, compact = np.unique(pair, return_inverse=True)
        triples, column = _repeated(compact.reshape(-1) * n_terms + lemma[at + 2])
        columns.append((3, at[column >= 0], n_terms + len(pairs) + column[column >= 0]))
        if len(triples):
            compact, last = np.divmod(triples, n_terms)
            first, middle = np.divmod(known[compact], n_terms)
            begin, end = (_find(pairs, n_terms, key) for key in (known[compact], middle * n_terms + last))
            parts = np.vstack([parts, np.stack([first, middle, last, begin, end], axis=1)])
    n_all = n_terms + len(parts)
    row, term = np.concatenate([rows[at] for _, at, _ in columns]), np.concatenate([c for _, _, c in columns])
    counts = csr_matrix((np.ones(len(row), dtype=np.float64), (row, term)), shape=(len(texts), n_all))
    counts.sum_duplicates()
    return Terms(counts, forms, tokens, columns, parts)


def _lemmas(forms: list[str], language: str) -> tuple[Ints, NDArray[np.bool_]]:
    """Give each form's base form, and whether it can be a keyword."""
    from research.corpus import stop_words

    stops = stop_words(language)
    number = {form: k for k, form in enumerate(forms)}
    lemmas = [number[base_form(form, number) if language == "en" else form] for form in forms]
    useful = [len(form) > 1 and form not in stops and any(sign.isalpha() for sign in form) for form in forms]
    return np.array(lemmas, dtype=np.int64), np.array(useful, dtype=bool)


def _repeated(keys: Ints) -> tuple[Ints, Ints]:
    """Give the keys that come twice or more, sorted, and each key's place among them or -1."""
    distinct, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    often = count >= _TWICE
    return distinct[often], np.where(often, np.cumsum(often) - 1, -1)[place.reshape(-1)]


def _find(pairs: Ints, n_terms: int, keys: Ints) -> Ints:
    if not len(pairs):
        return np.full(len(keys), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
    return np.where(pairs[place] == keys, n_terms + place, -1)


def shown_forms(terms: Terms, wanted: Ints) -> dict[int, str]:
    """Give the commonest form of each wanted term, the first in alphabetical order of equally common ones."""
    seen: defaultdict[int, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for length, at, column in terms.columns:
        hit = np.isin(column, wanted)
        forms = terms.tokens[at[hit][:, None] + np.arange(length)]
        for key, form in zip(column[hit].tolist(), map(tuple, forms.tolist()), strict=True):
            seen[key][form] += 1
    return {
        key: " ".join(terms.forms[k] for k in min(count, key=lambda form: (-count[form], form)))
        for key, count in seen.items()
    }
