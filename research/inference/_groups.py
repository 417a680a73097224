"""The `estimates` table: means, shares and comparisons of groups of documents, each with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research._tables import check_table, estimates_schema
from research.errors import InputError
from research.inference._cells import Arranged, Cells, arrange, codes, reduce_scores
from research.inference._intervals import share_interval
from research.inference._notes import (
    ALIKE,
    ALIKE_SIDES,
    LEVEL,
    few,
    group_note,
    how_tested,
    joined,
    p_note,
    share_note,
    sources_of,
)
from research.inference._permutation import benjamini_hochberg, sign_flip_test
from research.inference._summaries import compare_groups, drawn_difference, moments, summarise

__all__ = ["UNKNOWN", "Grouping", "estimate_groups", "group_shares", "shares_of_documents"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

UNKNOWN = "unknown"
REST = "rest"
_COUNTED = {"once": "every distinct paragraph once", "printed": "paragraphs weighted by how often they are printed"}


@dataclass(frozen=True)
class Grouping:
    """One way to put documents in groups: names, sorted, and each document's place among them."""

    name: str
    groups: list[str]
    label: Integers
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class _Settings:
    repeats: Literal["once", "printed"]
    n_resamples: int
    confidence: float
    random_state: int


def estimate_groups(
    paragraphs: pl.DataFrame,
    *,
    targets: Sequence[str] | None = None,
    framing_draws: NDArray[np.floating] | None = None,
    stance_draws: Mapping[str, NDArray[np.floating]] | None = None,
    columns: Sequence[str] = ("outlet",),
    repeats: Literal["once", "printed"] = "once",
    n_resamples: int = 2000,
    confidence: float = 0.95,
    random_state: int = 0,
) -> pl.DataFrame:
    """Estimate framing, stance and theme shares for the corpus, documents, themes and groups of documents.

    Documents are what was sampled: a group's estimate is the mean over its documents of the documents' means, and its
    interval tells how far that mean may be from that of the documents it was sampled from. A document's own interval
    covers measurement only (anchors, sentences), from percentiles of the draws. A group's interval is the t interval
    over documents plus the measurement error that the documents share (Korn-Graubard for shares, which take the theme
    assignment as given); `research.inference._intervals` shows what these cover. With one document no interval over
    documents exists: the row has the measurement interval and a note.

    Rows stand in the order of quantity (framing, stance, theme_share), target, group_by (all, document, theme,
    theme_document, then ``columns``), estimates before comparisons, group, theme. Shares have a row for every pair of
    group and theme, those of 0 included, and no rows by theme. The counts are of documents and paragraphs that have a
    value; of a comparison they are those of the group, not the rest.

    Comparisons (``reference`` is `rest`) are of a metadata group with the documents of all other known groups, by
    exchanging documents, and of a theme with the other paragraphs of the same documents, by turning the signs of the
    documents' differences. p is exact up to 20,000 arrangements. Where no arrangement of so few documents could bring
    it to 0.05, p is missing and the note says so.

    Parameters
    ----------
    paragraphs : pl.DataFrame of n_paragraphs rows
        The `paragraphs` table, in any row order.
    targets : sequence of str, optional
        Targets of stance, in the order wanted; found from the ``stance_<target>_score`` columns when not given.
    framing_draws : ndarray of shape (n_draws, n_paragraphs), optional
        Framing scores under other anchors and sentences; column i is row i of ``paragraphs``, and one draw uses the
        same anchors for every paragraph.
    stance_draws : mapping of str to ndarray of shape (n_draws, n_paragraphs), optional
        The same for each target; NaN where it is absent.
    columns : sequence of str
        Metadata columns whose values make groups; one without any known value is passed over.
    repeats : {"once", "printed"}
        ``once``: a paragraph counts once in its document, and not at all where it repeats another document's;
        ``printed``: it counts as often as it is printed.
    n_resamples : int
        Random arrangements of a permutation test that cannot be exact.
    confidence : float in (0, 1)
    random_state : int

    Returns
    -------
    pl.DataFrame
        The `estimates` table.

    Raises
    ------
    InputError
        If a column, a target or the shape of the draws is wrong, or a metadata column differs within a document.

    References
    ----------
    Kwak, H. et al. (2021). FrameAxis: characterizing microframe bias and intensity with word embedding. *PeerJ Computer
    Science* 7:e644, equations 1 and 2 (bias of a group of texts), here with documents instead of words as the unit.
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
    settings = _Settings(repeats, n_resamples, confidence, random_state)
    names = _found_targets(paragraphs) if targets is None else list(targets)
    _check(paragraphs, names, framing_draws, stance_draws, columns, settings)
    arranged = arrange(paragraphs, repeats)
    groupings = [Grouping("all", ["all"], np.zeros(len(arranged.documents), dtype=np.int64), np.array([True]))]
    groupings += [grouping for column in columns if (grouping := _grouping(paragraphs, column, arranged)) is not None]
    parts = _score_rows(paragraphs, arranged, groupings, settings, "framing", None, framing_draws)
    for target in names:
        draws = None if stance_draws is None else stance_draws.get(target)
        parts += _score_rows(paragraphs, arranged, groupings, settings, "stance", target, draws)
    parts += _share_rows(arranged, groupings, settings)
    table = pl.concat(parts)
    adjusted = np.full(table.height, np.nan)
    for quantity in ("framing", "stance", "theme_share"):
        rows = np.flatnonzero((table.get_column("quantity") == quantity).to_numpy())
        adjusted[rows] = benjamini_hochberg(table.get_column("p").to_numpy()[rows])
    table = table.with_columns(pl.Series("q", adjusted).fill_nan(None))
    check_table("estimates", table)
    return table


def shares_of_documents(arranged: Arranged) -> tuple[Floats, Integers]:
    """Give each document's shares of primary themes, (n_documents, n_themes), and its number of paragraphs."""
    n_documents, n_themes = len(arranged.documents), len(arranged.themes)
    total = np.bincount(arranged.document, weights=arranged.weight, minlength=n_documents)
    has = arranged.theme >= 0
    cell = arranged.document[has] * n_themes + arranged.theme[has]
    counts = np.bincount(cell, weights=arranged.weight[has], minlength=n_documents * n_themes)
    with np.errstate(invalid="ignore"):
        shares = counts.reshape(n_documents, n_themes) / total[:, None]
    return shares, np.rint(total).astype(np.int64)


