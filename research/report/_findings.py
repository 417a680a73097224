"""The three things a report leads with, in plain words, each with its interval and its n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from research.figures._tables import document_labels, sources, targets_of, tells_nothing, theme_labels
from research.figures._text import clean, count, signed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["leading_findings"]

_FEW_DOCUMENTS = 20
_FEW_PARAGRAPHS = 3
"""A document with fewer is not named as the extreme: short documents are extreme by chance."""


def leading_findings(
    tables: Mapping[str, pl.DataFrame],
    *,
    poles: tuple[str, str] = ("analytical", "celebratory"),
    labels: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> list[str]:
    """Say three things that a report would lead with, computed for any corpus.

    The theme with the largest share; the documents nearest to the two framing poles, whether their intervals overlap,
    and how many checks of its validity card the axis failed; the target with the clearest stance. Where one of these
    cannot be said, what was read and what was left out is said instead.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        The run's tables; any may be missing.
    poles : tuple of str
        Adjectives for the framing axis's negative and positive pole.
    labels : mapping of str to str, optional
        Readable names of the targets.
    confidence : float, default 0.95
        The level at which the intervals were computed, in (0, 1).

    Returns
    -------
    list of str
        Exactly three.
    """
    level = f"{100 * confidence:g}%"
    said = [
        _theme(tables, level),
        _framing(tables, poles, level),
        _stance(tables, labels or {}, level),
    ]
    found = [sentence for sentence in said if sentence]
    return (found + _fallbacks(tables))[:3]


def _theme(tables: Mapping[str, pl.DataFrame], level: str) -> str | None:
    estimates = tables.get("estimates")
    if estimates is None:
        return None
    shares = estimates.filter(
        (estimates["quantity"] == "theme_share")
        & estimates["reference"].is_null()
        & estimates["theme"].is_not_null()
        & (estimates["estimate"] > 0)
    )
    ranked = shares.filter(shares["group_by"] == "all").sort(["estimate", "theme"], descending=[True, False])
    if ranked.is_empty():
        return None
    themes = tables.get("themes")
    names = theme_labels(themes)
    each = shares.filter(shares["group_by"] == "document")

    def primaries(theme: str) -> tuple[int, int]:
        """Count the paragraphs whose primary theme it is, as the shares count them, and their documents."""
        mine = each.filter(each["theme"] == theme)
        return round((mine["estimate"] * mine["n_paragraphs"]).sum()), mine.height

    def told(row: dict[str, Any]) -> str:
        n, n_documents = primaries(row["theme"])
        total = row["n_documents"]
        return (
            f"{_percent(row['estimate'])} of an average document's paragraphs "
            f"({_share_range(row['low'], row['high'], level)}; primary theme of n = {count(n, 'paragraph')} in "
            f"{n_documents:,} of {count(total, 'document')})"
        )

    rows = ranked.head(2).to_dicts()
    first = rows[0]
    sentence = f"“{names.get(first['theme'], first['theme'])}” takes the largest share: {told(first)}"
    if len(rows) == 1:
        sentence += "."
    else:
        second = rows[1]
        sentence += f", before “{names.get(second['theme'], second['theme'])}” with {told(second)}."
        ends = (first["low"], first["high"], second["low"], second["high"])
        if None not in ends:
            sentence += (
                " Their intervals overlap, so which comes first is open." if _overlap(*ends)
                else " Their intervals do not overlap."
            )  # fmt: skip
    if themes is not None and not themes.filter(themes["theme"] == first["theme"])["supported"].all():
        sentence += " The corpus holds little evidence for the first."
    return sentence


def _framing(tables: Mapping[str, pl.DataFrame], poles: tuple[str, str], level: str) -> str | None:
    estimates = tables.get("estimates")
    if estimates is None:
        return None
    rows = estimates.filter(
        (estimates["quantity"] == "framing")
        & (estimates["group_by"] == "document")
        & estimates["theme"].is_null()
        & estimates["reference"].is_null()
        & estimates["estimate"].is_not_null()
    )
    if rows.is_empty():
        return None
    names = document_labels(tables.get("documents"), tables.get("paragraphs"))
    total = rows.height
    # A few sentences are extreme by chance; they are named only where nothing longer is left.
    long = rows.filter(rows["n_paragraphs"] >= _FEW_PARAGRAPHS)
    ranked = (long if long.height > 1 else rows).sort(["estimate", "group"], descending=[True, False]).to_dicts()

    def told(row: dict[str, Any]) -> str:
        interval = _range(row["low"], row["high"], level, signed)
        return f"{signed(row['estimate'])} ({interval}; n = {count(row['n_paragraphs'], 'paragraph')})"

    scale = f"−1 is {poles[0]}, 0 at plain reports and +1 {poles[1]}"
    high, low = ranked[0], ranked[-1]
    warning = _failed(tables.get("validity"))
    if len(ranked) == 1:
        return (
            f"The framing of the one document with a score, “{names.get(high['group'], high['group'])}”, is "
            f"{told(high)}, where {scale}.{warning}"
        )
    # Which side of 0 they lie on is not said: the zero is that of the anchors, not of plain reports in this corpus.
    sentence = (
        f"Of {count(total, 'document')}, “{names.get(high['group'], high['group'])}” lies nearest to the {poles[1]} "
        f"end at {told(high)} and “{names.get(low['group'], low['group'])}” nearest to the {poles[0]} end at "
        f"{told(low)}, where {scale}."
    )
    ends = (low["low"], low["high"], high["low"], high["high"])
    if None in ends:
        sentence += " Without both intervals it is open whether they differ."
    elif _overlap(*ends):
        sentence += " Their intervals overlap, so the two may be framed alike."
    else:
        what = sources(high["uncertainty_sources"])
        sentence += " Their intervals" + (f", over {what}," if what else "") + " do not overlap."
    if total < _FEW_DOCUMENTS:
        sentence += f" So few documents ({total:,}) say nothing about outlets."
    return sentence + warning


def _failed(validity: pl.DataFrame | None) -> str:
    """Say how many of its checks the framing axis failed, or nothing; its card comes first in the table."""
    if validity is None or validity.is_empty():
        return ""
    gated = validity.filter(validity["axis"] == validity["axis"][0])["passed"].drop_nulls()
    failed = int((~gated).sum())
    return f" The axis failed {failed} of its {count(len(gated), 'check')} (see Validity)." if failed else ""


def _stance(tables: Mapping[str, pl.DataFrame], labels: Mapping[str, str], level: str) -> str | None:
    estimates = tables.get("estimates")
    if estimates is None:
        return None
    rows = estimates.filter(
        (estimates["quantity"] == "stance")
        & (estimates["group_by"] == "all")
        & estimates["theme"].is_null()
        & estimates["reference"].is_null()
        & estimates["target"].is_not_null()
        & estimates["estimate"].is_not_null()
    ).to_dicts()
    if not rows:
        return None

    def clearness(row: dict[str, Any]) -> tuple[float, float, str]:
        clear = 0.0
        if row["low"] is not None and row["high"] is not None:
            clear = max(row["low"], -row["high"], 0.0)
        return -clear, -abs(row["estimate"]), row["target"]

    row = min(rows, key=clearness)
    name = clean(labels.get(row["target"], row["target"].replace("_", " ")))
    clear = -clearness(row)[0] > 0
    lean = "in favor of" if row["estimate"] > 0 else "against"
    told = (
        f"mean {signed(row['estimate'])} on a scale from −1 against to +1 in favor, "
        f"{_range(row['low'], row['high'], level, signed)}; n = {count(row['n_paragraphs'], 'paragraph')} of "
        f"{count(row['n_documents'], 'document')} that speak of it"
    )
    if clear:
        sentence = f"Stance is clearest toward “{name}”, of {len(rows):,} targets: {lean} it ({told})."
        if len(rows) == 1:
            sentence = f"The stance toward “{name}” is {lean} it ({told})."
    else:
        sentence = f"No stance is clear: even toward “{name}”, the one farthest from neutral, it is open ({told})."
    if row["n_documents"] < _FEW_DOCUMENTS:
        sentence += f" It describes {'this document' if row['n_documents'] == 1 else 'these documents'} alone."
    return sentence


def _fallbacks(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Say what was read and what was left out, which can always be said."""
    paragraphs, units = tables.get("paragraphs"), tables.get("units")
    said = []
    if paragraphs is not None:
        n = paragraphs.height
        # Where there is no theme at all, none may have been asked for.
        if "theme" in paragraphs.columns and (none := paragraphs["theme"].null_count()) < n:
            said.append(f"{none:,} of {count(n, 'paragraph')} fit no theme.")
        said.append(f"{count(n, 'paragraph')} of {count(_n_documents(tables) or 0, 'document')} were read.")
        if "duplicate_of" in paragraphs.columns:
            again = n - paragraphs["duplicate_of"].null_count()
            said.append(f"{again:,} of {count(n, 'paragraph')} repeat a paragraph of another document.")
        if not targets_of(paragraphs):
            said.append("No target was named, so no stance was asked for.")
    if units is not None:
        kept = units.filter(units["kind"] == "paragraph").height
        lines = count(units.height, "line")
        left_out = units.height - kept
        said.insert(
            0,
            f"{left_out:,} of {lines} were left out as not being paragraphs."
            if left_out
            else f"Every line was read as a paragraph ({lines}).",
        )
    return [*said, "Nothing could be estimated about themes.", "Nothing could be estimated about framing.",
            "Nothing could be estimated about stance."]  # fmt: skip


def _n_documents(tables: Mapping[str, pl.DataFrame]) -> int | None:
    paragraphs = tables.get("paragraphs")
    return None if paragraphs is None else paragraphs["document_id"].n_unique()


def _overlap(low_a: float, high_a: float, low_b: float, high_b: float) -> bool:
    return low_a <= high_b and low_b <= high_a


def _percent(share: float) -> str:
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{100 * share:.0f}%"


def _share_range(low: float | None, high: float | None, level: str) -> str:
    if tells_nothing(low, high):
        return f"the {level} interval is too wide to tell anything"
    return _range(low, high, level, _percent)


def _range(low: float | None, high: float | None, level: str, write: Any) -> str:
    if low is None or high is None:
        return "no interval"
    return f"{level} interval {write(low)} to {write(high)}"
