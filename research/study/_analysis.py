"""What a study computes: its inputs read and found good first, then stage after stage, up to the tables."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from research._tables import check_table
from research.corpus import Corpus, representatives
from research.embedding import Embeddings, Encoder, default_cache_path
from research.framing import Anchors, CrossEncoderAxis, FramingAxis
from research.inference import estimate_groups, theme_support
from research.stance import StanceScorer
from research.study._axes import fit_axis, teach, validity_table
from research.study._config import Loaded
from research.study._figures import Wording
from research.study._hand_labels import HandFraming, HandStance
from research.study._inputs import Inputs, read_inputs
from research.study._models import Models, Paragraphs
from research.study._own_stance import OwnStance, teach_stance
from research.study._schema import constructor_values, is_path
from research.themes import ThemeModel, map_coordinates

__all__ = ["Analysis", "analyse", "make_encoder", "quiet"]

Progress = Callable[[str, int, int], None]

_log = logging.getLogger("research")


@dataclass(frozen=True)
class Analysis:
    """What a study computed, before anything is drawn or written.

    Attributes
    ----------
    loaded : Loaded
        The configuration.
    corpus : Corpus
    paragraphs : Paragraphs
    models : Models
    anchors : Anchors or None
    tables : dict of str to polars.DataFrame
    counts : dict of str to int
        Texts embedded, taken from the cache, and split because the model reads no more at once.
    n_labelled : int
        Paragraphs whose themes were coded by hand.
    hashes : dict of str to str
        Of the files beside the texts, as they were read.
    axes : dict of str to Anchors
        Of the further axes.
    framing_labels : HandFraming or None
    stance_labels : HandStance or None
    own_stance : OwnStance or None
        What the study's own labels did to the stance scorer.
    codebook : str or None
        Its label.
    """

    loaded: Loaded[Any]
    corpus: Corpus
    paragraphs: Paragraphs
    models: Models
    anchors: Anchors | None
    tables: dict[str, pl.DataFrame]
    counts: dict[str, int]
    n_labelled: int
    hashes: dict[str, str]
    axes: dict[str, Anchors] = field(default_factory=dict)
    framing_labels: HandFraming | None = None
    stance_labels: HandStance | None = None
    own_stance: OwnStance | None = None
    codebook: str | None = None

    def inputs(self) -> dict[str, str]:
        """Give the hash of every file that the study read."""
        cross_encoders = {
            f"cross-encoder: {name}": str(axis.model_hash_)
            for name, axis in self.models.axes.items()
            if isinstance(axis, CrossEncoderAxis)
        }
        return {**self.corpus.files, **self.hashes, **cross_encoders}

    def wording(self) -> Wording:
        """Give the names that figures and findings use."""
        return Wording(
            poles=(self.anchors.pole_names[0], self.anchors.pole_names[2]) if self.anchors else ("-1", "+1"),
            targets={target.name: target.label for target in self.models.targets},
            confidence=self.loaded.values.inference.confidence,
            repeats=self.loaded.values.corpus.repeats,
            column=next(iter(self.loaded.values.inference.columns), None),
        )


def analyse(loaded: Loaded[Any], *, progress: Progress | None = None, cache: str | Path | None = None) -> Analysis:
    """Do everything a study does up to its tables, and write nothing but the vector cache.

    Parameters
    ----------
    loaded : Loaded
        The configuration.
    progress : callable, optional
        Called as ``progress(label, done, total)``.
    cache : path, optional
        The file of the vector cache; the user's own cache if not given.

    Returns
    -------
    Analysis

    Raises
    ------
    ResearchError
        Before any text is embedded, if a file of the study is wrong.
    """
    tell = progress or quiet
    inputs = read_inputs(loaded, cache)
    encoder = _Counting(make_encoder(loaded, cache))
    study = loaded.values
    paragraphs = Paragraphs.embed(
        inputs.corpus.paragraphs,
        encoder,
        inputs.targets,
        language=study.language,
        voice=study.stance.voice if study.stance else "own",
        progress=tell,
    )
    models, own_stance = _fit(study, inputs, encoder, paragraphs, tell)
    tell("scores", 0, 1)
    table = models.score(paragraphs, tell)
    tell("scores", 1, 1)
    tables = _tables(study, inputs.corpus, paragraphs, models, table, tell)
    if models.framing is not None or models.axes:
        tell("validity", 0, 1)
        tables["validity"] = validity_table(
            study, inputs.anchors, inputs.axes, inputs.framing_labels, models, paragraphs, table, encoder
        )
        check_table("validity", tables["validity"])
        tell("validity", 1, 1)
    _log.info("embedded %d texts, took %d from the cache", encoder.counts["n_embedded"], encoder.counts["n_from_cache"])
    n_labelled = len(inputs.labels.themes) if inputs.labels else 0
    counts = dict(encoder.counts)
    return Analysis(
        loaded,
        inputs.corpus,
        paragraphs,
        models,
        inputs.anchors,
        tables,
        counts,
        n_labelled,
        inputs.hashes,
        inputs.axes,
        inputs.framing_labels,
        inputs.stance_labels,
        own_stance,
        inputs.codebook.label if inputs.codebook else None,
    )


class _Counting:
    """An encoder that adds up what its calls embedded, took from the cache and split."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.counts: Counter[str] = Counter()

    def load(self) -> Encoder:
        return self.encoder.load()

    @property
    def model_hash_(self) -> str:
        return self.encoder.model_hash_

    @property
    def layers_(self) -> tuple[int, ...]:
        return self.encoder.layers_

    def encode(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]] | None = None,
        progress: Progress | None = None,
    ) -> Embeddings:
        embeddings = self.encoder.encode(texts, spans, progress)
        self.counts.update(self.encoder.counts_)
        return embeddings


