"""Tables for a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from research.errors import InputError
from research.figures._text import clean

if TYPE_CHECKING:
    import polars as pl

__all__ = ["latex_table"]

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}


def latex_table(
    frame: pl.DataFrame, columns: Sequence[str] | Mapping[str, str], caption: str, label: str, *, digits: int = 2
) -> str:
    r"""Write a table for LaTeX with booktabs.

    Parameters
    ----------
    frame : polars.DataFrame
    columns : sequence of str, or mapping of str to str
        The columns to print, in order; a mapping gives their headings.
    caption : str
        Plain text, escaped here like every cell and heading.
    label : str
        As for ``\ref``; letters, digits and ``:-_.`` only.
    digits : int, default 2
        Decimals of numbers that are not whole.

    Returns
    -------
    str
        A ``table`` environment; the paper needs ``\usepackage{booktabs}`` and ``\usepackage[T1]{fontenc}``.

    Raises
    ------
    InputError
        If a column is not in the frame, or the label has another character.

    Examples
    --------
    >>> import polars as pl
    >>> print(latex_table(pl.DataFrame({"theme": ["R&D"], "share": [0.256]}), ["theme", "share"], "Themes.", "tab:t"))
    \begin{table}
    \centering
    \caption{Themes.}
    \label{tab:t}
    \begin{tabular}{lr}
    \toprule
    theme & share \\
    \midrule
    R\&D & 0.26 \\
    \bottomrule
    \end{tabular}
    \end{table}
    <BLANKLINE>
    """
    headings = dict(columns) if isinstance(columns, Mapping) else {name: name.replace("_", " ") for name in columns}
    lacking = [name for name in headings if name not in frame.columns]
    if lacking:
        raise InputError(f"the table has no column {', '.join(lacking)}; it has {', '.join(frame.columns)}")
    if not label or not all(c.isascii() and (c.isalnum() or c in ":-_.") for c in label):
        raise InputError(f"the label {label!r} is not one for LaTeX; use letters, digits and : - _ . only")
    kinds = "".join("r" if frame[name].dtype.is_numeric() else "l" for name in headings)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_escape(caption)}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{{kinds}}}",
        r"\toprule",
        " & ".join(_escape(heading) for heading in headings.values()) + r" \\",
        r"\midrule",
    ]
    lines += [" & ".join(_cell(value, digits) for value in row) + r" \\" for row in frame.select(*headings).iter_rows()]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def _cell(value: Any, digits: int) -> str:
    if value is None:
        return "--"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        written = f"{value:.{digits}f}"
        if float(written) == 0:
            return written.lstrip("-")
        return f"${written}$" if value < 0 else written
    # A cell that starts with a bracket would be read as an option of the line break before it.
    text = _escape(str(value))
    return f"{{}}{text}" if text.startswith(("[", "*")) else text


def _escape(text: str) -> str:
    # LaTeX stops at control characters; direction marks would turn what follows the cell.
    return "".join(_ESCAPES.get(c, c) for c in clean(text))