def group_shares(
    shares: Floats, n_paragraphs: Integers, label: Integers, n_groups: int, confidence: float
) -> tuple[Integers, Integers, Floats, Floats, Floats]:
    """Give documents and paragraphs (n_groups,), mean shares and their intervals (n_groups, n_themes) of groups."""
    label = np.where(n_paragraphs > 0, label, -1)
    n, mean, variance = moments(shares, label, n_groups)
    counted = np.bincount(label[label >= 0], weights=n_paragraphs[label >= 0], minlength=n_groups)
    low, high = share_interval(mean, variance, n[:, None], counted[:, None], confidence=confidence)
    return n, np.rint(counted).astype(np.int64), mean, low, high


def _score_rows(
    paragraphs: pl.DataFrame,
    arranged: Arranged,
    groupings: list[Grouping],
    settings: _Settings,
    quantity: str,
    target: str | None,
    draws: NDArray[np.floating] | None,
) -> list[pl.DataFrame]:
    """Build the rows of framing, or of stance toward one target."""
    column = "framing" if target is None else f"stance_{target}_score"
    scores = paragraphs.get_column(column).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    offsets = np.concatenate(([0], np.cumsum([len(grouping.groups) for grouping in groupings])))
    membership = np.stack(
        [grouping.label + offset for grouping, offset in zip(groupings, offsets[:-1], strict=True)], axis=1
    )
    what = "framing_draws" if target is None else f"stance_draws of `{target}`"
    documents, cells, contrasts, sums = reduce_scores(
        arranged, scores, draws, membership, what=what, confidence=settings.confidence
    )
    n_themes, n_draws = len(arranged.themes), 0 if draws is None else len(draws)
    counted = _COUNTED[settings.repeats]
    fixed: dict[str, Any] = {"quantity": quantity, "target": target}
    measured = n_draws > 0
    group_method = (
        f"mean over documents of document means, {counted}; t interval over documents"
        + (", with the measurement error that documents share" if measured else "")
    )  # fmt: skip
    cell_method = f"mean over the document's paragraphs, {counted}" + (
        "; percentiles of measurement draws" if measured else ""
    )

    def group_rows(grouping: Grouping, label: Integers, of: Cells, drawn: Floats, **more: Any) -> pl.DataFrame:
        found = summarise(of, label, len(grouping.groups), drawn, bound=1.0, confidence=settings.confidence)
        notes = [
            group_note(int(n), measured, bool(known), bool(alike))
            for n, known, alike in zip(found.n, grouping.known, found.alike, strict=True)
        ]
        return _rows(
            **fixed, **more, group_by=grouping.name, group=grouping.groups, n_documents=found.n,
            n_paragraphs=found.n_paragraphs, estimate=found.mean, low=found.low, high=found.high,
            method=group_method, uncertainty_sources=sources_of(found, measured), note=notes,
        )  # fmt: skip

    def documents_rows() -> pl.DataFrame:
        size = len(arranged.documents)
        n_paragraphs = np.zeros(size, dtype=np.int64)
        n_paragraphs[documents.document] = documents.n_paragraphs
        filled = np.full((3, size), np.nan)
        filled[:, documents.document] = documents.mean, documents.low, documents.high
        return cell_rows(
            "document", pl.Series(arranged.documents, dtype=pl.String), None, n_paragraphs, filled[0], filled[1],
            filled[2],
        )  # fmt: skip

    def cell_rows(
        group_by: str, group: pl.Series, theme: pl.Series | None, n: Integers, mean: Floats, low: Floats, high: Floats
    ) -> pl.DataFrame:
        empty = "no paragraph has a value to estimate from"
        missing = None if measured else "one document, and no measurement draws: no interval is possible"
        return _rows(
            **fixed, theme=theme, group_by=group_by, group=group, n_documents=(n > 0).astype(np.int64), n_paragraphs=n,
            estimate=mean, low=low, high=high, method=cell_method,
            uncertainty_sources=_choose(n > 0, "anchors;sentences" if measured else "none", "none"),
            note=_choose(n > 0, missing, empty),
        )  # fmt: skip

    everything = groupings[0]
    label = everything.label[documents.document]
    parts = [group_rows(everything, label, documents, sums.documents[:, :1]), documents_rows()]
    if n_themes:
        themes = pl.Series(arranged.themes, dtype=pl.String)
        by_theme = Grouping("theme", arranged.themes, np.arange(n_themes), np.ones(n_themes, dtype=bool))
        parts += [
            group_rows(by_theme, cells.theme, cells, sums.themes, theme=themes),
            _theme_comparisons(contrasts, sums.contrasts, arranged, settings, fixed, measured),
        ]
        # Sorted by theme, then document, as the group's name is.
        by_name = np.lexsort((cells.document, cells.theme))
        theme = themes.gather(cells.theme[by_name])
        document = pl.Series(arranged.documents, dtype=pl.String).gather(cells.document[by_name])
        parts.append(
            cell_rows(
                "theme_document", theme + " | " + document, theme, cells.n_paragraphs[by_name], cells.mean[by_name],
                cells.low[by_name], cells.high[by_name],
            )
        )  # fmt: skip
    for grouping, offset in zip(groupings[1:], offsets[1:-1], strict=True):
        drawn = sums.documents[:, offset : offset + len(grouping.groups)]
        label = grouping.label[documents.document]
        parts.append(group_rows(grouping, label, documents, drawn))
        known = np.flatnonzero(grouping.known)
        if len(known) < 2:
            continue
        place = np.where(grouping.known, np.cumsum(grouping.known) - 1, -1)[label]
        shared = drawn_difference(drawn[:, known], documents, place, len(known))
        parts.append(
            _comparison_rows(
                documents.mean[:, None], place, grouping, settings, fixed, shared=shared, n_draws=n_draws,
                n_paragraphs=documents.n_paragraphs, bound=2.0, themes=None,
            )
        )  # fmt: skip
    return parts


