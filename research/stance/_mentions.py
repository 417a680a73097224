"""Find where texts mention targets, in whose voice, and the stretch of text that tells the stance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from research._language import language_code
from research._texts import refuse_tables
from research.errors import ConfigError, InputError
from research.stance._targets import Target, alias_pattern, check_targets
from research.stance._voices import attributed_stretches, without_stretches

__all__ = ["Mentions", "context_span", "find_mentions", "mark_mentions", "mention_spans"]

# Characters on each side of a mention that the encoder pools, beside the mention itself: what is said of the target
# stands near it, and who says it or of what else stands farther off (docs/stance.md has the table of what lost).
_NEAR, _FAR = 30, 120

_Span = tuple[int, int]
# Text, target, start, end, attributed, implied, and the spans to pool where the mention is scored.
_Row = tuple[int, int, int, int, bool, bool, tuple[_Span, _Span, _Span] | None]


@dataclass(frozen=True)
class Mentions:
    """Mentions of targets in a list of texts.

    Row k of the arrays is one mention: target number `target[k]` in text number `text[k]`, at the characters
    `start[k]` to `end[k]`.

    Attributes
    ----------
    targets : tuple of Target
    spans : list of list of (int, int)
        For each text the contexts to encode, sorted and unique: what `Encoder.encode` takes and the order in which
        `Embeddings.spans` comes back.
    text, target, start, end : ndarray of int64, shape (n_mentions,)
    span : ndarray of int64, shape (n_mentions, 3)
        The rows of `Embeddings.spans` that hold the mention, its near and its far context; -1 where it is not scored.
    attributed, implied : ndarray of bool, shape (n_mentions,)
        Whether it stands in words that are somebody else's, quoted or reported; whether the target is not named but
        implied by others.
    """

    targets: tuple[Target, ...]
    spans: list[list[tuple[int, int]]]
    text: NDArray[np.int64]
    target: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    span: NDArray[np.int64]
    attributed: NDArray[np.bool_]
    implied: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.text)

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Whether each mention stands in a voice that counts, shape (n_mentions,)."""
        return self.span[:, 0] >= 0

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether each text mentions or implies each target at all, shape (n_texts, n_targets)."""
        table = np.zeros((len(self.spans), len(self.targets)), dtype=bool)
        table[self.text, self.target] = True
        return table


def context_span(
    text: str, start: int, end: int, sentences: Sequence[tuple[int, int]], width: int = _NEAR
) -> tuple[int, int]:
    """Give a mention's context: so many characters on each side, whole words, within its sentence.

    Examples
    --------
    >>> text = "China haggled over every single repayment; India lent the island money on easy terms. Rain fell."
    >>> a, b = context_span(text, 43, 48, [(0, 85), (86, 96)], 30)
    >>> text[a:b]
    'over every single repayment; India lent the island money on easy'
    """
    low = min((a for a, b in sentences if a < end and b > start), default=0)
    high = max((b for a, b in sentences if a < end and b > start), default=len(text))
    low, high = min(low, start), max(high, end)
    left, right = max(low, start - width), min(high, end + width)
    while low < left < start and not text[left - 1].isspace():
        left += 1
    while end < right < high and not text[right].isspace():
        right -= 1
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right


def mention_spans(
    text: str, start: int, end: int, sentences: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Give the stretches that are pooled for a mention: itself, its near and its far context."""
    return (
        (start, end),
        context_span(text, start, end, sentences, _NEAR),
        context_span(text, start, end, sentences, _FAR),
    )


def mark_mentions(
    texts: Sequence[str], positions: Sequence[tuple[int, int]], language: str = "en", name: str = "marked"
) -> Mentions:
    """Give the mentions of texts in which somebody has marked one target each, such as labelled ones.

    Parameters
    ----------
    texts : sequence of str
        A text with two targets comes twice.
    positions : sequence of (start, end)
        Characters of the mention, `end` excluded.
    language : str
        For splitting sentences.
    name : str
        Of the target, whatever it stands for in each text.

    Returns
    -------
    Mentions

    Raises
    ------
    InputError
        If there is not one position a text, or one lies outside its text.

    Examples
    --------
    >>> mark_mentions(["They trust India."], [(11, 16)]).spans
    [[(0, 17), (11, 16)]]
    """
    from research.corpus import split_sentences

    refuse_tables(texts)
    if len(texts) != len(positions):
        raise InputError(f"there are {len(texts)} texts and {len(positions)} positions; mark one mention a text")
    rows: list[_Row] = []
    for place, (text, (start, end)) in enumerate(zip(texts, positions, strict=True)):
        if not 0 <= start < end <= len(text):
            raise InputError(
                f"text {place} has {len(text)} characters; its mention is said to stand at {start} to {end}"
            )
        spans = mention_spans(text, start, end, split_sentences(text, language))
        rows.append((place, 0, start, end, False, False, spans))
    return _arrange((Target(name, name, (name,)),), len(texts), rows)


