"""Cutting a text that is too long for a model into pieces that fit, so that nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["split_text"]


def split_text(
    text: str, sentences: Sequence[tuple[int, int]], limit: int, count: Callable[[list[str]], list[int]]
) -> list[tuple[int, int]]:
    """Split a text at sentence ends into the fewest pieces, from the left, that a model reads whole.

    A sentence too long by itself is halved at the white space nearest its middle, or between two characters where it
    has none, until the parts fit.

    Parameters
    ----------
    text : str
    sentences : sequence of (start, end)
        Character offsets, in order.
    limit : int
        Tokens the model reads at once, special ones counted.
    count : callable
        Gives the number of tokens of each of a list of texts, special ones counted.

    Returns
    -------
    list of (start, end)
        Character offsets of the pieces, in order; together they hold every character that is not white space.

    Examples
    --------
    >>> words = lambda texts: [len(text.split()) for text in texts]
    >>> split_text("One two. Three four. Five.", [(0, 8), (9, 20), (21, 26)], 3, words)
    [(0, 8), (9, 26)]
    """
    ends = [end for _, end in sentences[:-1]]
    # Gaps between sentences go with the sentence that follows; trimming takes their white space away.
    units = _trimmed(text, list(zip([0, *ends], [*ends, len(text)], strict=True)))
    parts = [
        part
        for unit, n in zip(units, count([text[a:b] for a, b in units]), strict=True)
        for part in (_halved(text, unit, limit, count) if n > limit else [unit])
    ]
    pieces: list[tuple[int, int]] = []
    lengths = count([text[a:b] for a, b in parts])
    marks = count([""])[0]
    total = 0
    for part, n in zip(parts, lengths, strict=True):
        # Parts joined can come out longer than their sum in some tokenizers, so what the sum promises is looked at.
        if pieces and total + n - marks <= limit and count([text[pieces[-1][0] : part[1]]])[0] <= limit:
            pieces[-1] = (pieces[-1][0], part[1])
            total += n - marks
        else:
            pieces.append(part)
            total = n
    return pieces


def _halved(
    text: str, unit: tuple[int, int], limit: int, count: Callable[[list[str]], list[int]]
) -> list[tuple[int, int]]:
    start, end = unit
    if end - start <= 1 or count([text[start:end]])[0] <= limit:
        return [unit]
    middle = (start + end) // 2
    left, right = middle, middle
    while left > start and not text[left].isspace():
        left -= 1
    while right < end and not text[right].isspace():
        right += 1
    cut = min((place for place in (left, right) if start < place < end), key=lambda p: abs(p - middle), default=middle)
    halves = _trimmed(text, [(start, cut), (cut, end)])
    return [part for half in halves for part in _halved(text, half, limit, count)]


def _trimmed(text: str, stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    trimmed = []
    for start, end in stretches:
        body = text[start:end]
        start, end = start + len(body) - len(body.lstrip()), start + len(body.rstrip())
        if start < end:
            trimmed.append((start, end))
    return trimmed
