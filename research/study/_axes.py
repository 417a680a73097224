"""The framing axes of a study: which there are, what labels by hand teach them, and their validity cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from research.errors import ConfigError, InputError
from research.framing import Anchors, CodedTexts, CrossEncoderAxis, FramingAxis, validity_card
from research.study._hand_labels import HandFraming
from research.study._schema import NAME, constructor_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from research.study._models import Encodes, Models, Paragraphs

__all__ = ["fit_axis", "labelled_rows", "read_axes", "teach", "validity_table"]

# What a framing score must not be taken for; each axis is held against those that ship.
_OTHERS = ("valence", "subjectivity")


def read_axes(
    names: Sequence[str | Path], framing: Anchors | None, source: Path, cross_encoders: Sequence[str] = ()
) -> dict[str, Anchors]:
    """Read the further axes of a study, by name.

    Raises
    ------
    ConfigError
        If one is missing or wrong, is the framing axis, or two would give the same columns, cross-encoders among them.
    """
    axes: dict[str, Anchors] = {}
    columns: dict[str, str] = {}
    for given in names:
        anchors = Anchors.load(given)
        if not NAME.match(anchors.name):  # it names columns and files
            raise ConfigError(
                f"{source}: key `axes` names {given}, whose own `name` is {anchors.name!r}; it must be lower-case "
                "letters, digits and _, and begin with a letter or digit"
            )
        if framing is not None and anchors.name == framing.name:
            raise ConfigError(
                f"{source}: key `axes` names {anchors.name}, which `framing.axis` is already; leave it out of `axes`"
            )
        for ending in ("", "_low", "_high"):
            other = columns.setdefault(f"axis_{anchors.name}{ending}", anchors.name)
            if other != anchors.name or anchors.name in axes:
                raise ConfigError(
                    f"{source}: key `axes` has two axes, {other} and {anchors.name}, that would both give the column "
                    f"axis_{anchors.name}{ending}; rename one of them in its file"
                )
        axes[anchors.name] = anchors
    for name in cross_encoders:
        if framing is not None and name == framing.name:
            raise ConfigError(f"{source}: key `cross_encoders.{name}` has the name of the framing axis; rename it")
        for ending in ("", "_low", "_high"):
            other = columns.setdefault(f"axis_{name}{ending}", f"cross_encoders.{name}")
            if other != f"cross_encoders.{name}":
                raise ConfigError(
                    f"{source}: key `cross_encoders.{name}` and {other} would both give the column "
                    f"axis_{name}{ending}; rename one of them"
                )
    return axes


def fit_axis(study: Any, anchors: Anchors, encoder: Encodes) -> FramingAxis:
    """Fit an axis with the parameters of the study's framing section, or the usual ones where it has none."""
    section = study.framing
    parameters = constructor_values(section, FramingAxis) if section is not None else {}
    return FramingAxis.from_anchors(
        anchors,
        encoder,
        **parameters,
        language=study.language,
        random_state=study.seed,
    )


def labelled_rows(labels: HandFraming, paragraphs: Paragraphs) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give which distinct paragraphs are coded, and their labels in [-1, 1]."""
    values = labels.values()
    ids = paragraphs.table.get_column("paragraph_id").gather(paragraphs.distinct).to_list()
    rows = [row for row, name in enumerate(ids) if name in values]
    return np.array(rows, dtype=np.int64), np.array([values[ids[row]] / 2 for row in rows], dtype=np.float64)


def teach(axis: FramingAxis, labels: HandFraming, paragraphs: Paragraphs) -> FramingAxis:
    """Let the study's labels move an axis if they put paragraphs of documents left out in a better order.

    Few labels can fit their own documents and spoil the rest, so the moved axis must earn its place: Spearman with the
    labels, each scored without its document, has to be above that of the axis as it was. One document proves nothing.

    Returns
    -------
    FramingAxis
        Moved, with ``out_of_fold_``, or the one given.
    """
    from scipy.stats import spearmanr

    rows, y = labelled_rows(labels, paragraphs)
    rows = paragraphs.distinct[rows]
    documents = paragraphs.table.get_column("document_id").gather(rows).to_list()
    if len(set(documents)) < 2 or len(set(y.tolist())) < 2:
        return axis
    coded = paragraphs.embeddings.take(rows)
    before = float(spearmanr(axis.scale_.position(axis._features(coded)), y)[0])  # unclipped, as out of fold
    moved = deepcopy(axis).learn(coded, y, documents)
    after = float(spearmanr(moved.out_of_fold_, y)[0])
    return moved if after > before or np.isnan(before) else axis


def validity_table(
    study: Any,
    framing: Anchors | None,
    axes: Mapping[str, Anchors],
    labels: HandFraming | None,
    models: Models,
    paragraphs: Paragraphs,
    table: pl.DataFrame,
    encoder: Encodes,
) -> pl.DataFrame:
    """Make the cards of all axes of a study, one below the other; the framing axis comes first."""
    distinct = paragraphs.distinct
    embeddings = paragraphs.embeddings.take(distinct)
    documents = table.get_column("document_id").gather(distinct).to_list()
    themes = table.get_column("theme").gather(distinct).to_list()
    fitted: dict[str, tuple[Anchors | None, FramingAxis | CrossEncoderAxis]] = {}
    if framing is not None and models.framing is not None:
        fitted[framing.name] = (framing, models.framing)
    fitted |= {name: (axes.get(name), axis) for name, axis in models.axes.items()}
    others = {name: _scores(study, name, fitted, encoder, embeddings) for name in _OTHERS}
    cards = []
    for name, (anchors, axis) in fitted.items():
        coded = None
        if axis is models.framing and labels is not None:
            rows, y = labelled_rows(labels, paragraphs)
            coded = CodedTexts(rows, y, labels.alpha, len(labels.coders), getattr(axis, "out_of_fold_", None))
        card = validity_card(
            axis,
            embeddings,
            documents,
            anchors=anchors,
            anchor_embeddings=encoder.encode(anchors.texts) if anchors is not None else None,
            themes=themes,
            others={other: scores for other, scores in others.items() if other != name},
            labels=coded,
            confidence=study.inference.confidence,
            random_state=study.seed,
        )
        cards.append(card.select(pl.lit(name).alias("axis"), pl.all()))
    return pl.concat(cards)


def _scores(
    study: Any,
    name: str,
    fitted: Mapping[str, tuple[Anchors | None, FramingAxis | CrossEncoderAxis]],
    encoder: Encodes,
    embeddings: Any,
) -> NDArray[np.float64] | None:
    """Score the texts on a shipped axis; None where it was written for another language or does not hold here."""
    anchors = Anchors.load(name)
    if anchors.language != study.language:
        return None
    own, fitted_axis = fitted.get(name, (None, None))
    if own is not None and fitted_axis is not None and own.path == anchors.path:
        return fitted_axis.predict(embeddings)
    try:
        # Only scores are read, so one draw is enough.
        axis = FramingAxis.from_anchors(
            anchors, encoder, language=study.language, random_state=study.seed, n_bootstrap=1
        )
    except InputError:  # with this encoder its poles cannot be told apart
        return None
    return axis.predict(embeddings)