def make_encoder(loaded: Loaded[Any], cache: str | Path | None) -> Encoder:
    """Give the encoder that a configuration asks for."""
    values = constructor_values(loaded.values.embedding, Encoder)
    if is_path(values["model"], "model"):
        values["model"] = loaded.path(values["model"])
    place = cache if cache is not None else default_cache_path()
    return Encoder(**values, language=loaded.values.language, cache=place)


def quiet(label: str, done: int, total: int) -> None:
    """Say nothing."""


def _fit(
    study: Any, inputs: Inputs, encoder: _Counting, paragraphs: Paragraphs, tell: Progress
) -> tuple[Models, OwnStance | None]:
    """Fit themes, framing and stance; the three do not see one another."""
    tell("themes", 0, 1)
    distinct = paragraphs.table[paragraphs.distinct.tolist()]
    ids = distinct.get_column("paragraph_id").to_list()
    themes = ThemeModel(
        **{
            **constructor_values(study.themes, ThemeModel),
            "codebook": inputs.codebook.encode(encoder) if inputs.codebook else None,
        },
        language=study.language,
        random_state=study.seed,
    ).fit(
        paragraphs.embeddings.take(paragraphs.distinct),
        labels=[inputs.labels.themes.get(name) for name in ids] if inputs.labels else None,
        documents=distinct.get_column("document_id").to_list(),
        progress=tell,
    )
    tell("themes", 1, 1)

    framing = None
    if inputs.anchors is not None:
        tell("framing", 0, 1)
        framing = fit_axis(study, inputs.anchors, encoder)
        if inputs.framing_labels is not None:
            framing = teach(framing, inputs.framing_labels, paragraphs)
        tell("framing", 1, 1)
    axes: dict[str, FramingAxis | CrossEncoderAxis] = {}
    for number, (name, anchors) in enumerate(inputs.axes.items()):
        tell("axes", number, len(inputs.axes))
        axes[name] = fit_axis(study, anchors, encoder)
        tell("axes", number + 1, len(inputs.axes))
    axes |= inputs.cross_encoders

    stance, own_stance = None, None
    if inputs.stance_anchors is not None:
        tell("stance", 0, 1)
        stance = StanceScorer.from_anchors(
            inputs.stance_anchors, encoder, **constructor_values(study.stance, StanceScorer), random_state=study.seed
        )
        if inputs.stance_labels is not None:
            given = inputs.stance_labels
            stance, own_stance = teach_stance(
                stance, given.values(), paragraphs, inputs.targets, len(given.coders), given.alpha
            )
        tell("stance", 1, 1)
    fitted = encoder.encoder
    about = {
        "name": study.embedding.model,
        "sha256": fitted.model_hash_,
        "dimensions": fitted.n_dimensions_,
        "layers": list(fitted.layers_),
        "tokens_at_once": fitted.max_tokens_,
    }
    voice: Literal["own", "all"] = study.stance.voice if study.stance else "own"
    models = Models(
        themes, framing, stance, inputs.targets, study.language, voice, study.inference.confidence, about, axes
    )
    return models, own_stance


