"""Text on a page: cleaned, measured in inches, wrapped and shortened."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["clean", "count", "labels_apart", "shorten", "signed", "text_width", "wrap"]


_DATED = re.compile(r"(.+), (\d{4}(?:-\d{2}){0,2})$")


def clean(text: str) -> str:
    r"""Make one line of text: control and direction characters go, runs of space become one.

    Examples
    --------
    >>> clean("two\n lines\u200f")
    'two lines'
    """
    kept = "".join(c if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else "" for c in text)
    return " ".join(kept.split())


def count(n: int, noun: str) -> str:
    """Say how many.

    Examples
    --------
    >>> count(1, "paragraph"), count(6300, "paragraph")
    ('1 paragraph', '6,300 paragraphs')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def signed(value: float) -> str:
    """Write a score with its sign and a true minus, and zero without one.

    Examples
    --------
    >>> signed(0.25), signed(-0.25), signed(-0.001)
    ('+0.25', '−0.25', '0.00')
    """
    written = f"{value:+.2f}"
    if float(written) == 0:
        return "0.00"
    return written.replace("-", "−")


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Measure one line in DejaVu Sans.

    Parameters
    ----------
    text : str
    size : float
        In points.

    Returns
    -------
    float
        In inches.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    if not text:
        return 0.0
    font = FontProperties(family="DejaVu Sans", size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)  # type: ignore[no-untyped-call]
    return float(width) / 72


def shorten(text: str, width: float, size: float) -> str:
    """Cut a line to a width in inches, the cut shown by an ellipsis."""
    if text_width(text, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", size) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,;:-") + "…"


def labels_apart(names: Sequence[str], width: float, size: float, max_lines: int = 1) -> list[str]:
    """Wrap or shorten labels so that no two different ones come out alike.

    Those that would are cut in their middle instead, where what tells them apart is at the end; a number is put behind
    those that are alike even so.

    Parameters
    ----------
    names : sequence of str
    width : float
        In inches.
    size : float
        In points.
    max_lines : int, default 1

    Returns
    -------
    list of str
    """
    plain = {name: wrap(name, width, size, max_lines) for name in names}
    written = dict(plain)
    shared = Counter(plain.values())
    for name, label in plain.items():
        if shared[label] > 1:
            written[name] = _cut_in_the_middle(name, width, size)
            if (dated := _DATED.match(clean(name))) and max_lines > 1:
                written[name] = f"{_cut_in_the_middle(dated[1], width, size)}\n{dated[2]}"
    alike = Counter(written.values())
    place: Counter[str] = Counter()
    for name, label in written.items():
        if alike[label] > 1:
            place[label] += 1
            end = f"… {place[label]}"
            written[name] = shorten(name, width - text_width(end, size), size).rstrip("…") + end
    return [written[name] for name in names]


def _cut_in_the_middle(text: str, width: float, size: float) -> str:
    """Cut a line to a width in inches, keeping about as much of its end as of its beginning."""
    text = clean(text)
    if text_width(text, size) <= width:
        return text
    low, high = 0, len(text) // 2
    while low < high:
        kept = (low + high + 1) // 2
        if text_width(f"{text[:kept].rstrip()}…{text[-kept:].lstrip()}", size) <= width:
            low = kept
        else:
            high = kept - 1
    return f"{text[:low].rstrip()}…{text[len(text) - low :].lstrip()}"


def wrap(text: str, width: float, size: float, max_lines: int | None = None) -> str:
    """Break text into lines no wider than ``width`` inches, at spaces; a last line that must be cut shows it.

    A date at the end, after a comma, is kept whole, and what stands before it is cut.

    Parameters
    ----------
    text : str
    width : float
        In inches.
    size : float
        In points.
    max_lines : int, optional

    Returns
    -------
    str
        Lines joined by newlines.
    """
    lines: list[str] = []
    words = clean(text).split(" ")
    while words:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", size) <= width:
            line = f"{line} {words.pop(0)}"
        if max_lines is not None and len(lines) == max_lines - 1 and words:
            line, words = f"{line} {' '.join(words)}", []
        lines.append(shorten(line, width, size))
    dated = _DATED.match(clean(text))
    if max_lines is not None and dated and lines[-1].endswith("…"):
        # Of an outlet and a date the date tells documents apart.
        name, date = dated.groups()
        if max_lines > 1:
            return f"{wrap(name, width, size, max_lines - 1)}\n{date}"
        return f"{shorten(name, max(0.0, width - text_width(f', {date}', size)), size)}, {date}"
    return "\n".join(lines)
