"""A figure with the numbers it draws: made, rendered and saved so that its bytes repeat."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research._csv import safe_csv
from research.figures._style import GREY, SMALL, WIDTHS, styled
from research.figures._text import wrap

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

__all__ = ["Plot", "finish", "nothing_to_draw", "page"]

_log = logging.getLogger("research")

# Whatever matplotlib would write of itself, of the time and of the machine.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}
_MARGIN = 0.06


@dataclass(frozen=True, eq=False)
class Plot:
    """A figure, the numbers it draws, and its caption.

    Attributes
    ----------
    name : str
        The figure's name and its files' stem.
    figure : matplotlib.figure.Figure
    data : polars.DataFrame
        Exactly what the figure draws; :func:`research.figures.remake` draws it again from the CSV.
    caption : str
        One to three sentences for the report and the paper; whole, so it ends with the note.
    note : str
        What is written at the figure's own foot; empty where nothing is.
    """

    name: str
    figure: Figure
    data: pl.DataFrame
    caption: str
    note: str = ""

    def render(self, file_format: str, dpi: int = 300) -> bytes:
        """Give the figure as the bytes of a file.

        Parameters
        ----------
        file_format : {"png", "svg", "pdf"}
        dpi : int, default 300
            Dots an inch of a PNG, and of the points that a large map holds as an image.

        Returns
        -------
        bytes
            The same in every process of one locked environment.
        """
        buffer = io.BytesIO()
        with styled():
            self.figure.savefig(buffer, format=file_format, dpi=dpi, metadata=_METADATA[file_format])
        return buffer.getvalue()

    def save(self, folder: str | Path) -> list[Path]:
        """Write ``<name>.pdf``, ``.svg``, ``.png`` (300 dots an inch) and ``.csv`` into a folder.

        Text in the CSV that a spreadsheet would take for a formula gets a leading ``'``, which
        :func:`research.figures.remake` takes off again.

        Parameters
        ----------
        folder : str or Path
            Made where it does not exist.

        Returns
        -------
        list of Path
            The four files.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for file_format in _METADATA:
            files.append(folder / f"{self.name}.{file_format}")
            files[-1].write_bytes(self.render(file_format))
        files.append(folder / f"{self.name}.csv")
        files[-1].write_bytes(safe_csv(self.data).encode())
        return files

    def _repr_png_(self) -> bytes:
        return self.render("png", dpi=150)


def page(columns: int, height: float, note: str, below: str = "") -> Figure:
    """Make an empty page with a note at its foot.

    Parameters
    ----------
    columns : {1, 2}
    height : float
        Of the drawing, in inches; the note's lines come on top of it.
    note : str
        What must be read with the figure: how many texts, what the intervals cover, what is left out.

    below : str, optional
        What all panels' horizontal axes are, centred above the note.

    Returns
    -------
    matplotlib.figure.Figure
        With constrained layout above the note, and no tie to pyplot.
    """
    from matplotlib.figure import Figure

    width = WIDTHS[columns]
    lines = wrap(note, width - 2 * _MARGIN, SMALL) if note else ""
    foot = (lines.count("\n") + 1) * SMALL * 1.28 / 72 + 0.1 if lines else 0.0
    # Constrained layout would set its own label of all axes at the very foot, over the note.
    strip = 0.17 if below else 0.0
    total = height + foot + strip
    figure = Figure(figsize=(width, total))
    share = (foot + strip) / total
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.set(rect=(0, share, 1, 1 - share))  # type: ignore[call-arg]
    if below:
        figure.text(0.5, (foot + 0.03) / total, below, size=7, ha="center", va="bottom")
    figure.text(_MARGIN / width, 0.04 / total, lines, size=SMALL, color=GREY, va="bottom", linespacing=1.2)
    return figure


def finish(figure: Figure) -> None:
    """Lay the page out once and keep that layout, so that all formats share it and saving twice changes nothing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Everything drawn; nothing is moved after this.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    _warn_of_missing(figure)
    FigureCanvasAgg(figure)  # type: ignore[no-untyped-call]
    figure.draw_without_rendering()
    figure.draw_without_rendering()  # The layout of wrapped labels settles in the second pass.
    figure.set_layout_engine("none")
    # The solver behind the layout goes through its variables in the order of their addresses, so the last bits
    # of a place differ from run to run, and SVG names its clip paths by all of them.
    for axes in figure.axes:
        left, bottom, width, height = (round(edge, 6) for edge in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def _warn_of_missing(figure: Figure) -> None:
    """Name characters that the font cannot draw, once a process for the same ones."""
    from matplotlib.text import Text

    used = {character for text in figure.findobj(Text) for character in text.get_text()}  # type: ignore[attr-defined]
    missing = sorted(character for character in used if ord(character) not in _drawable() and not character.isspace())
    if missing:
        _say_missing("".join(missing[:8]), len(missing))


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


@cache
def _say_missing(characters: str, n: int) -> None:
    more = f" and {n - len(characters):,} more" if n > len(characters) else ""
    _log.warning(
        "the font of the figures, DejaVu Sans, lacks characters of some names (%s%s), which are drawn as boxes; give "
        "such outlets, targets or themes names in Latin, Greek or Cyrillic letters",
        ", ".join(characters), more,
    )  # fmt: skip


def nothing_to_draw(name: str, data: pl.DataFrame, columns: int, words: str) -> Plot:
    """Make a figure that says in words why there is nothing to draw."""
    with styled(columns):
        figure = page(columns, 0.9, "")
        lines = wrap(words, WIDTHS[columns] - 0.4, 8)
        figure.text(0.5, 0.5, lines, ha="center", va="center", size=8, color=GREY)
        finish(figure)
    return Plot(name, figure, data, words)