def _tables(
    study: Any, corpus: Corpus, paragraphs: Paragraphs, models: Models, table: pl.DataFrame, tell: Progress
) -> dict[str, pl.DataFrame]:
    """Make every table of the run and hold each against its schema."""
    names = [target.name for target in models.targets]
    tell("estimates", 0, 1)
    draws = models.framing.predict_draws(paragraphs.embeddings) if models.framing is not None else None
    stance_draws = None
    if models.stance is not None and paragraphs.mentions is not None:
        stance_draws = models.stance.draws(paragraphs.embeddings, paragraphs.mentions)
    estimates = estimate_groups(
        _with_metadata(table, corpus, study),
        framing_draws=draws,
        stance_draws=stance_draws,
        axis_draws={
            name: partial(axis.predict_draws, paragraphs.embeddings)
            for name, axis in models.axes.items()
            if isinstance(axis, FramingAxis)
        },
        targets=names,
        repeats=study.corpus.repeats,
        random_state=study.seed,
        **constructor_values(study.inference, estimate_groups),
    )
    tell("estimates", 1, 1)
    tell("map", 0, 1)
    coordinates = _map(paragraphs, study.seed)
    tell("map", 1, 1)
    tables = {
        "documents": corpus.documents,
        "units": corpus.units,
        "paragraphs": table,
        "themes": _themes_table(study, corpus, paragraphs, models.themes, table),
        "keywords": models.themes.keyword_table(),
        "hierarchy": models.themes.hierarchy_table(),
        "map": coordinates,
        "estimates": estimates,
    }
    gain = models.themes.label_gain_table()
    if len(gain):
        tables["label_gain"] = gain
    for name, frame in tables.items():
        if name != "documents":
            check_table(name, frame, names, list(models.axes))
    return tables


def _with_metadata(table: pl.DataFrame, corpus: Corpus, study: Any) -> pl.DataFrame:
    """Put the documents' columns that make groups or clusters beside the paragraphs."""
    clusters = study.inference.clusters
    wanted = [*study.inference.columns, *([clusters] if clusters is not None else [])]
    further = [name for name in wanted if name not in table.columns]
    return table.join(corpus.documents.select("document_id", *further), on="document_id", maintain_order="left")


def _map(paragraphs: Paragraphs, seed: int) -> pl.DataFrame:
    """Place every paragraph on the plane; a repeat lies where the paragraph it repeats lies."""
    distinct = paragraphs.distinct
    places = map_coordinates(np.asarray(paragraphs.embeddings.vectors[distinct]), random_state=seed)
    row_of = {row: number for number, row in enumerate(distinct.tolist())}
    rows = [row_of[row] for row in representatives(paragraphs.table).tolist()]
    return pl.DataFrame(
        {
            "paragraph_id": paragraphs.table.get_column("paragraph_id"),
            "x": places[rows, 0].astype(np.float64),
            "y": places[rows, 1].astype(np.float64),
        }
    )


def _themes_table(
    study: Any, corpus: Corpus, paragraphs: Paragraphs, themes: ThemeModel, table: pl.DataFrame
) -> pl.DataFrame:
    """Join what the model knows of its themes with where the documents have them."""
    known = themes.theme_table()
    support = theme_support(
        _with_metadata(table, corpus, study),
        known.get_column("theme").to_list(),
        repeats=study.corpus.repeats,
        confidence=study.inference.confidence,
        clusters=study.inference.clusters,
    )
    ids = table.get_column("paragraph_id").gather(paragraphs.distinct).to_list()
    keywords = (
        themes.keyword_table()
        .sort("theme", "rank")
        .group_by("theme", maintain_order=True)
        .agg(pl.col("keyword").str.join(";").alias("keywords"))
    )
    representatives = [";".join(ids[row] for row in rows) for rows in known.get_column("representatives").to_list()]
    names = [
        "theme",
        "source",
        "label",
        "n_paragraphs",
        "n_documents",
        "share",
        "share_low",
        "share_high",
        "recovery",
        "keywords",
        "representatives",
        "supported",
        "parent",
    ]
    return (
        known.with_columns(pl.Series("representatives", representatives, dtype=pl.String))
        .join(support, on="theme", how="left", maintain_order="left")
        .join(keywords, on="theme", how="left", maintain_order="left")
        .with_columns(pl.col("keywords").fill_null(""))
        .select(names)
    )
