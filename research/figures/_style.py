"""One style for every figure: sizes, fonts, colours, and all that makes its bytes repeatable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from research.errors import InputError

__all__ = [
    "ABSENT", "BLUE", "GREY", "INK", "LIGHT", "ORANGE", "SERIES", "SMALL", "STANCE_COLORS", "STANCE_HATCHES", "WIDTHS",
    "diverging", "stance_legend", "stance_look", "style", "styled",
]  # fmt: skip

WIDTHS = {1: 3.35, 2: 6.9}
"""Width of one and of two columns of a paper, in inches."""

INK, GREY, LIGHT = "#1a1a1a", "#6b6b6b", "#dcdcdc"
BLUE, ORANGE = "#2166ac", "#d9690f"
SMALL = 6.5
"""Size of notes and of numbers inside a drawing, in points."""

# Okabe and Ito (2008), black left out (it is the ink) and yellow darkened to be seen on white; neighbours differ in
# lightness, so that they stay apart in grey too.
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800", "#5B3A8C")

# Colour alone must not tell them apart: hatching does in print without colour.
STANCE_COLORS = {"against": "#D55E00", "neutral": "#C9C9C9", "favor": "#009E73", "absent": "#FFFFFF"}
STANCE_HATCHES = {"against": "////", "neutral": "", "favor": "", "absent": ""}
ABSENT = "#9a9a9a"


def style(columns: int = 2) -> dict[str, Any]:
    """Give matplotlib's settings for a figure as wide as one or two columns of a paper.

    Parameters
    ----------
    columns : {1, 2}
        One column is 3.35 inches wide, two are 6.9.

    Returns
    -------
    dict
        rcParams; join them with others by ``|``, as in tueplots.

    Raises
    ------
    InputError
        If ``columns`` is neither 1 nor 2.

    Examples
    --------
    >>> style(columns=1)["figure.figsize"][0]
    3.35
    """
    if columns not in WIDTHS:
        raise InputError(f"`columns` is {columns!r}; a figure is 1 or 2 columns wide")
    base = 7.0 if columns == 1 else 7.5
    return {
        "axes.axisbelow": True,
        "axes.edgecolor": GREY,
        "axes.formatter.use_mathtext": False,
        "axes.labelcolor": INK,
        "axes.labelsize": base,
        "axes.linewidth": 0.6,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlepad": 4.0,
        "axes.titlesize": base,
        "axes.unicode_minus": True,
        "figure.constrained_layout.h_pad": 0.05,
        "figure.constrained_layout.w_pad": 0.05,
        "figure.constrained_layout.use": True,
        "figure.dpi": 150,
        "figure.figsize": (WIDTHS[columns], 2.5),
        "font.family": ["DejaVu Sans"],
        "font.size": base,
        "hatch.color": "#ffffff",
        "hatch.linewidth": 0.7,
        "legend.fontsize": base - 0.5,
        "legend.frameon": False,
        "lines.linewidth": 1.0,
        "lines.markersize": 4.0,
        "pdf.compression": 6,
        "pdf.fonttype": 42,
        "savefig.bbox": None,
        "savefig.dpi": 300,
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": "research",
        "text.color": INK,
        # Unhinted text is as wide at every resolution, so PNG, SVG and PDF have one layout.
        "text.hinting": "no_hinting",
        # News text is full of dollar signs; none of them opens a formula.
        "text.parse_math": False,
        "text.usetex": False,
        "xtick.color": GREY,
        "xtick.labelcolor": INK,
        "xtick.labelsize": base - 0.5,
        "xtick.major.size": 2.5,
        "xtick.major.width": 0.6,
        "ytick.color": GREY,
        "ytick.labelcolor": INK,
        "ytick.labelsize": base - 0.5,
        "ytick.major.size": 2.5,
        "ytick.major.width": 0.6,
    }


OPEN = "#8c8c8c"
"""A mean of which it is open on which side of neutral it lies."""


def stance_look(low: float | None, high: float | None) -> tuple[str, str]:
    """Give colour and marker of a mean stance: those of its side only where the interval leaves out 0.

    Examples
    --------
    >>> stance_look(0.1, 0.5)[1], stance_look(-0.5, -0.1)[1], stance_look(-0.1, 0.5)[1], stance_look(None, None)[1]
    ('o', 's', 'D', 'D')
    """
    if low is not None and low > 0:
        return STANCE_COLORS["favor"], "o"
    if high is not None and high < 0:
        return STANCE_COLORS["against"], "s"
    return OPEN, "D"


def stance_legend(below: str, between: str, above: str) -> list[Any]:
    """Give what a legend says of the means: what their colours and markers stand for."""
    from matplotlib.lines import Line2D

    handles = []
    for words, ends in ((below, (-1.0, -0.5)), (between, (None, None)), (above, (0.5, 1.0))):
        color, marker = stance_look(*ends)
        handles.append(Line2D([], [], color=color, marker=marker, markeredgecolor=INK, markeredgewidth=0.4,
                              markersize=4, label=words))  # fmt: skip
    return handles


@contextmanager
def styled(columns: int = 2) -> Iterator[None]:
    """Draw or save in this style, whatever the user's own matplotlib settings are, and leave those as they were.

    Parameters
    ----------
    columns : {1, 2}
        Width in columns of a paper.
    """
    import matplotlib as mpl

    settings = style(columns)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)  # type: ignore[arg-type]
        yield


def diverging(value: float) -> tuple[float, float, float]:
    """Give the colour of a score between -1 (blue) over 0 (grey) and +1 (orange).

    Examples
    --------
    >>> diverging(0.0) == diverging(-0.0)
    True
    """
    ends = {True: (0xD9, 0x69, 0x0F), False: (0x21, 0x66, 0xAC)}
    middle = (0xB5, 0xB5, 0xB5)
    # Half the scale is enough for the full hue: real scores seldom reach the ends.
    part = min(1.0, abs(value) * 2)
    red, green, blue = (round((m + (e - m) * part) / 255, 6) for m, e in zip(middle, ends[value > 0], strict=True))
    return red, green, blue
