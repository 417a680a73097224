"""Readable names of themes, from their keywords or by a function of the user's."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from research.errors import InputError
from research.themes._terms import tokenise

__all__ = ["ThemeSummary", "call_namer", "keyword_labels", "theme_slug", "usual_case"]

_ENOUGH_WORDS = 3  # a label takes two keywords, and a third where those are single words
_STEM = 5  # words with as many first letters in common say much the same: Syria, Syrian
_MOST_LETTERS = 60  # of a slug: it names columns and files
_ENDS = frozenset(".!?:;…\"“”„«»'‘•|(")  # after these a capital may only be that of a beginning


@dataclass(frozen=True)
class ThemeSummary:
    """What a naming function gets to know of a theme.

    Attributes
    ----------
    theme : str
        What the theme is called without the function; it says which theme an error is about.
    keywords : tuple of str
        Strongest first; none where the texts are not known.
    representatives : tuple of str
        Texts of the most typical paragraphs.
    n_paragraphs : int
    """

    theme: str
    keywords: tuple[str, ...]
    representatives: tuple[str, ...]
    n_paragraphs: int


def call_namer(
    namer: Callable[[ThemeSummary], str], summaries: Sequence[ThemeSummary], taken: Iterable[str] = ()
) -> list[str]:
    """Let a function name themes, and check what it returns.

    Parameters
    ----------
    namer : callable
        Gets a `ThemeSummary` and returns the theme's label, a text.
    summaries : sequence of ThemeSummary
    taken : iterable of str, optional
        Labels that other themes already have.

    Returns
    -------
    list of str
        A label each, spaces and line breaks folded; no two are the same, capitals aside.

    Raises
    ------
    InputError
        If the function cannot be called, or returns no text, an empty one, or one that another theme has.

    Examples
    --------
    >>> call_namer(lambda theme: " & ".join(theme.keywords), [ThemeSummary("d1", ("oil", "gas"), (), 7)])
    ['oil & gas']
    """
    if not callable(namer):
        raise InputError(
            f"the naming function is {namer!r}; it must be a function of a ThemeSummary that returns a text"
        )
    owner = {label.casefold(): "another theme" for label in taken}
    labels = []
    for summary in summaries:
        returned = namer(summary)
        if not isinstance(returned, str):
            raise InputError(f"the naming function returned {returned!r} for theme {summary.theme}; return a text")
        label = " ".join(returned.split())
        if not any(sign.isalnum() for sign in label):
            raise InputError(
                f"the naming function returned {returned!r} for theme {summary.theme}; "
                "return a text with at least one letter or digit"
            )
        if label.casefold() in owner:
            raise InputError(
                f"the naming function returned {returned!r} for theme {summary.theme}, as for "
                f"{owner[label.casefold()]}; return a different label for each theme"
            )
        owner[label.casefold()] = f"theme {summary.theme}"
        labels.append(label)
    return labels


def keyword_labels(
    keywords: Sequence[Sequence[str]], case: dict[str, str] | None = None, taken: Iterable[str] = ()
) -> list[str]:
    """Label each theme with its strongest keywords that have no word, nor the first five letters of one, in common.

    Two keywords, or three where two have only two words. Where an earlier theme has the same label, keywords are added
    until it differs, and at last a number.

    Parameters
    ----------
    keywords : sequence of sequence of str
        Of each theme, strongest first.
    case : dict of str to str, optional
        How keywords are written, as `usual_case` gives it.
    taken : iterable of str, optional
        Labels that other themes already have.

    Returns
    -------
    list of str
        "" for a theme without keywords.

    Examples
    --------
    >>> keyword_labels([["crude oil", "oil", "refineries", "gas"], ["eu", "nato", "putin", "summit"]], {"eu": "EU"})
    ['Crude oil, refineries', 'EU, nato, putin']
    """
    used = {label.casefold() for label in taken}
    labels = []
    for words in keywords:
        apart: list[str] = []
        for word in words:
            if not any(_akin(a, b) for other in apart for a in word.split() for b in other.split()):
                apart.append(word)
        count = 2 if len(" ".join(apart[:2]).split()) >= _ENOUGH_WORDS else 3
        tries = [apart[:n] for n in range(count, max(count, len(apart)) + 1)]
        options = [_capital(", ".join((case or {}).get(word, word) for word in chosen)) for chosen in tries]
        label = next((option for option in options if option.casefold() not in used), options[0])
        number = 2
        while label and label.casefold() in used:
            label = f"{options[0]} ({number})"
            number += 1
        if label:
            used.add(label.casefold())
        labels.append(label)
    return labels


def theme_slug(number: int, label: str, taken: Iterable[str] = ()) -> str:
    """Give a discovered theme's name: d, its number, and its label in plain small letters.

    Parameters
    ----------
    number : int
        From 1, each theme its own.
    label : str
        Accents are dropped; a label without Latin letters leaves the number alone.
    taken : iterable of str, optional
        Names of other themes, such as the codebook's.

    Returns
    -------
    str
        Of a-z, 0-9 and _, at most 60 characters of label; not in `taken`.

    Examples
    --------
    >>> theme_slug(1, "Crude oil, refineries"), theme_slug(2, "Élysée"), theme_slug(3, "тема")
    ('d1_crude_oil_refineries', 'd2_elysee', 'd3')
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    parts: list[str] = []
    for part in re.findall(r"[a-z0-9]+", plain.replace("'", "")):
        if len("_".join([*parts, part])) > _MOST_LETTERS:
            break
        parts.append(part)
    slug = "_".join([f"d{number}", *parts])
    others = set(taken)
    while slug in others:
        slug += "_discovered"
    return slug


