"""What the paragraphs of a theme say that those of the other themes do not.

The weighting was chosen on three corpora, with the words of each theme's list scored as OCTIS does (gensim's NPMI of
ten words, and the share of distinct words in all lists), means over numbers of themes: 2,225 lemmatised articles of the
BBC in 10 to 50 themes by k-means (first two columns) and by Ward on UMAP (next two), 503 summaries of bills in 5 to 30
themes by k-means, and 3,000 raw newsgroup messages in their 20 groups. No list is ever chosen by what it is scored
with.

====================================================  ==========  ==========  ==========  ==========
weight of a word for a theme                           k-means      UMAP        bills      messages
====================================================  ==========  ==========  ==========  ==========
c-TF-IDF (BERTopic)                                   .150  .76   .152  .78   .084  .81   .030  .69
c-TF-IDF of paragraphs that have the word             .165  .75   .176  .78   .133  .73   .075  .43
the same, square roots (reduce_frequent_words)        .174  .89   .176  .90   .099  .93   .110  .92
log-odds with a Dirichlet prior (Monroe), paragraphs  .171  .87   .171  .89   .070  .94   .089  .90
FREX (frequency and exclusivity, half each)           .168  .91   .165  .92   -.25  1.0   -.16  1.0
share of the theme x precision (PMI squared)          .170  .90   .164  .92   .073  .95   .087  .97
F1 of word and theme                                  .156  .91   .150  .93   .105  .92   .131  .91
NPMI of word and theme                                .089  .96   .101  .97   -.05  1.0   -.01  1.0
share x log lift (Kullback-Leibler)                   .185  .82   .188  .84   .119  .91   .113  .92
log-likelihood ratio (Dunning), paragraphs            .186  .86   .195  .87   .095  .94   .089  .96
squared Hellinger distance                            .188  .86   .194  .87   .091  .94   .100  .95
Jensen-Shannon, of counts of words                    .157  .81   .158  .83   .034  .93   .010  .96
Jensen-Shannon, of shares of paragraphs               .185  .83   .195  .85   .112  .92   .116  .92
the same, a theme giving up weak words (in use)       .180  .88   .191  .88   .109  .93   .112  .93
the same, each word only in its strongest theme       .151  1.0   .163  1.0   .072  1.0   .098  1.0
====================================================  ==========  ==========  ==========  ==========

Counting paragraphs instead of words helped every formula. The log-likelihood ratio and Hellinger's distance favour rare
words of names and addresses in raw text; plain c-TF-IDF favours what every theme says.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research._language import language_code
from research.errors import InputError
from research.themes._terms import Ints, Terms, count_terms, shown_forms

__all__ = ["KeywordFinder", "class_keywords"]

_GIVE_UP = 0.5  # a theme gives up a word that says another theme more than twice as much
_TWICE = 2  # a phrase is one that two paragraphs of the theme have
_PHRASE = 0.5  # ... and that accounts for half of the paragraphs with one of its words
_SHARED = 2  # a keyword is a term that two paragraphs of the theme have
_FEWEST = 3  # ... where there are three such; else the three heaviest terms stand
_INSIDE = 2 / 3  # a word that this share of its paragraphs have inside a phrase gives way to it


def class_keywords(
    groups: Sequence[Sequence[str]], language: str = "en", n_keywords: int = 10, max_words: int = 2
) -> list[list[tuple[str, float]]]:
    """Find each group's keywords, words and phrases, by the Jensen-Shannon divergence from the other groups.

    With s the share of the group's paragraphs that have a term, o that of the other groups' and m = (s + o) / 2, a term
    with s > o has the weight s log(s / m) + o log(o / m) in nats, from 0 to log 2: twice what it adds to the
    Jensen-Shannon divergence of the two, read as distributions. A group gives up a term that another group has with
    more than twice the weight. Of a group of several texts the terms of a single text are left out where three others
    remain; else the group has its three heaviest terms and no more.

    A phrase counts where two paragraphs of the group have it and it accounts for at least half of those with one of its
    words; a word (or shorter phrase) that two thirds of its paragraphs have inside a phrase gives way to it, and a term
    whose words are all among the heavier keywords is left out. Inflections count together (English: regular plurals and
    past forms, where the texts have the base form too) and the commonest form is shown.

    Parameters
    ----------
    groups : sequence of sequence of str
        The texts of each group. A text may be in several; a text that a group repeats counts once in it.
    language : str, default="en"
        Whose stop words are left out.
    n_keywords : int, default=10
        The most keywords of a group, at least 1.
    max_words : int, default=2
        The longest phrase, 1 to 3 words. One of three words may have a stop word in its middle.

    Returns
    -------
    list of list of (str, float)
        For each group at most `n_keywords` keywords in small letters with their weights, heaviest first, ties words
        first and in alphabetical order; none where nothing sets a group apart.

    Raises
    ------
    InputError
        If `n_keywords` or `max_words` is out of its range.

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy, IEEE Transactions on Information Theory 37.
    Gallagher et al. (2021), Generalized word shift graphs, EPJ Data Science 10:4.

    Examples
    --------
    >>> words = class_keywords([["The reactor runs.", "A reactor stops."], ["The bank lends."]])
    >>> words[0][0][0]
    'reactor'
    """
    for name, value, allowed in (("n_keywords", n_keywords, "at least 1"), ("max_words", max_words, "1, 2 or 3")):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < 1 or (name == "max_words" and value > 3):
            raise InputError(f"{name} is {value!r}; it must be a whole number, {allowed}")
    texts = [text for group in groups for text in group]
    ends = np.cumsum([len(group) for group in groups])
    rows = [np.arange(end - len(group), end) for group, end in zip(groups, ends, strict=True)]
    return KeywordFinder(texts, language, int(max_words)).keywords(rows, int(n_keywords))


class KeywordFinder:
    """The terms of texts, counted once, to find the keywords of one grouping after another.

    Parameters
    ----------
    texts : sequence of str
        Of all groups; a text that comes again is the same text.
    language : str
    max_words : int
    """

    def __init__(self, texts: Sequence[str], language: str, max_words: int = 2) -> None:
        distinct = sorted(set(texts))
        place = {text: row for row, text in enumerate(distinct)}
        self._place = np.array([place[text] for text in texts], dtype=np.int64)
        self._terms = count_terms(distinct, language_code(language), max_words)

    def keywords(self, groups: Sequence[Ints], n_keywords: int) -> list[list[tuple[str, float]]]:
        """Find the keywords of groups of rows of the texts, as `class_keywords` does."""
        return _keywords(self._terms, [np.unique(self._place[rows]).tolist() for rows in groups], n_keywords)


def _keywords(terms: Terms, members: list[list[int]], n_keywords: int) -> list[list[tuple[str, float]]]:
    """Choose the keywords of groups of texts."""
    present = _presence(terms, members)
    indptr, columns, counts = present.indptr, present.indices.astype(np.int64), present.data
    weights = _weights(present, np.array([len(rows) for rows in members], dtype=np.float64))
    best = np.zeros(present.shape[1])
    np.maximum.at(best, columns, weights)
    kept = (weights > 0) & (weights >= _GIVE_UP * best[columns])
    chosen = []
    for rows, (start, end) in zip(members, pairwise(indptr.tolist()), strict=True):
        keep = kept[start:end] & ~_gives_way(terms, columns[start:end], counts[start:end], kept[start:end])
        found, weight = columns[start:end][keep], weights[start:end][keep]
        order = np.lexsort((found, -weight))
        most = n_keywords
        if len(rows) > 1:  # what one of several paragraphs says is chance: which of it comes first is the alphabet's
            shared = order[counts[start:end][keep][order] >= _SHARED]
            order, most = (shared, most) if len(shared) >= _FEWEST else (order, min(most, _FEWEST))
        first = order[_no_repeats(terms, found[order], most)]
        chosen.append((found[first], weight[first]))
    shown = shown_forms(terms, np.unique(np.concatenate([[], *(found for found, _ in chosen)]).astype(np.int64)))
    return [[(shown[c], float(w)) for c, w in zip(found.tolist(), weight, strict=True)] for found, weight in chosen]


def _presence(terms: Terms, members: list[list[int]]) -> Any:
    """Count the paragraphs of each group that have each term, shape (n_groups, n_terms)."""
    from scipy.sparse import csr_matrix

    group = np.repeat(np.arange(len(members)), [len(rows) for rows in members])
    row = np.array([row for rows in members for row in rows], dtype=np.int64)
    belongs = csr_matrix((np.ones(len(row)), (group, row)), shape=(len(members), terms.counts.shape[0]))
    has = terms.counts.copy()
    has.data[:] = 1.0
    present = csr_matrix(belongs @ has)
    present.sort_indices()
    return present


def _weights(present: Any, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the weight of each stored entry, 0 where the group has the term no more than the others."""
    total = np.asarray(present.sum(axis=0)).reshape(-1)[present.indices]
    size = np.repeat(sizes, np.diff(present.indptr))
    share = present.data / size
    others = (total - present.data) / np.maximum(sizes.sum() - size, 1.0)
    mean = (share + others) / 2
    weights = share * np.log(share / mean)
    weights += others * np.log(np.where(others > 0, others, 1.0) / mean, where=others > 0, out=np.zeros_like(mean))
    return np.where(share > others, np.round(weights, 12), 0.0)


