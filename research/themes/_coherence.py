"""Do the words of a theme occur together? NPMI and C_v, equal to gensim's, and how far themes differ in their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError

__all__ = ["Coherence", "cv_coherence", "npmi_coherence", "pair_npmi", "topic_diversity", "word_lists"]

_EPSILON = 1e-12  # of Roeder et al.; keeps the logarithm of pairs that never occur together finite
_BLOCK = 4_000_000  # pairs of stretches weighed at a time: a few hundred megabytes

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Missing = Literal["error", "leave_out"]
Windows = Literal["gensim", "exact"]


@dataclass(frozen=True)
class Coherence:
    """The coherence of themes.

    Attributes
    ----------
    mean : float
        Mean over the themes.
    per_theme : tuple of float, length n_themes
        In the order of the keywords.
    left_out : tuple of tuple of str, length n_themes
        The words of each theme that never occur in the texts, left out at the caller's wish; else empty.
    """

    mean: float
    per_theme: tuple[float, ...]
    left_out: tuple[tuple[str, ...], ...]


def npmi_coherence(
    keywords: Sequence[Sequence[str]],
    texts: Iterable[Sequence[str]],
    window: int = 10,
    missing: Missing = "error",
    windows: Windows = "gensim",
) -> Coherence:
    """Give the mean normalised pointwise mutual information (NPMI) of the pairs of a theme's words.

    A window slides over each text a token at a time; P(w) is the share of windows with the word w, P(v, w) of those
    with both. A text that is not longer than the window is one window, an empty one too. With e = 1e-12,

        NPMI(v, w) = log((P(v, w) + e) / (P(v) P(w))) / -log(P(v, w) + e)

    and a theme's coherence is the mean over all its pairs. Use the first ten words, as the literature does: longer
    lists score lower. It says whether words occur together, not whether people see one subject in them (Hoyle et al.).

    Parameters
    ----------
    keywords : sequence of sequence of str, length n_themes
        The words of each theme, two or more. A word is compared with tokens as they are: same case, same inflection;
        a phrase is found only where it is one token. A word that is listed twice counts twice, as in gensim.
    texts : iterable of sequence of str
        Each text as the list of its tokens. The tokens are the caller's choice, and coherence depends on it: compare
        only figures of the same tokens.
    window : int, at least 2
        Tokens.
    missing : {"error", "leave_out"}
        What to do about a word that occurs in no text, for which NPMI is undefined. "leave_out" scores the theme by
        its other words, as gensim does with a dictionary of these texts, and names those left out. This flatters a
        theme, so it has to be asked for.
    windows : {"gensim", "exact"}
        How to count windows with a word. gensim (to 4.4 at least) forgets a word when one occurrence leaves the window
        though another one is still in it, so that words repeated within a window count too rarely. The default is to
        do the same, since that is what published figures are; "exact" counts what the formula says.

    Returns
    -------
    Coherence
        Values from -1 (never together) to 1 (never apart); 0 at independence. As in gensim, a pair that is in every
        window has -1, where the formula is 0 / 0.

    Raises
    ------
    InputError
        If there are no themes or texts, a text is a string, a word never occurs (unless left out), a theme is left
        with fewer than two words, or `window`, `missing` or `windows` is none of those allowed.

    References
    ----------
    Bouma (2009), Normalized (pointwise) mutual information in collocation extraction; Roeder, Both & Hinneburg (2015),
    Exploring the space of topic coherence measures, WSDM, C_NPMI: boolean sliding windows of 10, pairs of words;
    Hoyle et al. (2021), Is automated topic model evaluation broken?, NeurIPS. Values equal those of gensim 4.4's
    CoherenceModel with `coherence="c_npmi"` and a dictionary of these texts to 1e-6.

    Examples
    --------
    >>> texts = [["oil", "gas", "price"], ["oil", "gas"], ["goal", "match"], ["goal", "price"]]
    >>> found = npmi_coherence([["oil", "gas"], ["goal", "price"]], texts)
    >>> [round(value, 3) for value in found.per_theme], round(found.mean, 3)
    ([1.0, 0.0], 0.5)
    """
    counted = _count(keywords, texts, window, missing, windows)
    values = []
    for words in counted.themes:
        npmi = counted.npmi(words)
        values.append(float(np.mean(npmi[~np.eye(len(words), dtype=bool)])))
    return Coherence(float(np.mean(values)), tuple(values), counted.left_out)


def cv_coherence(
    keywords: Sequence[Sequence[str]],
    texts: Iterable[Sequence[str]],
    window: int = 110,
    missing: Missing = "error",
    windows: Windows = "gensim",
) -> Coherence:
    """Give C_v: how alike the words of a theme are in what they occur together with.

    Each word w of the theme W has the vector of its NPMI with every word of W (itself included), in windows as for
    `npmi_coherence`; C_v is the mean, over the words, of the cosine between a word's vector and the sum of all:

        C_v(W) = mean over w of cos(npmi(w, W), sum over v of npmi(v, W))

    It rewards words that are rare together as well as those that are often together, and its authors warn against it
    for that: report NPMI beside it.

    Parameters
    ----------
    keywords : sequence of sequence of str, length n_themes
        The words of each theme, two or more, as for `npmi_coherence`.
    texts : iterable of sequence of str
        Each text as the list of its tokens.
    window : int, at least 2
        Tokens.
    missing : {"error", "leave_out"}
        What to do about a word that occurs in no text, as for `npmi_coherence`.
    windows : {"gensim", "exact"}
        How to count windows with a word, as for `npmi_coherence`.

    Returns
    -------
    Coherence
        Values from -1 to 1, in practice from about .3 to .8.

    Raises
    ------
    InputError
        As `npmi_coherence`.

    References
    ----------
    Roeder, Both & Hinneburg (2015), Exploring the space of topic coherence measures, WSDM, C_V: boolean sliding windows
    of 110, one-set segmentation, NPMI, cosine. Values equal those of gensim 4.4's CoherenceModel with
    `coherence="c_v"` and a dictionary of these texts to 1e-6.

    Examples
    --------
    >>> texts = [["oil", "gas", "price"], ["oil", "gas"], ["goal", "match"], ["goal", "price"]]
    >>> found = cv_coherence([["oil", "gas"], ["goal", "oil"]], texts)
    >>> [round(value, 3) for value in found.per_theme]
    [1.0, 0.026]
    """
    counted = _count(keywords, texts, window, missing, windows)
    values = []
    for words in counted.themes:
        distinct, times = np.unique(words, return_counts=True)
        npmi = counted.npmi(distinct)
        vectors = npmi * times  # a word that is listed twice stands in its dimension twice
        whole = times @ vectors
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(whole)
        cosines = np.divide(vectors @ whole, lengths, out=np.zeros(len(distinct)), where=lengths > 0)
        values.append(float(np.average(cosines, weights=times)))
    return Coherence(float(np.mean(values)), tuple(values), counted.left_out)


def topic_diversity(keywords: Sequence[Sequence[str]]) -> float:
    """Give the share of distinct words among all words that the themes list.

    Parameters
    ----------
    keywords : sequence of sequence of str, length n_themes
        The words of each theme; take the same number from each (25 in the source, 10 in most comparisons), since
        diversity falls with the length of the lists.

    Returns
    -------
    float
        (number of distinct words) / (number of words listed): 1 where no word is listed twice, down to 1 / n_themes
        where all themes list the same.

    Raises
    ------
    InputError
        If no words are listed, or a theme is a string.

    References
    ----------
    Dieng, Ruiz & Blei (2020), Topic modeling in embedding spaces, TACL 8, section 6.

    Examples
    --------
    >>> topic_diversity([["oil", "gas"], ["oil", "price"]])
    0.75
    """
    listed = list(chain.from_iterable(word_lists(keywords)))
    if not listed:
        raise InputError("there are no keywords, so they cannot be diverse; give at least one word")
    return len(set(listed)) / len(listed)


def pair_npmi(words: Sequence[str], texts: Iterable[Sequence[str]], window: int) -> Floats:
    """Give the NPMI of each pair of distinct words, windows counted exactly; shape (n_words, n_words)."""
    counted = _count([words], texts, window, "error", "exact")
    return counted.npmi(counted.themes[0])


@dataclass(frozen=True)
class _Counts:
    """In how many windows words are, alone and together."""

    themes: list[Integers]
    left_out: tuple[tuple[str, ...], ...]
    together: Any  # sparse, shape (n_words, n_words), of float64
    alone: Floats
    n_windows: int

    def npmi(self, words: Integers) -> Floats:
        """Give the NPMI of words by their numbers, shape (len(words), len(words))."""
        both = self.together[words][:, words].toarray() / self.n_windows + _EPSILON
        each = self.alone[words] / self.n_windows
        result: Floats = np.log(both / np.outer(each, each)) / -np.log(both)
        return result


def _count(
    keywords: Sequence[Sequence[str]],
    texts: Iterable[Sequence[str]],
    window: int,
    missing: Missing,
    windows: Windows,
) -> _Counts:
    themes = word_lists(keywords)
    if not themes:
        raise InputError("there are no themes to score; give the keywords of at least one")
    if not isinstance(window, (int, np.integer)) or window < 2:
        raise InputError(f"window is {window!r}; give a whole number of tokens, at least 2")
    _choose("missing", missing, ("error", "leave_out"))
    _choose("windows", windows, ("gensim", "exact"))

    number = {word: k for k, word in enumerate(dict.fromkeys(chain.from_iterable(themes)))}
    found, lengths = _tokens(texts, number)
    occurring = np.bincount(found[found >= 0], minlength=len(number)) > 0
    left_out = tuple(tuple(word for word in words if not occurring[number[word]]) for words in themes)
    if missing == "error" and any(left_out):
        lost = list(dict.fromkeys(chain.from_iterable(left_out)))
        raise InputError(
            f"{len(lost)} of {len(number)} keywords occur in no text ({', '.join(map(repr, lost[:5]))}); give texts "
            'whose tokens have them, in the same case and inflection, or missing="leave_out" to score the other words'
        )
    kept = [np.array([number[word] for word in words if occurring[number[word]]], dtype=np.int64) for words in themes]
    for theme, words in enumerate(kept):
        if len(words) < 2:
            raise InputError(
                f"theme {theme} (counted from 0) has {len(words)} keywords that occur in the texts; coherence needs 2"
            )
    start, end, word, n_windows = _stretches(found, lengths, int(window), windows)
    together, alone = _overlaps(start, end, word, len(number))
    return _Counts(kept, left_out, together, alone, n_windows)


def _tokens(texts: Iterable[Sequence[str]], number: dict[str, int]) -> tuple[Integers, Integers]:
    """Give the number of each token, -1 for one that is no keyword, text after text; and the texts' lengths."""
    lengths: list[int] = []

    def numbers() -> Iterator[int]:
        for text in texts:
            if isinstance(text, str):
                raise InputError(
                    f"text {len(lengths)} (counted from 0) is a string; give each text as the list of its tokens"
                )
            lengths.append(len(text))
            for token in text:
                yield number.get(token, -1)

    found = np.fromiter(numbers(), dtype=np.int64)
    if not lengths:
        raise InputError("there are no texts to count words in; give at least one")
    return found, np.array(lengths, dtype=np.int64)