def usual_case(keywords: Iterable[str], texts: Iterable[str]) -> dict[str, str]:
    """Find how keywords are mostly written in the texts, where no sentence begins.

    Parameters
    ----------
    keywords : iterable of str
        In small letters, as `class_keywords` gives them.
    texts : iterable of str

    Returns
    -------
    dict of str to str
        Every keyword as it mostly stands (of equally common ways, the one with the most small letters); in small
        letters where it only stands at beginnings, unless it is written there with more than one capital.

    Examples
    --------
    >>> usual_case(["s-400", "eu", "oil"], ["Oil fell. The S-400 is no matter of the EU’s oil ban."])
    {'s-400': 'S-400', 'eu': 'EU', 'oil': 'oil'}
    """
    wanted = [tuple(keyword.split()) for keyword in keywords]
    starting: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for words in sorted(set(wanted)):
        if words:
            starting[words[0]].append(words)
    inner: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    first: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for text in texts:
        tokens = tokenise(text)
        for place, (word, _) in enumerate(tokens):
            for words in starting.get(word, ()):
                found = tokens[place : place + len(words)]
                if tuple(part for part, _ in found) == words:
                    begins = place == 0 or tokens[place - 1][1][-1] in _ENDS
                    (first if begins else inner)[words][" ".join(stands for _, stands in found)] += 1
    result = {}
    for words in wanted:
        keyword = " ".join(words)
        seen = inner[words] or Counter({form: n for form, n in first[words].items() if not _only_begins(form)})
        result[keyword] = min(seen, key=lambda form: (-seen[form], _capitals(form), form)) if seen else keyword
    return result


def _akin(a: str, b: str) -> bool:
    return a == b or (len(a) >= _STEM and a[:_STEM] == b[:_STEM])


def _capitals(form: str) -> int:
    return sum(sign.isupper() for sign in form)


def _only_begins(form: str) -> bool:
    return form[1:] == form[1:].lower()


def _capital(label: str) -> str:
    """Write the first letter large, unless the first word has a capital of its own (iPhone)."""
    head = label.split(" ", 1)[0]
    return label if head != head.lower() else label[:1].upper() + label[1:]
