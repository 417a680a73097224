"""The three things a report leads with, in plain words, each with its interval and its n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from research._tables import GROUPINGS, UNKNOWN
from research.figures._tables import (
    document_names,
    groups_by,
    no_comparison,
    none_shown,
    sources,
    stands_apart,
    targets_of,
    tells_nothing,
    tested,
    theme_labels,
)
from research.figures._text import clean, count, signed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["StanceAgreement", "leading_findings"]

_FEW_DOCUMENTS = 20
# Of a group told: with three documents that differ more than the others a test errs in .08 to .13 (docs).
_FEW_OF_A_GROUP = 5
_FEWEST_FOR_STANCE = 5
"""Of fewer documents the interval may be too narrow, so that no stance is called shown."""
_TOLD = 2
_FEW_PARAGRAPHS = 3
"""A document with fewer is not named as the extreme: short documents are extreme by chance."""


@dataclass(frozen=True)
class StanceAgreement:
    """How well a stance scorer agrees with coders on texts that it did not learn from.

    Attributes
    ----------
    macro_f1 : float
    texts, chance : str
        Which texts those are, and what an answer without reading them has.
    """

    macro_f1: float
    texts: str
    chance: str


def leading_findings(
    tables: Mapping[str, pl.DataFrame],
    *,
    poles: tuple[str, str] = ("analytical", "celebratory"),
    labels: Mapping[str, str] | None = None,
    confidence: float = 0.95,
    column: str | None = "outlet",
    stance_agreement: StanceAgreement | None = None,
    zero: str = "a plain report",
) -> list[str]:
    """Say three things that a report would lead with, computed for any corpus.

    The theme with the largest share. The framing: outlets (or other groups of documents) that differ after correction
    (q < .05, and an interval that leaves out 0), or else the documents with the highest and the lowest score, and that
    no difference between outlets was shown or why they cannot be compared; with how many checks of its validity card
    the axis failed. The stance: outlets that differ likewise, or else the target whose mean, over at least 5 documents
    and corrected for the number of targets, is farthest from 0; with how well the scorer agrees with coders. Where one
    of these cannot be said, what was read and what was left out is said instead.

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
    column : str or None, default "outlet"
        The metadata column whose groups were compared.
    stance_agreement : StanceAgreement, optional
        How well the stance scorer agrees with coders; None where it was not measured.
    zero : str, default "a plain report"
        What lies at 0 on the framing scale.

    Returns
    -------
    list of str
        Exactly three.
    """
    level = f"{100 * confidence:g}%"
    said = [
        _theme(tables, level),
        _framing(tables, poles, zero, column, level),
        _stance(tables, labels or {}, column, stance_agreement, level),
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


def _framing(
    tables: Mapping[str, pl.DataFrame], poles: tuple[str, str], zero: str, column: str | None, level: str
) -> str | None:
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
    names = document_names(tables.get("documents"), tables.get("paragraphs"))
    total = rows.height
    # A few sentences are extreme by chance; they are named only where nothing longer is left.
    long = rows.filter(rows["n_paragraphs"] >= _FEW_PARAGRAPHS)
    ranked = (long if long.height > 1 else rows).sort(["estimate", "group"], descending=[True, False]).to_dicts()

    def told(row: dict[str, Any]) -> str:
        interval = _range(row["low"], row["high"], level, signed)
        return f"{signed(row['estimate'])} ({interval}; n = {count(row['n_paragraphs'], 'paragraph')})"

    def named(row: dict[str, Any]) -> str:
        return names.get(row["group"], f"“{clean(row['group'])}”")

    scale = f"a scale from −1 ({poles[0]}) over 0 ({zero}) to +1 ({poles[1]})"
    high, low = ranked[0], ranked[-1]
    warning = _failed(tables.get("validity"))
    if differing := _differing(estimates, "framing", column):
        sentence = _difference(estimates, differing, "in framing", ("lower", "higher"), level)
        of_all = estimates.filter((estimates["quantity"] == "framing") & (estimates["group_by"] == "all")).to_dicts()
        return f"{sentence} This is on {scale}.{_hint(_n_units(of_all[0]) if of_all else total, differing)}{warning}"
    if len(ranked) == 1:
        return f"The framing of the one document with a score, {named(high)}, is {told(high)}, on {scale}.{warning}"
    # Which side of 0 they lie on is not said: the zero is that of the anchors, not of plain reports in this corpus.
    sentence = (
        f"Of {count(total, 'document')}, {named(high)} has the highest framing score, {told(high)}, and {named(low)} "
        f"the lowest, {told(low)}, on {scale}."
    )
    ends = (low["low"], low["high"], high["low"], high["high"])
    if None in ends:
        sentence += " Without both intervals it is open whether they differ."
    elif _overlap(*ends):
        sentence += " Their intervals overlap, so the two may be framed alike."
    elif len(ranked) > 2:
        # The highest and the lowest of many are apart, intervals and all, even where all documents are alike.
        sentence += (
            f" The highest and the lowest of {len(ranked):,} documents would lie apart by chance as well, which their "
            "intervals leave out."
        )
    else:
        what = sources(high["uncertainty_sources"])
        sentence += " Their intervals" + (f", over {what}," if what else "") + " do not overlap."
    if said := _no_difference(estimates, "framing", column):
        sentence += f" {said}"
    elif total < _FEW_DOCUMENTS:
        sentence += f" So few documents ({total:,}) say nothing about outlets."
    return sentence + warning


def _differing(estimates: pl.DataFrame, quantity: str, first: str | None) -> list[dict[str, Any]]:
    """Give the groups of documents that differ from the others after correction, the largest difference first.

    Those by the column that was named first, and those by another only where it shows nothing.
    """
    columns = [name for name in estimates["group_by"].unique().to_list() if name not in GROUPINGS]
    comparable = [name for name in columns if no_comparison(estimates, name, quantity) is None]
    rows = [
        row
        for name in comparable
        for row in tested(estimates, name, quantity).iter_rows(named=True)
        if stands_apart(row)
    ]
    # What is told together is of one column and one target: those of the largest difference.
    rows.sort(
        key=lambda row: (
            row["group_by"] != first, -abs(row["estimate"]), row["group_by"], row["group"], row["target"] or ""
        )
    )  # fmt: skip
    return [row for row in rows if (row["group_by"], row["target"]) == (rows[0]["group_by"], rows[0]["target"])]


def _difference(
    estimates: pl.DataFrame, rows: list[dict[str, Any]], what: str, sides: tuple[str, str], level: str
) -> str:
    """Say which groups of documents differ from the others, by how much, and how sure that is."""
    column, quantity = rows[0]["group_by"], rows[0]["quantity"]
    groups, all_tested = groups_by(column), tested(estimates, column, quantity)

    def told(row: dict[str, Any], verb: str) -> str:
        interval = _range(row["low"], row["high"], level, signed).replace("interval", "interval of the difference")
        q = "q < .001" if row["q"] < 0.001 else f"q = {row['q']:.3f}".replace("0.", ".")
        return (
            f"{_documents(row)} of “{clean(row['group'])}”{verb}{abs(row['estimate']):.2f} "
            f"{sides[row['estimate'] > 0]} ({interval}; {q})"
        )

    corrected = f"q is corrected for {count(all_tested.height, 'comparison')} of {quantity} between {groups}"
    kinds = [name for name in estimates["group_by"].unique().to_list() if name not in GROUPINGS]
    several = sum(not tested(estimates, name, quantity).is_empty() for name in kinds)
    corrected += f" alone, of {several} kinds of groups that were compared." if several > 1 else "."
    lead = f"{groups[0].upper()}{groups[1:]} differ {what}: on average, the"
    known = estimates.filter(
        (estimates["quantity"] == quantity) & (estimates["group_by"] == column) & (estimates["group"] != UNKNOWN)
        & estimates["reference"].is_null() & estimates["theme"].is_null() & (estimates["n_documents"] > 0)
        & estimates["target"].eq_missing(rows[0]["target"])
    )  # fmt: skip
    if known.height == len(rows) == 2:  # one test, told once
        first, other = sorted(rows, key=lambda row: row["group"])
        others = f"{_documents(other)} of “{clean(other['group'])}”"
        return f"{lead} {told(first, ' score ')} than the {others}. {corrected}"
    said = " and the ".join(told(row, " score " if i == 0 else " ") for i, row in enumerate(rows[:_TOLD]))
    more = f", as do {count(len(rows) - _TOLD, 'other')} (see the table of estimates)" if len(rows) > _TOLD else ""
    return f"{lead} {said} than the documents of all other {groups}{more}. {corrected}"


def _no_difference(estimates: pl.DataFrame, quantity: str, column: str | None) -> str:
    """Say that no difference between groups was shown or why they cannot be compared; nothing where none is known."""
    if column is None or estimates.filter((estimates["quantity"] == quantity) & (estimates["group_by"] == column)
                                          & estimates["reference"].is_null()).is_empty():  # fmt: skip
        return ""
    return no_comparison(estimates, column, quantity) or none_shown(estimates, column, quantity)


def _hint(n_documents: int, differing: Sequence[Mapping[str, Any]]) -> str:
    """Say how little few documents, or few of a group that is told, bear out."""
    least = min(differing[:_TOLD], key=_n_units)
    units = "documents" if least.get("n_clusters") is None else "clusters"
    few = ""
    if n_documents < _FEW_DOCUMENTS:
        few = f" So few {units} ({n_documents:,}) give no more than a hint."
    elif _n_units(least) < _FEW_OF_A_GROUP:
        few = (
            f" So few {units} of “{clean(least['group'])}” ({_n_units(least):,}) give no more than a hint: how much "
            "they differ among themselves is hardly known."
        )
    return f"{few} It is about documents like these, not about all that was published."


def _n_units(row: Mapping[str, Any]) -> int:
    """Give how many clusters a row is of, or documents where none were named."""
    several = row.get("n_clusters")
    return int(row["n_documents"] if several is None else several)


def _documents(row: Mapping[str, Any]) -> str:
    """Say how many documents a row is of, and in how many clusters."""
    said = count(row["n_documents"], "document")
    return said if row.get("n_clusters") is None else f"{said} in {count(row['n_clusters'], 'cluster')}"


def _failed(validity: pl.DataFrame | None) -> str:
    """Say how many of its checks the framing axis failed, or nothing; its card comes first in the table."""
    if validity is None or validity.is_empty():
        return ""
    gated = validity.filter(validity["axis"] == validity["axis"][0])["passed"].drop_nulls()
    failed = int((~gated).sum())
    return f" The axis failed {failed} of its {count(len(gated), 'check')} (see Validity)." if failed else ""


def _stance(
    tables: Mapping[str, pl.DataFrame],
    labels: Mapping[str, str],
    column: str | None,
    agreement: StanceAgreement | None,
    level: str,
) -> str | None:
    estimates = tables.get("estimates")
    if estimates is None:
        return None
    of_all = estimates.filter(
        (estimates["quantity"] == "stance")
        & (estimates["group_by"] == "all")
        & estimates["theme"].is_null()
        & estimates["target"].is_not_null()
        & estimates["estimate"].is_not_null()
    )
    rows = of_all.filter(of_all["reference"].is_null()).to_dicts()
    if not rows:
        return None
    shown = {row["target"] for row in of_all.filter(of_all["reference"] == "neutral").to_dicts() if stands_apart(row)}

    def named(row: dict[str, Any]) -> str:
        return f"“{clean(labels.get(row['target'], row['target'].replace('_', ' ')))}”"

    def away(row: dict[str, Any]) -> float:
        """Give how far the interval is from 0; 0 where the mean was not shown to differ from it."""
        if row["target"] not in shown:
            return 0.0
        return float(max(row["low"], -row["high"], 0.0))

    def told(row: dict[str, Any]) -> str:
        return (
            f"mean {signed(row['estimate'])}, {_range(row['low'], row['high'], level, signed)}; "
            f"n = {count(row['n_paragraphs'], 'paragraph')} of {_documents(row)} that speak of it"
        )

    caution = (
        " A program read this from the words around each mention. "
        + (
            "How well it agrees with coders has not been measured"
            if agreement is None
            else f"On {agreement.texts}, its labels agree with coders with a macro-F1 of {agreement.macro_f1:.2f} (1 "
            f"is perfect, {agreement.chance})"
        )
        + ": read the paragraphs before you rely on it."
    )
    scale = "on a scale from −1 (against) over 0 (neutral) to +1 (in favor)"
    if differing := _differing(estimates, "stance", column):
        what = f"in stance toward {named(differing[0])}"
        sentence = _difference(estimates, differing, what, ("lower (more against)", "higher (more in favor)"), level)
        n_documents = next(_n_units(row) for row in rows if row["target"] == differing[0]["target"])
        return f"{sentence} This is {scale}.{_hint(n_documents, differing)}{caution}"
    rows.sort(key=lambda row: (-away(row), -abs(row["estimate"]), row["target"]))
    first = rows[0]
    clear = [row for row in rows if away(row) > 0]
    if clear:
        lean = "in favor of" if first["estimate"] > 0 else "against"
        sentence = f"On average the documents speak rather {lean} {named(first)} ({told(first)}), {scale}"
        sentence += "." if len(rows) == 1 else (
            f"; of {count(len(rows), 'target')}, {len(clear):,} {'was' if len(clear) == 1 else 'were'} shown to be off "
            "0, corrected for their number (q < .05)."
        )  # fmt: skip
    else:
        which = "the target" if len(rows) == 1 else f"any of {len(rows):,} targets"
        units = "documents" if first.get("n_clusters") is None else "clusters of documents"
        corrected = "" if len(rows) == 1 else ", corrected for their number,"
        sentence = (
            f"No stance toward {which} was shown: over at least {_FEWEST_FOR_STANCE} {units} no mean{corrected} is "
            f"off 0 (q < .05). Farthest from neutral is {named(first)} ({told(first)}), {scale}."
        )
    if _n_units(first) < _FEW_DOCUMENTS:
        sentence += f" It describes {'this document' if first['n_documents'] == 1 else 'these documents'} alone."
    if column is not None and no_comparison(estimates, column, "stance") is None:
        sentence += f" {_no_difference(estimates, 'stance', column)}"
    return sentence + caution


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