def _stretches(
    found: Integers, lengths: Integers, window: int, windows: Windows
) -> tuple[Integers, Integers, Integers, int]:
    """Give the stretches of successive windows that have a word, numbering the windows of all texts on.

    Windows are far too many to list; a word is in a few unbroken stretches of them, which are quickly found from
    where it occurs.

    Returns
    -------
    start, end : ndarray of int64, shape (n_stretches,)
        First and last window, in order of the first.
    word : ndarray of int64, shape (n_stretches,)
    n_windows : int
    """
    n_windows = np.maximum(lengths - window + 1, 1)
    first_token = np.cumsum(lengths) - lengths
    first_window = np.cumsum(n_windows) - n_windows
    at = np.flatnonzero(found >= 0)
    at = at[np.argsort(found[at], kind="stable")]
    text = np.repeat(np.arange(len(lengths)), lengths)[at]
    word = found[at]
    place = at - first_token[text]
    start = np.maximum(place - window + 1, 0)
    last = place
    if windows == "gensim":
        # A word stays until the first of its occurrences leaves, wherever the others are.
        key = word * (len(found) + 1) + at
        last = place[np.searchsorted(key, key - (place - start))]
    end = np.minimum(last, n_windows[text] - 1)

    opens = np.ones(len(at), dtype=bool)
    opens[1:] = (word[1:] != word[:-1]) | (text[1:] != text[:-1]) | (start[1:] > end[:-1])
    closes = np.append(opens[1:], True) if len(at) else opens
    start, end = (start + first_window[text])[opens], (end + first_window[text])[closes]
    word = word[opens]
    order = np.argsort(start, kind="stable")
    return start[order], end[order], word[order], int(n_windows.sum())