def find_mentions(
    texts: Sequence[str],
    targets: Sequence[Target] | Target,
    language: str = "en",
    voice: Literal["own", "all"] = "own",
) -> Mentions:
    """Find every mention of every target.

    Names are found at word boundaries, with plural and possessive endings, the longest alias first. A target without
    a mention of its own is implied in a sentence that mentions, in a voice that counts, every target of one of its
    `implied_by` groups; its mention then runs from the first to the last of theirs.

    Parameters
    ----------
    texts : sequence of str
    targets : sequence of Target, or one Target
    language : str
        ISO 639-1 code, for splitting sentences.
    voice : {"own", "all"}
        "own" leaves mentions in somebody else's words unscored: in quotations and, in English, in reports of what
        somebody said, thought or judged. A target mentioned only there is present, and neutral. The context of the
        others ends where such words begin.

    Returns
    -------
    Mentions

    Raises
    ------
    ConfigError
        If two targets share an alias, a name is not usable or `voice` is unknown.
    InputError
        If `texts` is one text, a whole table or none at all, or holds something that is no text, or if `language` is no
        code of ISO 639-1.

    Examples
    --------
    >>> russia = Target("russia", "Russia", ("Russia", "Moscow"))
    >>> found = find_mentions(["Moscow kept its word.", "Rain fell."], [russia])
    >>> found.spans, found.present.tolist()
    ([[(0, 6), (0, 21)], []], [[True], [False]])
    """
    from research.corpus import split_sentences

    refuse_tables(texts)
    if isinstance(texts, str):
        raise InputError("`texts` is one text; give a list of texts")
    if not isinstance(texts, Iterable):
        raise InputError(f"`texts` is a {type(texts).__name__}; give a list of texts")
    language = language_code(language)
    texts = list(texts)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"text {row} (from 0) is a {type(text).__name__}; leave such rows out")
    if voice not in ("own", "all"):
        raise ConfigError(f"`voice` is {voice!r}; allowed are own and all")
    if isinstance(targets, str) or not isinstance(targets, Target | Iterable):
        raise ConfigError(f"`targets` is {targets!r}; give a list of `Target`s")
    targets = (targets,) if isinstance(targets, Target) else tuple(targets)
    check_targets(targets)
    names = [target.aliases + target.shared_aliases for target in targets]
    patterns = [alias_pattern(each) if each else None for each in names]
    number = {target.name: i for i, target in enumerate(targets)}
    rows: list[_Row] = []
    for place, text in enumerate(texts):
        named = [
            [match.span() for match in pattern.finditer(text)] if pattern is not None else [] for pattern in patterns
        ]
        if not any(named):
            continue
        sentences = split_sentences(text, language)
        others = attributed_stretches(text, language)
        # In its own voice a text says nothing about the speaker by what the speaker says.
        contexts = without_stretches(sentences, others) if voice == "own" else sentences
        scored: list[list[tuple[int, int]]] = []
        for which, spans in enumerate(named):
            scored.append([])
            for start, end in spans:
                attributed = any(a <= start and end <= b for a, b in others)
                counts = voice == "all" or not attributed
                if counts:
                    scored[which].append((start, end))
                pooled = mention_spans(text, start, end, contexts) if counts else None
                rows.append((place, which, start, end, attributed, False, pooled))
        for which, target in enumerate(targets):
            if scored[which] or not target.implied_by:
                continue
            for low, high in sentences:
                for group in target.implied_by:
                    inside = [[s for s in scored[number[name]] if low <= s[0] < high] for name in group]
                    if all(inside):
                        start = min(span[0] for spans in inside for span in spans)
                        end = max(span[1] for spans in inside for span in spans)
                        pooled = mention_spans(text, start, end, contexts)
                        rows.append((place, which, start, end, False, True, pooled))
                        break
    return _arrange(targets, len(texts), rows)


def _arrange(targets: tuple[Target, ...], n_texts: int, rows: list[_Row]) -> Mentions:
    """Put mentions in order and number the spans that they share."""
    rows = sorted(rows, key=lambda row: row[:4])
    spans: list[list[tuple[int, int]]] = [[] for _ in range(n_texts)]
    for row in rows:
        spans[row[0]] += row[6] or ()
    spans = [sorted(set(found)) for found in spans]
    offset = np.concatenate([[0], np.cumsum([len(found) for found in spans])]).astype(np.int64)
    lookup = {
        (place, span): int(offset[place]) + i for place, found in enumerate(spans) for i, span in enumerate(found)
    }
    columns = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4)
    places = [[-1] * 3 if row[6] is None else [lookup[row[0], span] for span in row[6]] for row in rows]
    return Mentions(
        targets=targets,
        spans=spans,
        text=columns[:, 0],
        target=columns[:, 1],
        start=columns[:, 2],
        end=columns[:, 3],
        span=np.array(places, dtype=np.int64).reshape(-1, 3),
        attributed=np.array([row[4] for row in rows], dtype=bool),
        implied=np.array([row[5] for row in rows], dtype=bool),
    )