def _gives_way(terms: Terms, columns: Ints, counts: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[Any]:
    """Say which of a group's terms give way: to a phrase, or as a phrase that is none."""
    n_words = len(terms.forms)
    of = np.zeros(terms.counts.shape[1] + 1)
    of[columns] = counts  # the last, for the part -1, stays 0
    phrases = columns >= n_words
    parts = terms.parts[columns[phrases] - n_words]
    own = counts[phrases]
    real = kept[phrases] & (own >= _TWICE)
    real &= (own[:, None] >= _PHRASE * np.where(parts >= 0, of[parts], np.inf)).any(axis=1)
    inside = np.zeros_like(of)
    np.maximum.at(inside, parts[real].reshape(-1), np.repeat(own[real], parts.shape[1]))
    inside[-1] = 0.0
    result: NDArray[np.bool_] = inside[columns] >= _INSIDE * counts
    result[np.flatnonzero(phrases)[~real]] = True
    return result


def _no_repeats(terms: Terms, found: Ints, n_keywords: int) -> list[int]:
    """Give the places of the first terms that each bring a word that those before them have not."""
    n_words = len(terms.forms)
    places: list[int] = []
    said: set[int] = set()
    for place, column in enumerate(found.tolist()):
        parts = [column] if column < n_words else terms.parts[column - n_words].tolist()
        words = {part for part in parts if 0 <= part < n_words}
        if not words <= said:
            places.append(place)
            said |= words
        if len(places) == n_keywords:
            break
    return places