def _theme_comparisons(
    contrasts: Cells,
    drawn: Floats,
    arranged: Arranged,
    settings: _Settings,
    fixed: dict[str, Any],
    measured: bool,
) -> pl.DataFrame:
    """Build the rows of themes against the other paragraphs of the same documents."""
    n_themes = len(arranged.themes)
    found = summarise(contrasts, contrasts.theme, n_themes, drawn, bound=2.0, confidence=settings.confidence)
    differences = np.full((len(arranged.documents), n_themes), np.nan)
    differences[contrasts.document, contrasts.theme] = contrasts.mean
    p, smallest, arrangements = sign_flip_test(
        differences, n_resamples=settings.n_resamples, random_state=settings.random_state
    )
    notes, methods = [], []
    for theme in range(n_themes):
        n = int(found.n[theme])
        why = p_note(float(smallest[theme]), f"{n} document{'s' if n != 1 else ''} having both sides")
        if n == 0:
            why = "no document has paragraphs of this theme and others to compare with"
        notes.append(joined(why, ALIKE if found.alike[theme] else few(n) if n > 1 else None))
        methods.append(
            "mean over documents of theme minus the document's other paragraphs; t interval; "
            + how_tested(int(arrangements[theme]), settings.n_resamples, "signs")
        )
    themes = pl.Series(arranged.themes, dtype=pl.String)
    return _rows(
        **fixed, theme=themes, group_by="theme", group=themes, reference=REST, n_documents=found.n,
        n_paragraphs=found.n_paragraphs, estimate=found.mean, low=found.low, high=found.high,
        p=np.where(smallest <= LEVEL, p, np.nan), method=methods, uncertainty_sources=sources_of(found, measured),
        note=notes,
    )  # fmt: skip