def _overlaps(start: Integers, end: Integers, word: Integers, n_words: int) -> tuple[Any, Floats]:
    """Count the windows that two words share, and those that one has; whole numbers, so in any order the same."""
    from scipy import sparse

    alone = np.bincount(word, weights=end - start + 1, minlength=n_words).astype(np.float64)
    together = sparse.csr_matrix((n_words, n_words), dtype=np.float64)
    partners = np.searchsorted(start, end, side="right") - np.arange(len(start)) - 1
    done = np.concatenate([[0], np.cumsum(partners)])
    begin = 0
    while begin < len(start):
        stop = max(int(np.searchsorted(done, done[begin] + _BLOCK, side="right")) - 1, begin + 1)
        count = partners[begin:stop]
        a = np.repeat(np.arange(begin, stop), count)
        b = a + 1 + np.arange(len(a)) - np.repeat(done[begin:stop] - done[begin], count)
        shared = np.minimum(end[a], end[b]) - start[b] + 1
        pairs = (np.minimum(word[a], word[b]), np.maximum(word[a], word[b]))
        together = together + sparse.coo_matrix((shared.astype(np.float64), pairs), shape=together.shape).tocsr()
        begin = stop
    return (together + together.T + sparse.diags(alone)).tocsr(), alone


def word_lists(keywords: Sequence[Sequence[str]]) -> list[list[str]]:
    """Give each theme's words as a list; a string in place of a list would be taken for its letters."""
    for theme, words in enumerate(keywords):
        if isinstance(words, str):
            raise InputError(f"the keywords of theme {theme} (counted from 0) are one string; give a list of words")
    return [list(words) for words in keywords]


def _choose(name: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise InputError(f"{name} is {given!r}; allowed are {' and '.join(map(repr, allowed))}")
