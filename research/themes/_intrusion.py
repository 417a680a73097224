"""Can one that does not belong be told apart? Intruder tests of themes, by measure and by people.

The questions are drawn once, in one way, for both: a machine answers them by likeness, people on a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError
from research.themes._coherence import pair_npmi
from research.themes._geometry import unit
from research.themes._intruders import IntruderTest, Questions, draw_paragraphs, draw_words
from research.themes._intrusion_score import IntrusionScore, score_answers

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "paragraph_intruder_test",
    "paragraph_intrusion",
    "score_intruders",
    "word_intruder_test",
    "word_intrusion",
]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def word_intruder_test(
    keywords: Sequence[Sequence[str]], n_words: int = 5, n_per_theme: int = 1, random_state: int = 0
) -> IntruderTest:
    """Make a sheet on which people find, among a theme's words, the one that belongs to another theme.

    Each question shows the theme's first `n_words` words and one of the first `n_words` of another theme, drawn at
    random, that this theme does not list at all; in random order.

    Parameters
    ----------
    keywords : sequence of sequence of str, length n_themes
        The words of each theme, best first. Words further down than `n_words` are not shown, and not intruders.
    n_words : int, at least 2
        Words of the theme in a question; five in the source, so that guessing scores 1 / 6.
    n_per_theme : int, at least 1
        Questions about each theme. They show the same words, so one person should see one.
    random_state : int

    Returns
    -------
    IntruderTest
        The same for the same keywords and seed. Themes are named by their place, from 0.

    Raises
    ------
    InputError
        If a number is too small, or no theme has enough words and another theme to take an intruder from.

    References
    ----------
    Chang et al. (2009), Reading tea leaves: how humans interpret topic models, NeurIPS.

    Examples
    --------
    >>> test = word_intruder_test([["oil", "gas", "fuel"], ["goal", "match", "coach"]], n_words=3)
    >>> test.sheet.columns
    ['question', 'item_1', 'item_2', 'item_3', 'item_4', 'answer']
    >>> score_intruders(test.key, test.key).share
    1.0
    """
    questions = draw_words(keywords, n_words, n_per_theme, random_state)
    return questions.test()


def paragraph_intruder_test(
    paragraphs: Sequence[str],
    labels: Sequence[Any],
    n_members: int = 3,
    n_per_theme: int = 1,
    random_state: int = 0,
) -> IntruderTest:
    """Make a sheet on which people find, among paragraphs of a theme, the one that is from another theme.

    Each question shows `n_members` distinct paragraphs of the theme, drawn at random, and one of another theme, each
    other theme as likely; in random order. Paragraphs without a theme, and texts that are in several themes, are not
    shown.

    Parameters
    ----------
    paragraphs : sequence of str, length n
        Their texts.
    labels : sequence, length n
        Their themes; -1, None and NaN stand for none.
    n_members : int, at least 2
        Paragraphs of the theme in a question; with the default guessing scores 1 / 4, and a question can be read.
    n_per_theme : int, at least 1
        Questions about each theme.
    random_state : int

    Returns
    -------
    IntruderTest
        The same for the same paragraphs and seed, in whatever order they come.

    Raises
    ------
    InputError
        If the lengths differ, a number is too small, or no theme has enough paragraphs and another theme to take an
        intruder from.

    References
    ----------
    Chang et al. (2009), Reading tea leaves: how humans interpret topic models, NeurIPS, carried over from words to
    paragraphs.

    Examples
    --------
    >>> texts = ["Oil rose.", "Gas fell.", "Fuel is dear.", "A late goal.", "The coach left.", "A dull match."]
    >>> test = paragraph_intruder_test(texts, [0, 0, 0, 1, 1, 1], n_members=2, n_per_theme=3)
    >>> test.sheet.height, test.key["n_items"].to_list()
    (6, [3, 3, 3, 3, 3, 3])
    """
    texts = list(paragraphs)
    _check_length(len(texts), len(labels), "paragraphs")
    _, first, place = np.unique(np.array(texts, dtype=object), return_index=True, return_inverse=True)
    questions = draw_paragraphs(place, first, labels, n_members, n_per_theme, random_state)
    return questions.test(texts)


def word_intrusion(
    keywords: Sequence[Sequence[str]],
    vectors: Mapping[str, NDArray[np.floating]] | None = None,
    texts: Iterable[Sequence[str]] | None = None,
    window: int = 10,
    n_words: int = 5,
    n_per_theme: int = 20,
    random_state: int = 0,
) -> IntrusionScore:
    """Measure how often a word from another theme is the one least like the rest.

    The questions are those of `word_intruder_test`; the answer is the word w whose mean likeness to the others,

        sum over v of s(w, v) / (n_items - 1),

    is least. s is the cosine of vectors, or NPMI in windows of texts (Lau et al. take such co-occurrence as well). It
    stands in for people and is no proof that people would agree; nor is it independent of the themes when the vectors
    or texts are those they were found with. For a claim about interpretation, hand out `word_intruder_test`.

    Parameters
    ----------
    keywords : sequence of sequence of str, length n_themes
        The words of each theme, best first.
    vectors : mapping of str to ndarray, shape (n_dimensions,)
        A vector for each word; or give `texts`.
    texts : iterable of sequence of str
        Each text as the list of its tokens; or give `vectors`. Every word in a question must occur.
    window : int, at least 2
        Tokens, with `texts`.
    n_words : int, at least 2
        Words of the theme in a question.
    n_per_theme : int, at least 1
        Questions about each theme, which differ in their intruder.
    random_state : int

    Returns
    -------
    IntrusionScore

    Raises
    ------
    InputError
        As `word_intruder_test`; if not exactly one of `vectors` and `texts` is given; if a word has no vector or occurs
        in no text.

    References
    ----------
    Chang et al. (2009), Reading tea leaves, NeurIPS; Lau, Newman & Baldwin (2014), Machine reading tea leaves, EACL;
    Thielmann et al. (2024), Topics in the haystack, Computational Linguistics 50, for intruders by embedding; Hoyle et
    al. (2021), Is automated topic model evaluation broken?, NeurIPS, for how far measures and people part.

    Examples
    --------
    >>> vectors = {"oil": [1, 0], "gas": [1, 0.1], "goal": [0, 1], "match": [0.1, 1]}
    >>> word_intrusion([["oil", "gas"], ["goal", "match"]], vectors, n_words=2).share
    1.0
    """
    if (vectors is None) == (texts is None):
        raise InputError("likeness of words comes either from vectors or from texts; give exactly one of the two")
    questions = draw_words(keywords, n_words, n_per_theme, random_state)
    shown, items = np.unique(questions.items, return_inverse=True)
    items = items.reshape(questions.items.shape)
    words = [questions.words[k] for k in shown]
    if vectors is not None:
        lost = [word for word in words if word not in vectors]
        if lost:
            raise InputError(
                f"{len(lost)} of {len(words)} words have no vector ({', '.join(map(repr, lost[:5]))}); give each one"
            )
        likeness = _cosines(np.array([vectors[word] for word in words]))
        return _answered(questions, likeness, items)
    assert texts is not None
    npmi = pair_npmi(words, texts, window)
    return _answered(questions, lambda members: npmi[members[:, :, None], members[:, None, :]], items)


def paragraph_intrusion(
    X: Any,
    labels: Sequence[Any],
    n_members: int = 4,
    n_per_theme: int = 20,
    random_state: int = 0,
) -> IntrusionScore:
    """Measure how often a paragraph from another theme is the one whose vector is least like the rest.

    The questions are drawn as in `paragraph_intruder_test`, rows with the same vector counting as one paragraph; the
    answer is the paragraph with the least mean cosine to the others. In the vectors that the themes were found in this
    says how far the themes are apart there, not whether people see them: take another encoder's vectors, or hand out
    `paragraph_intruder_test`.

    Parameters
    ----------
    X : array-like, shape (n, n_dimensions)
        A vector a paragraph, of any length; only its direction counts.
    labels : sequence, length n
        Their themes; -1, None and NaN stand for none, and such paragraphs are left out.
    n_members : int, at least 2
        Paragraphs of the theme in a question; with the default guessing scores 1 / 5.
    n_per_theme : int, at least 1
        Questions about each theme.
    random_state : int

    Returns
    -------
    IntrusionScore
        The same whatever the order of the paragraphs.

    Raises
    ------
    InputError
        If the lengths differ, the vectors are no finite matrix, a number is too small, or no theme has enough
        paragraphs and another theme to take an intruder from.

    References
    ----------
    As `word_intrusion`, carried over to paragraphs.

    Examples
    --------
    >>> X = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1], [0.1, 1], [0.2, 1]])
    >>> found = paragraph_intrusion(X, [0, 0, 0, 1, 1, 1], n_members=2)
    >>> found.share, found.n, round(found.low, 2), round(found.chance, 2)
    (1.0, 40, 0.34, 0.33)
    """
    vectors = np.asarray(X)
    if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.number) or not np.isfinite(vectors).all():
        raise InputError(f"X has the shape {vectors.shape}; give a matrix of finite numbers, a row a paragraph")
    _check_length(len(vectors), len(labels), "rows")
    rows = np.ascontiguousarray(vectors + 0.0)  # no negative zeros
    # Bytes sort any way they like, as long as it is the same way for the same vectors.
    as_bytes = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel() if rows.size else rows[:, 0]
    _, first, place = np.unique(as_bytes, return_index=True, return_inverse=True)
    questions = draw_paragraphs(place, first, labels, n_members, n_per_theme, random_state)
    shown, items = np.unique(questions.items, return_inverse=True)
    return _answered(questions, _cosines(rows[shown]), items.reshape(questions.items.shape))


def score_intruders(answers: pl.DataFrame, key: pl.DataFrame) -> IntrusionScore:
    """Score a sheet that a person filled in.

    Parameters
    ----------
    answers : polars.DataFrame
        The sheet with its column `answer` filled in (numbers of items, or nothing), as it comes back from a
        spreadsheet: other columns and the order of the rows do not matter.
    key : polars.DataFrame
        The key of the test.

    Returns
    -------
    IntrusionScore
        Of one person. `left_out` is empty: the key does not know it.

    Raises
    ------
    InputError
        If a column is missing, a question of the key is not in the answers or is there twice, or an answer is not one
        of the items' numbers.

    Examples
    --------
    >>> test = word_intruder_test([["oil", "gas", "fuel"], ["goal", "match", "coach"]], n_words=3)
    >>> found = score_intruders(test.sheet, test.key)
    >>> found.share, found.n, found.n_blank, found.chance
    (0.0, 2, 2, 0.25)
    """
    _check_columns("answers", answers, ("question", "answer"))
    _check_columns("key", key, ("question", "theme", "answer", "n_items"))
    asked = [str(question) for question in answers["question"]]
    given = dict(zip(asked, answers["answer"].to_list(), strict=True))
    questions = key["question"].to_list()
    if len(given) != len(asked) or set(given) != {str(question) for question in questions}:
        raise InputError(
            f"the answers are to {len(asked)} questions, {len(given)} of them distinct, and the key has "
            f"{len(questions)}; give each question of the key once"
        )
    n_items = key["n_items"].to_list()
    found = [_read(given[str(question)], question, n) for question, n in zip(questions, n_items, strict=True)]
    right = np.array([answer == truth for answer, truth in zip(found, key["answer"], strict=True)])
    chance = float(np.mean([1 / n for n in n_items]))
    return score_answers(
        right, [str(theme) for theme in key["theme"]], chance, sum(answer is None for answer in found), ()
    )


def _answered(questions: Questions, likeness: Callable[[Integers], Floats], items: Integers) -> IntrusionScore:
    """Answer with the item least like the rest; the first of equals, which is a guess since places are random."""
    alike = likeness(items)
    rest = alike.sum(axis=2) - np.diagonal(alike, axis1=1, axis2=2)
    right = np.argmin(rest, axis=1) == questions.place
    names = [questions.themes[k] for k in questions.of_theme]
    return score_answers(right, names, 1 / items.shape[1], 0, questions.left_out)


def _cosines(vectors: NDArray[np.floating]) -> Callable[[Integers], Floats]:
    rows = unit(vectors)

    def likeness(members: Integers) -> Floats:
        values: Floats = np.einsum("qid,qjd->qij", rows[members], rows[members])
        return values

    return likeness


def _read(answer: Any, question: Any, n_items: int) -> int | None:
    if answer is None or answer != answer or not str(answer).strip():
        return None
    try:
        number = float(answer)
    except (TypeError, ValueError):
        number = 0.0
    if number not in range(1, n_items + 1):
        raise InputError(
            f"question {question} is answered {answer!r}; give a number from 1 to {n_items}, or leave it empty"
        )
    return int(number)


def _check_columns(name: str, table: pl.DataFrame, needed: tuple[str, ...]) -> None:
    lost = [column for column in needed if column not in table.columns]
    if lost:
        raise InputError(f"{name} has no column {', '.join(lost)}; it needs {', '.join(needed)}")


def _check_length(n: int, n_labels: int, what: str) -> None:
    if n != n_labels:
        raise InputError(f"there are {n} {what} and {n_labels} labels; give one label a paragraph")