def _comparison_rows(
    values: Floats,
    place: Integers,
    grouping: Grouping,
    settings: _Settings,
    fixed: dict[str, Any],
    *,
    shared: Floats | float,
    n_draws: int,
    n_paragraphs: Integers,
    bound: float,
    themes: list[str] | None,
) -> pl.DataFrame:
    """Build the rows of known groups against the rest; one row a group and theme where values has a column a theme."""
    groups = [name for name, known in zip(grouping.groups, grouping.known, strict=True) if known]
    n_tests = values.shape[1]
    found = compare_groups(
        values, place, len(groups), shared=shared, n_draws=n_draws, bound=bound, n_resamples=settings.n_resamples,
        confidence=settings.confidence, random_state=settings.random_state,
    )  # fmt: skip
    left_out = int((place < 0).sum())
    unknown = f"{left_out} of unknown {grouping.name} left out" if left_out else None
    notes: list[str | None] = []
    methods: list[str] = []
    for group in range(len(groups)):
        n, rest = int(found.n[group]), int(found.n_rest[group])
        how = how_tested(int(found.arrangements[group]), settings.n_resamples, "documents")
        kind = "Welch's t interval" if min(n, rest) > 1 else "t interval with pooled variance"
        methods += [f"difference of means over documents; {kind}; {how}"] * n_tests
        lone = "a single document on one side: the other side's spread stands for both" if min(n, rest) == 1 else None
        if n + rest < 3:
            lone = "a single document on each side: no interval is possible" if n and rest else None
        for test in range(n_tests):
            why = p_note(float(found.smallest[group, test]), f"{n} against {rest} documents")
            alike = ALIKE_SIDES if n + rest > 2 and min(n, rest) and np.isnan(found.low[group, test]) else None
            notes.append(joined(why, alike or lone, unknown))
    counted = np.bincount(place[place >= 0], weights=n_paragraphs[place >= 0], minlength=len(groups))
    interval = np.isfinite(found.low).ravel()
    known = pl.Series(groups, dtype=pl.String).gather(np.repeat(np.arange(len(groups)), n_tests))
    sources = "anchors;sentences;documents" if n_draws else "documents"
    return _rows(
        **fixed, theme=None if themes is None else themes * len(groups), group_by=grouping.name, group=known,
        reference=REST, n_documents=np.repeat(found.n, n_tests),
        n_paragraphs=np.repeat(np.rint(counted).astype(np.int64), n_tests), estimate=found.difference.ravel(),
        low=found.low.ravel(), high=found.high.ravel(),
        p=np.where(found.smallest <= LEVEL, found.p, np.nan).ravel(), method=methods,
        uncertainty_sources=_choose(interval, sources, "none"), note=notes,
    )  # fmt: skip


def _share_rows(arranged: Arranged, groupings: list[Grouping], settings: _Settings) -> list[pl.DataFrame]:
    """Build the rows of theme shares: all, document, and the metadata columns, each with every theme."""
    n_themes, n_documents = len(arranged.themes), len(arranged.documents)
    if not n_themes:
        return []
    counted = _COUNTED[settings.repeats]
    shares, n_paragraphs = shares_of_documents(arranged)
    themes = pl.Series(arranged.themes, dtype=pl.String)
    fixed: dict[str, Any] = {"quantity": "theme_share", "target": None}
    method = f"mean over documents of the share of paragraphs with this primary theme, {counted}"

    def group_rows(grouping: Grouping) -> pl.DataFrame:
        size = len(grouping.groups)
        n, total, mean, low, high = group_shares(shares, n_paragraphs, grouping.label, size, settings.confidence)
        notes = [
            share_note(int(count), bool(known)) for count, known in zip(n, grouping.known, strict=True)
        ]  # fmt: skip
        which = np.repeat(np.arange(size), n_themes)
        return _rows(
            **fixed, theme=themes.gather(np.tile(np.arange(n_themes), size)), group_by=grouping.name,
            group=pl.Series(grouping.groups, dtype=pl.String).gather(which), n_documents=n[which],
            n_paragraphs=total[which], estimate=mean.ravel(), low=low.ravel(), high=high.ravel(),
            method=f"{method}; Korn-Graubard interval", note=[notes[group] for group in which],
            uncertainty_sources=_choose(n[which] > 1, "documents", "none"),
        )  # fmt: skip

    which = np.repeat(np.arange(n_documents), n_themes)
    filled = n_paragraphs[which] > 0
    parts = [
        group_rows(groupings[0]),
        _rows(
            **fixed, theme=themes.gather(np.tile(np.arange(n_themes), n_documents)), group_by="document",
            group=pl.Series(arranged.documents, dtype=pl.String).gather(which), n_documents=filled.astype(np.int64),
            n_paragraphs=n_paragraphs[which], estimate=shares.ravel(), low=None, high=None,
            method=f"share of the document's paragraphs with this primary theme, {counted}", uncertainty_sources="none",
            note=_choose(filled, "a count in one document: no interval is possible", "no paragraph to count"),
        ),
    ]  # fmt: skip
    counted_documents = np.flatnonzero(n_paragraphs > 0)
    for grouping in groupings[1:]:
        parts.append(group_rows(grouping))
        if grouping.known.sum() < 2:
            continue
        place = np.where(grouping.known, np.cumsum(grouping.known) - 1, -1)[grouping.label[counted_documents]]
        parts.append(
            _comparison_rows(
                shares[counted_documents], place, grouping, settings, fixed, shared=0.0, n_draws=0,
                n_paragraphs=n_paragraphs[counted_documents], bound=1.0, themes=arranged.themes,
            )
        )  # fmt: skip
    return parts


