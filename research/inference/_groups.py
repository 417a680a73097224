"""The `estimates` table: means, shares and comparisons of groups of documents, each with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Literal

import numpy as np
import polars as pl
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray

from research._tables import GROUPINGS, check_table, estimates_schema
from research._validate import check_values
from research.errors import InputError
from research.inference._cells import Arranged, arrange
from research.inference._grouping import Grouping, clusters_by, grouping_by
from research.inference._notes import joined, q_note
from research.inference._permutation import benjamini_hochberg
from research.inference._rows import FLOOR, SMALLEST
from research.inference._scores import score_rows
from research.inference._settings import Settings
from research.inference._shares import share_rows

__all__ = ["estimate_groups"]

_POLES = ("framing_positive_pole", "framing_negative_pole")
_ENDS = ("low", "high")


def estimate_groups(
    paragraphs: pl.DataFrame,
    *,
    targets: Sequence[str] | None = None,
    framing_draws: NDArray[np.floating] | None = None,
    stance_draws: Mapping[str, NDArray[np.floating]] | None = None,
    axis_draws: Mapping[str, Callable[[], NDArray[np.floating]]] | None = None,
    columns: Sequence[str] = ("outlet",),
    clusters: str | None = None,
    repeats: Literal["once", "printed"] = "once",
    n_resamples: Annotated[int, Ge(1)] = 2000,
    confidence: Annotated[float, Gt(0), Lt(1)] = 0.95,
    random_state: Annotated[int, Ge(0)] = 0,
) -> pl.DataFrame:
    """Estimate framing, stance and theme shares for the corpus, documents, themes and groups of documents.

    A group's estimate is the mean over its documents of the documents' means. Its interval is about documents like
    those sampled: it tells how far this mean may be from the mean of all the documents that these were drawn from, so
    it does not shrink to nothing where every paragraph of these documents is read. It is the t interval over documents
    plus the measurement error that the documents share (Korn-Graubard for shares, which take the theme assignment as
    given); `research.inference._intervals` shows what these cover. A document's own interval is about that document:
    it covers measurement only, from percentiles of the draws. With one document no interval over documents exists: the
    row has the measurement interval and a note. ``uncertainty_sources`` says what an interval covers: of framing
    `anchors;sentences` and `documents`, of stance `anchors` and `documents` (a mention is scored by its context, which
    no draw resamples), of theme shares `documents`.

    Framing has two sides (Kwak et al.): its mean is the bias of a group, ``framing_intensity`` the mean of its distance
    from 0, so that a group that praises here and weighs there is not taken for plain. The distance is from the scale's
    own zero and not from the corpus's mean, or groups of two corpora could not be compared. A paragraph can also lean
    to both poles at once, and its score then says the difference; ``framing_positive_pole`` and
    ``framing_negative_pole`` are the means of how far it goes toward each, where the paragraphs have these columns.
    The intervals of these three cover documents alone: on a scale that ends at 0, measurement error would only ever
    add.

    Further axes, which have the columns ``axis_<name>`` and ``axis_<name>_low``, are estimated as framing is, with the
    axis's name as ``target``.

    Rows stand in the order of quantity (framing, framing_intensity, framing_positive_pole, framing_negative_pole, axis,
    stance, theme_share), target, group_by (all, document, theme, theme_document, then ``columns``), estimates before
    comparisons, group, theme. Shares have a row for every pair of group and theme, those of 0 included, and no rows by
    theme. The counts are of documents and paragraphs that have a value; of a comparison they are those of the group,
    not the rest. What the paragraphs have no column for, themes or framing, has no rows.

    Comparisons (``reference`` is `rest`) are of a metadata group with the documents of all other known groups, by
    Welch's t and exchanging documents, where both sides have two or more; and of a theme with the other paragraphs of
    the same documents, by turning the signs of the documents' differences and by exchanging paragraphs within
    documents, whichever has the larger p. p is exact up to 20,000 arrangements. Where no arrangement of so few
    documents could bring it to 0.05, p is missing and the note says so. The mean stance of all documents is held
    against 0, too (``reference`` is `neutral`), by its t, from five documents on. q corrects p over the comparisons of
    one quantity and one ``group_by``, the stances toward all targets together, and all further axes.

    All of this takes documents for independent of one another unless ``clusters`` says which are not.

    Parameters
    ----------
    paragraphs : pl.DataFrame of n_paragraphs rows
        The `paragraphs` table, or some of its columns, in any row order.
    targets : sequence of str, optional
        Targets of stance, in the order wanted; found from the ``stance_<target>_score`` columns when not given.
    framing_draws : ndarray of shape (n_draws, n_paragraphs), optional
        Framing scores under other anchors and sentences; column i is row i of ``paragraphs``, and one draw uses the
        same anchors for every paragraph: ``axis.predict_draws(embeddings)``. Without it intervals leave out this error,
        and notes say so.
    stance_draws : mapping of str to ndarray of shape (n_draws, n_paragraphs), optional
        The same for each target under other anchors, NaN where it is absent: ``scorer.draws(embeddings, mentions)``.
    axis_draws : mapping of str to callable, optional
        For a further axis, what makes its draws, so that those of one axis at a time are held.
    columns : sequence of str
        Metadata columns whose values make groups; one without any known value is passed over.
    clusters : str, optional
        A metadata column whose values join documents that depend on one another, such as the story or the day they are
        about; a document that does not say is a cluster of its own. Intervals and tests are then robust to that (CR2;
        `research.inference._clusters` has what they hold): groups are compared by a t and by arrangements of clusters
        instead of by exchanging documents, and signs are turned by cluster. A lone document then has no interval.
    repeats : {"once", "printed"}
        ``once``: a paragraph counts once in its document, and not at all where it repeats another document's, but for
        groups by a column, in each of which it counts once; ``printed``: it counts as often as it is printed.
    n_resamples : int, 1 or more
        Random arrangements of a permutation test that cannot be exact.
    confidence : float in (0, 1)
        Of every interval.
    random_state : int, 0 or more

    Returns
    -------
    pl.DataFrame
        The `estimates` table.

    Raises
    ------
    InputError
        If a column, a target, a setting or the shape of the draws is wrong, or a metadata column differs within a
        document.

    References
    ----------
    Kwak, H. et al. (2021). FrameAxis: characterizing microframe bias and intensity with word embedding. *PeerJ Computer
    Science* 7:e644, equations 1 to 3 (bias and intensity of a group of texts), here with documents instead of words as
    the unit, and intensity as a mean distance instead of a mean square.
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. *JRSS B* 57(1).

    Examples
    --------
    >>> import polars as pl
    >>> paragraphs = pl.DataFrame(
    ...     {
    ...         "paragraph_id": ["a:0", "b:0", "c:0"], "document_id": ["a", "b", "c"], "outlet": ["x", "x", "y"],
    ...         "position": [0, 0, 0], "n_printed": [1, 1, 1], "duplicate_of": [None, None, None],
    ...         "theme": ["trade", "trade", "energy"], "framing": [0.1, 0.3, 0.2],
    ...     },
    ...     schema_overrides={"duplicate_of": pl.String},
    ... )
    >>> table = estimate_groups(paragraphs)
    >>> row = table.filter(quantity="framing", group_by="all").row(0, named=True)
    >>> row["n_documents"], round(row["estimate"], 2), round(row["low"], 2), round(row["high"], 2)
    (3, 0.2, -0.05, 0.45)
    """
    if not isinstance(paragraphs, pl.DataFrame):
        raise InputError(
            f"the paragraphs are a {type(paragraphs).__module__.split('.')[0]} {type(paragraphs).__name__}; give the "
            "polars table, for example polars.from_pandas(frame)"
        )
    columns = [columns] if isinstance(columns, str) else list(columns)
    if clusters is not None and not isinstance(clusters, str):
        raise InputError(f"`clusters` is {clusters!r}; give the name of one column, or None")
    if isinstance(targets, str):
        targets = [targets]
    names = _found_targets(paragraphs) if targets is None else list(targets)
    axes = [
        name.removeprefix("axis_").removesuffix("_low")
        for name in paragraphs.columns
        if name.startswith("axis_") and name.endswith("_low") and name.removesuffix("_low") in paragraphs.columns
    ]
    settings = Settings(repeats, n_resamples, confidence, random_state, {"stance": len(names), "axis": len(axes)})
    _check(paragraphs, names, framing_draws, stance_draws, columns, clusters, settings)
    if "theme" not in paragraphs.columns:
        paragraphs = paragraphs.with_columns(pl.lit(None, dtype=pl.String).alias("theme"))
    arranged = arrange(paragraphs, repeats)
    n = len(arranged.documents)
    settings = replace(settings, clusters=clusters_by(paragraphs, clusters, n))
    groupings = [Grouping("all", ["all"], np.zeros(n, dtype=np.int64), np.array([True]), arranged)]
    found = [grouping_by(paragraphs, column, arranged, repeats) for column in columns]
    groupings += [grouping for grouping in found if grouping is not None]
    parts: list[pl.DataFrame] = []
    if "framing" in paragraphs.columns:
        framing = paragraphs.get_column("framing").cast(pl.Float64)
        parts += score_rows(framing, arranged, groupings, settings, "framing", None, framing_draws)
        sides = {"framing_intensity": framing.abs()}
        sides |= {pole: paragraphs.get_column(pole) for pole in _POLES if pole in paragraphs.columns}
        for quantity, values in sides.items():
            parts += _one_sided(values, arranged, groupings, settings, quantity)
    for name in axes:
        made = axis_draws[name]() if axis_draws is not None and name in axis_draws else None
        parts += score_rows(
            paragraphs.get_column(f"axis_{name}"), arranged, groupings, settings, "axis", name, made
        )  # fmt: skip
    for target in names:
        draws = None if stance_draws is None else stance_draws.get(target)
        scores = paragraphs.get_column(f"stance_{target}_score")
        parts += score_rows(scores, arranged, groupings, settings, "stance", target, draws)
    parts += share_rows(arranged, groupings, settings)
    table = _corrected(pl.concat([pl.DataFrame(schema=estimates_schema()), *parts], how="diagonal"))
    check_table("estimates", table)
    return table


def _corrected(table: pl.DataFrame) -> pl.DataFrame:
    """Correct p over the comparisons of one quantity between groups of one kind, stances of all targets together."""
    adjusted = np.full(table.height, np.nan)
    p, smallest, floor = (table.get_column(name).to_numpy() for name in ("p", SMALLEST, FLOOR))
    notes = table.get_column("note").to_list()
    families = table.with_row_index("row").group_by("quantity", "group_by", maintain_order=True)
    for (_, kind), family in families:
        rows = family.get_column("row").to_numpy()
        adjusted[rows] = benjamini_hochberg(p[rows])
        tested = rows[np.isfinite(p[rows])]
        # Of two groups each against the other is one test that stands twice, which leaves q as it is.
        groups = family.filter(pl.col("p").is_not_null()).get_column("group").n_unique()
        n_tests = len(tested) // 2 if kind not in GROUPINGS and groups == 2 else len(tested)
        for row in tested[np.isfinite(floor[tested])]:
            notes[row] = joined(q_note(p[row], smallest[row], floor[row], n_tests), notes[row])
    return table.with_columns(q=pl.Series(adjusted).fill_nan(None), note=pl.Series(notes, dtype=pl.String)).select(
        list(estimates_schema())
    )


def _one_sided(
    values: pl.Series, arranged: Arranged, groupings: list[Grouping], settings: Settings, quantity: str
) -> list[pl.DataFrame]:
    """Build the rows of values between 0 and 1; a mean of them is never outside."""
    found = score_rows(values, arranged, groupings, settings, quantity, None, None)
    of_a_group = pl.col("reference").is_null()
    held = [pl.when(of_a_group).then(pl.col(end).clip(0.0, 1.0)).otherwise(pl.col(end)).alias(end) for end in _ENDS]
    return [part.with_columns(held) for part in found]


def _found_targets(paragraphs: pl.DataFrame) -> list[str]:
    found = []
    for name in paragraphs.columns:
        if name.startswith("stance_") and name.endswith("_score"):
            found.append(name.removeprefix("stance_").removesuffix("_score"))
    return found


def _check(
    paragraphs: pl.DataFrame,
    targets: Sequence[str],
    framing_draws: NDArray[np.floating] | None,
    stance_draws: Mapping[str, NDArray[np.floating]] | None,
    columns: Sequence[str],
    clusters: str | None,
    settings: Settings,
) -> None:
    """Refuse what cannot be estimated from."""
    needed = ["paragraph_id", "document_id", "position", "n_printed", "duplicate_of"]
    needed += [f"stance_{target}_score" for target in targets] + list(columns)
    needed += [clusters] if clusters is not None else []
    missing = [name for name in needed if name not in paragraphs.columns]
    if missing:
        raise InputError(
            f"the paragraphs have no column {', '.join(f'`{name}`' for name in missing)}; "
            f"they have {', '.join(paragraphs.columns)}. A column of the documents is joined by "
            "`table.join(corpus.documents.select('document_id', NAME), on='document_id')`"
        )
    if taken := next((name for name in columns if name in GROUPINGS), None):
        raise InputError(
            f"`columns` names `{taken}`, which is what this table calls groups of its own; rename that column"
        )
    if clusters in columns:
        raise InputError(
            f"`clusters` names `{clusters}`, whose values make groups, too, so that each group would be one cluster; "
            "name another column, or leave it out of `columns`"
        )
    if twice := next((name for name in columns if list(columns).count(name) > 1), None):
        raise InputError(f"`columns` names `{twice}` twice; name each column once")
    if not paragraphs.height:
        raise InputError("there are no paragraphs to estimate from")
    given = asdict(settings)
    check_values(estimate_groups, {name: given[name] for name in given if name not in {"n_alike", "clusters"}})
    unknown = sorted(set(stance_draws or {}) - set(targets))
    if unknown:
        raise InputError(
            f"stance_draws has the target `{unknown[0]}`, which the paragraphs do not have; "
            f"they have {', '.join(targets) or 'none'}"
        )
    for name, draws in {"framing_draws": framing_draws, **(stance_draws or {})}.items():
        if draws is not None and (np.ndim(draws) != 2 or np.shape(draws)[1] != paragraphs.height):
            raise InputError(
                f"the draws `{name}` have the shape {np.shape(draws)}; "
                f"give (n_draws, {paragraphs.height}), a column for each paragraph"
            )
