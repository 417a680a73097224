"""The questions of intruder tests, drawn once and in one way for machines and for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError
from research.themes._coherence import word_lists
from research.themes._quality import number_themes

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IntruderTest", "Questions", "draw_paragraphs", "draw_words"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class IntruderTest:
    """Questions for people, and their answers.

    Attributes
    ----------
    sheet : polars.DataFrame
        What a person gets, a row a question, in random order: `question` (from 1), `item_1`, `item_2`, ... (text), and
        `answer`, empty, for the number of the item that does not belong. Themes are not shown.
    key : polars.DataFrame
        What a person must not see: `question`, `theme`, `answer` (number of the intruder), `intruder_theme`, `n_items`.
    left_out : tuple of str
        Themes with too few words or paragraphs to ask about.
    """

    sheet: pl.DataFrame
    key: pl.DataFrame
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Questions:
    """Questions in the order they are asked: what is shown and where the intruder is."""

    themes: list[str]
    of_theme: Integers
    from_theme: Integers
    items: Integers  # shape (n_questions, n_items): words, or rows
    place: Integers  # of the intruder among the items, from 0
    left_out: tuple[str, ...]
    words: Sequence[str] = ()

    def test(self, texts: Sequence[str] | None = None) -> IntruderTest:
        """Write the sheet and its key; items are the words, or rows of `texts`."""
        import polars as pl

        texts = self.words if texts is None else texts
        n, n_items = self.items.shape
        number = np.arange(1, n + 1)
        shown = {f"item_{k + 1}": [texts[i] for i in self.items[:, k]] for k in range(n_items)}
        sheet = pl.DataFrame({"question": number, **shown}).with_columns(answer=pl.lit(None, pl.Int64))
        key = pl.DataFrame(
            {
                "question": number,
                "theme": [self.themes[k] for k in self.of_theme],
                "answer": self.place + 1,
                "intruder_theme": [self.themes[k] for k in self.from_theme],
                "n_items": np.full(n, n_items),
            }
        )
        return IntruderTest(sheet, key, self.left_out)


def draw_words(keywords: Sequence[Sequence[str]], n_words: int, n_per_theme: int, random_state: int) -> Questions:
    """Draw words of a theme and one of another theme that its list does not hold."""
    _check_numbers(n_words=(n_words, 2), n_per_theme=(n_per_theme, 1))
    lists = [list(dict.fromkeys(words)) for words in word_lists(keywords)]
    words = list(dict.fromkeys(word for listed in lists for word in listed))
    number = {word: k for k, word in enumerate(words)}
    numbers = [np.array([number[word] for word in listed], dtype=np.int64) for listed in lists]
    members = [listed[:n_words] for listed in numbers]
    listed_by = [set(listed.tolist()) for listed in numbers]
    names = [str(theme) for theme in range(len(lists))]

    def intruders(theme: int, other: int) -> Integers:
        return np.array([word for word in members[other].tolist() if word not in listed_by[theme]], dtype=np.int64)

    return _draw(names, members, intruders, n_words, n_per_theme, random_state, words)


def draw_paragraphs(
    place: Integers, first: Integers, labels: Sequence[Any], n_members: int, n_per_theme: int, random_state: int
) -> Questions:
    """Draw from distinct contents, numbered in their own order, so that the order of the rows plays no part."""
    _check_numbers(n_members=(n_members, 2), n_per_theme=(n_per_theme, 1))
    themes, number = number_themes(labels)
    place = place.reshape(-1)
    pairs = np.unique(np.column_stack([place, number])[number >= 0], axis=0)
    content, times = np.unique(pairs[:, 0], return_counts=True)
    pairs = pairs[np.isin(pairs[:, 0], content[times == 1])]
    members = [first[pairs[pairs[:, 1] == theme, 0]] for theme in range(len(themes))]
    names = [str(theme) for theme in themes]
    return _draw(names, members, lambda theme, other: members[other], n_members, n_per_theme, random_state)


def _draw(
    names: list[str],
    members: list[Integers],
    intruders: Callable[[int, int], Integers],
    n_members: int,
    n_per_theme: int,
    random_state: int,
    words: Sequence[str] = (),
) -> Questions:
    rng = np.random.default_rng(random_state)
    drawn = []
    left_out = []
    for theme, own in enumerate(members):
        others = [k for k in range(len(members)) if k != theme and len(intruders(theme, k))]
        if len(own) < n_members or not others:
            left_out.append(names[theme])
            continue
        for _ in range(n_per_theme):
            other = int(rng.choice(others))
            shown = rng.permutation(np.append(rng.choice(own, n_members, replace=False), -1))
            where = int(np.flatnonzero(shown == -1)[0])
            shown[where] = rng.choice(intruders(theme, other))
            drawn.append((theme, other, where, shown))
    if not drawn:
        raise InputError(
            f"none of {len(names)} themes has {n_members} distinct members and another theme to take an intruder from; "
            "give more themes, longer ones, or ask for fewer members"
        )
    of_theme, from_theme, where_, items = zip(*(drawn[k] for k in rng.permutation(len(drawn))), strict=True)
    return Questions(
        names, np.array(of_theme), np.array(from_theme), np.array(items), np.array(where_), tuple(left_out), words
    )


def _check_numbers(**numbers: tuple[int, int]) -> None:
    for name, (given, least) in numbers.items():
        if not isinstance(given, (int, np.integer)) or given < least:
            raise InputError(f"{name} is {given!r}; give a whole number, at least {least}")