def _rows(**given: Any) -> pl.DataFrame:
    """Put together rows of the schema from arrays, and scalars that hold for all of them."""
    height = len(given["group"])
    columns = []
    for name, dtype in estimates_schema().items():
        value = given.get(name)
        if value is None or isinstance(value, str):
            columns.append(pl.repeat(value, height, dtype=dtype, eager=True).alias(name))
        elif dtype == pl.Float64():
            columns.append(pl.Series(name, np.asarray(value), dtype=dtype).fill_nan(None))
        else:
            columns.append(pl.Series(name, value, dtype=dtype))
    return pl.DataFrame(columns)


def _choose(condition: NDArray[np.bool_], yes: str | None, no: str | None) -> pl.Series:
    """Choose between two texts row by row."""
    texts = pl.Series([no, yes], dtype=pl.String)
    return texts.gather(condition.astype(np.int64))


def _found_targets(paragraphs: pl.DataFrame) -> list[str]:
    found = []
    for name in paragraphs.columns:
        if name.startswith("stance_") and name.endswith("_score"):
            found.append(name.removeprefix("stance_").removesuffix("_score"))
    return found


def _grouping(paragraphs: pl.DataFrame, column: str, arranged: Arranged) -> Grouping | None:
    """Group documents by a metadata column, or give nothing where no document says."""
    values = (
        paragraphs.select("document_id", pl.col(column).cast(pl.String).fill_null(UNKNOWN).replace("", UNKNOWN))
        .unique()
        .sort("document_id", column)
    )
    if values.height != len(arranged.documents):
        document = values.filter(pl.col("document_id").is_duplicated()).get_column("document_id")[0]
        raise InputError(
            f"column `{column}` has more than one value in document `{document}`; groups are of documents, "
            "so give a column that is the same in all paragraphs of a document"
        )
    groups = values.get_column(column).unique().sort().to_list()
    if groups == [UNKNOWN]:
        return None
    known = np.array([group != UNKNOWN for group in groups])
    return Grouping(column, groups, codes(values.get_column(column), groups), known)


def _check(
    paragraphs: pl.DataFrame,
    targets: Sequence[str],
    framing_draws: NDArray[np.floating] | None,
    stance_draws: Mapping[str, NDArray[np.floating]] | None,
    columns: Sequence[str],
    settings: _Settings,
) -> None:
    """Refuse what cannot be estimated from."""
    needed = ["paragraph_id", "document_id", "position", "n_printed", "duplicate_of", "theme", "framing"]
    needed += [f"stance_{target}_score" for target in targets] + list(columns)
    missing = [name for name in needed if name not in paragraphs.columns]
    if missing:
        raise InputError(
            f"the paragraphs have no column {', '.join(f'`{name}`' for name in missing)}; "
            f"they have {', '.join(paragraphs.columns)}"
        )
    if not paragraphs.height:
        raise InputError("there are no paragraphs to estimate from")
    if settings.repeats not in _COUNTED:
        raise InputError(f"repeats is {settings.repeats!r}; allowed are once, printed")
    if not 0 < settings.confidence < 1:
        raise InputError(f"confidence is {settings.confidence}; give a number between 0 and 1")
    if settings.n_resamples < 1:
        raise InputError(f"n_resamples is {settings.n_resamples}; give 1 or more")
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
