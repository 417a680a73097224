"""One study from its configuration to its run folder: the only place that knows the order of the stages."""

from __future__ import annotations

import logging
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from research._tables import check_table
from research.corpus import VALIDATED_LANGUAGES, read_corpus
from research.embedding import Encoder, default_cache_path
from research.errors import CorpusError
from research.framing import Anchors, FramingAxis
from research.inference import estimate_groups, theme_support
from research.report import build_report, latex_table, leading_findings, methods_paragraph
from research.stance import StanceAnchors, StanceScorer, Target
from research.study._config import Loaded, load_config, write_config
from research.study._figures import FIGURES, Wording
from research.study._folder import RunFolder, file_hash
from research.study._models import Models, Paragraphs
from research.study._schema import constructor_values, is_path, study_model
from research.themes import Codebook, ThemeModel, map_coordinates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from research.corpus import Corpus

__all__ = ["Analysis", "Run", "about_this_run", "analyse", "load_study", "provenance", "run_study", "software"]

Progress = Callable[[str, int, int], None]

_log = logging.getLogger("research")

# What the numbers depend on; the report and the manifest name these versions.
_PACKAGES = ("newsframing", "hdbscan", "matplotlib", "numba", "numpy", "plotly", "polars", "scikit-learn", "scipy",
             "sentence-transformers", "tokenizers", "torch", "transformers", "umap-learn")


_FEWEST_PARAGRAPHS = 2


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    folder : pathlib.Path
    tables : dict of str to polars.DataFrame
    findings : list of str
        What the report leads with.
    """

    folder: Path
    tables: dict[str, pl.DataFrame]
    findings: list[str]


@dataclass(frozen=True)
class Analysis:
    """What a study computed, before anything is drawn or written.

    Attributes
    ----------
    loaded : Loaded
        The configuration.
    corpus : Corpus
    encoder : Encoder
    paragraphs : Paragraphs
    models : Models
    anchors : Anchors or None
    tables : dict of str to polars.DataFrame
    """

    loaded: Loaded[Any]
    corpus: Corpus
    encoder: Encoder
    paragraphs: Paragraphs
    models: Models
    anchors: Anchors | None
    tables: dict[str, pl.DataFrame]

    def inputs(self) -> dict[str, str]:
        """Give the hash of every file that the study read."""
        return {**self.corpus.files, **_input_files(self.loaded)}

    def wording(self) -> Wording:
        """Give the names that figures and findings use."""
        return Wording(
            poles=(self.anchors.pole_names[0], self.anchors.pole_names[2]) if self.anchors else ("-1", "+1"),
            targets={target.name: target.label for target in self.models.targets},
            confidence=self.loaded.values.inference.confidence,
        )


def load_study(path: str | Path, overrides: Sequence[str] = (), base: str | Path | None = None) -> Loaded[Any]:
    """Read a study's configuration; see `research.study.load_config`."""
    return load_config(path, study_model(), overrides, base)


def run_study(
    config: str | Path | Loaded[Any],
    *,
    overrides: Sequence[str] = (),
    out: str | Path | None = None,
    base: str | Path | None = None,
    progress: Progress | None = None,
    cache: str | Path | None = None,
) -> Run:
    """Run a study and write its folder.

    Parameters
    ----------
    config : path or Loaded
        The configuration.
    overrides : sequence of str
        ``key=value`` pairs laid over it.
    out : path, optional
        The run folder; ``results/<name>`` under the working directory if not given.
    base : path, optional
        Where the configuration's relative paths start from, if not its own folder.
    progress : callable, optional
        Called as ``progress(label, done, total)``.
    cache : path, optional
        The file of the vector cache; the user's own cache if not given.

    Returns
    -------
    Run

    Raises
    ------
    ResearchError
        One sentence on what is wrong with the input. Nothing is written then, and an earlier run stays as it was.

    Examples
    --------
    >>> run = run_study("configs/studies/putin_visit.yaml")  # doctest: +SKIP
    >>> run.tables["estimates"].head()  # doctest: +SKIP
    """
    loaded = config if isinstance(config, Loaded) else load_study(config, overrides, base)
    study = loaded.values
    tell = progress or _quiet
    started, clock = datetime.now(UTC), time.perf_counter()
    with RunFolder(out if out is not None else Path("results") / study.name, study.name) as folder:
        analysis = analyse(loaded, progress=tell, cache=cache)
        words = analysis.wording()
        findings = leading_findings(
            analysis.tables, poles=words.poles, labels=words.targets, confidence=words.confidence
        )
        _write(folder, analysis, findings, tell)
        folder.run = about_this_run(loaded.base, folder.place, started, time.perf_counter() - clock)
        folder.run["embedded"] = analysis.encoder.n_embedded_
        folder.run["from_cache"] = analysis.encoder.n_from_cache_
    return Run(folder.place, analysis.tables, findings)


def analyse(
    loaded: Loaded[Any], *, progress: Progress | None = None, cache: str | Path | None = None
) -> Analysis:
    """Do everything a study does up to its tables, and write nothing but the vector cache.

    Parameters
    ----------
    loaded : Loaded
        The configuration.
    progress, cache
        As for `run_study`.

    Returns
    -------
    Analysis
    """
    study = loaded.values
    tell = progress or _quiet
    corpus = _read(loaded)
    encoder = make_encoder(loaded, cache)
    targets = _targets(study)
    paragraphs = Paragraphs.embed(
        corpus.paragraphs, encoder, targets,
        language=study.language, voice=study.stance.voice if study.stance else "own", progress=tell,
    )
    models, anchors = _fit(loaded, encoder, paragraphs, targets, tell)
    tell("scores", 0, 1)
    table = models.score(paragraphs)
    tell("scores", 1, 1)
    tables = _tables(study, corpus, paragraphs, models, table, tell)
    _log.info("embedded %d texts, took %d from the cache", encoder.n_embedded_, encoder.n_from_cache_)
    return Analysis(loaded, corpus, encoder, paragraphs, models, anchors, tables)


def make_encoder(loaded: Loaded[Any], cache: str | Path | None) -> Encoder:
    """Give the encoder that a configuration asks for."""
    values = constructor_values(loaded.values.embedding, Encoder)
    if is_path(values["model"], "model"):
        values["model"] = loaded.path(values["model"])
    place = cache if cache is not None else default_cache_path()
    return Encoder(**values, language=loaded.values.language, cache=place)


def _write(folder: RunFolder, analysis: Analysis, findings: list[str], tell: Progress) -> None:
    """Write everything but the manifest."""
    study = analysis.loaded.values
    folder.facts = provenance(inputs=analysis.inputs(), model=analysis.models.encoder)
    folder.write_text("config.yaml", write_config(study))
    for name, frame in analysis.tables.items():
        folder.write_table(name, frame)
    folder.write_text("tables/themes.tex", _themes_tex(analysis.tables["themes"]))
    analysis.models.save(folder)
    wording = analysis.wording()
    plots = []
    for number, name in enumerate(study.figures):
        tell("figures", number, len(study.figures))
        plots.append(FIGURES[name](analysis.tables, wording))
        plots[-1].save(folder.file(f"figures/{name}").parent)
    tell("figures", len(study.figures), len(study.figures))
    tell("report", 0, 1)
    folder.write_text("report.html", build_report(
        title=study.title or study.name,
        tables=analysis.tables,
        plots=plots,
        findings=findings,
        methods=methods_paragraph(_facts(analysis)),
        provenance={**folder.facts, "configuration": file_hash(folder.path / "config.yaml")},
        notes=[*_corpus_notes(study, analysis.corpus), *analysis.models.themes.notes_],
    ))
    tell("report", 1, 1)


def provenance(*, inputs: dict[str, str], model: dict[str, Any] | None) -> dict[str, Any]:
    """Give what a manifest says of a run's origin: files by hash, the model, the software."""
    facts: dict[str, Any] = {"inputs": dict(sorted(inputs.items()))}
    if model is not None:
        facts["model"] = model
    facts["software"] = software()
    return facts


def software() -> dict[str, str]:
    """Give the versions of Python and of the packages that the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def about_this_run(base: Path, place: Path, started: datetime, seconds: float) -> dict[str, Any]:
    """Give what only this run has: times, host and paths. Verification passes over it."""
    return {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "host": platform.node(),
        "platform": platform.platform(),
        "base": str(base.resolve()),
        "base_from_folder": os.path.relpath(base.resolve(), place),
        "command": sys.argv[1:],
    }


def _quiet(label: str, done: int, total: int) -> None:
    """Say nothing."""


def _read(loaded: Loaded[Any]) -> Corpus:
    corpus = loaded.values.corpus
    found = read_corpus(
        str(loaded.path(corpus.files)),
        metadata=loaded.path(corpus.metadata) if corpus.metadata else None,
        text=corpus.text,
        rows=corpus.rows,
        language=loaded.values.language,
    )
    if len(found.paragraphs) < _FEWEST_PARAGRAPHS:
        raise CorpusError(
            f"{loaded.source}: key `corpus.files` is {corpus.files}, which holds 1 paragraph; a study compares "
            f"paragraphs and needs at least {_FEWEST_PARAGRAPHS} of them: name more texts, or score a single text in "
            "Python or with `research apply`"
        )
    return found


def _corpus_notes(study: Any, corpus: Corpus) -> list[str]:
    """Say in words what the corpus cannot carry."""
    notes = []
    n_documents = corpus.paragraphs.get_column("document_id").n_unique()
    if study.language not in VALIDATED_LANGUAGES:
        notes.append(
            f"The language `{study.language}` has not been validated: sentence splitting follows a plain rule, and the "
            "anchors and style features were written for English."
        )
    if n_documents < 20:
        notes.append(
            f"{n_documents} document{'s were' if n_documents != 1 else ' was'} read. Documents are what was sampled, "
            "so this corpus supports no claim about outlets or about coverage at large; intervals describe these "
            "documents."
        )
    left_out = corpus.units.filter(pl.col("kind") != "paragraph")
    if len(left_out):
        kinds = left_out.group_by("kind").len().sort("kind")
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.iter_rows())
        notes.append(f"{len(left_out)} of {len(corpus.units)} lines are no paragraphs ({listed}); the table `units` says why.")
    return notes


def _targets(study: Any) -> tuple[Target, ...]:
    if study.stance is None:
        return ()
    return tuple(
        Target(name, each.label or name, each.aliases, each.shared_aliases, each.implied_by)
        for name, each in study.stance.targets.items()
    )


def _named(loaded: Loaded[Any], value: str) -> str | Path:
    """Give a shipped file's name as it is, and a path as one that can be opened."""
    return loaded.path(value) if value.endswith((".yaml", ".yml")) else value


def _fit(
    loaded: Loaded[Any], encoder: Encoder, paragraphs: Paragraphs, targets: tuple[Target, ...], tell: Progress
) -> tuple[Models, Anchors | None]:
    """Fit themes, framing and stance; the three do not see one another."""
    study = loaded.values
    distinct = paragraphs.embeddings.take(paragraphs.distinct)
    codebook = None
    if study.themes.codebook:
        codebook = Codebook.load(_named(loaded, study.themes.codebook)).encode(encoder)
    tell("themes", 0, 1)
    themes = ThemeModel(
        **{**constructor_values(study.themes, ThemeModel), "codebook": codebook},
        language=study.language, random_state=study.seed,
    ).fit(distinct, progress=tell)
    tell("themes", 1, 1)

    framing, anchors = None, None
    if study.framing is not None:
        tell("framing", 0, 1)
        anchors = Anchors.load(_named(loaded, study.framing.axis))
        framing = FramingAxis(
            **constructor_values(study.framing, FramingAxis), language=study.language, random_state=study.seed
        ).fit(encoder.encode(anchors.texts), anchors.poles, groups=anchors.subjects)
        tell("framing", 1, 1)

    stance = None
    if study.stance is not None:
        tell("stance", 0, 1)
        given = StanceAnchors.load(_named(loaded, study.stance.anchors))
        stance = StanceScorer(**constructor_values(study.stance, StanceScorer), random_state=study.seed).fit(
            encoder.encode(given.texts, spans=given.spans), given.poles, groups=given.subjects
        )
        tell("stance", 1, 1)
    about = {
        "name": study.embedding.model, "sha256": encoder.model_hash_, "dimensions": encoder.n_dimensions_,
        "layers": list(encoder.layers_), "tokens_at_once": encoder.max_tokens_,
    }
    voice = study.stance.voice if study.stance else "own"
    return Models(themes, framing, stance, targets, study.language, voice, about), anchors


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
        table, framing_draws=draws, stance_draws=stance_draws, targets=names, repeats=study.corpus.repeats,
        random_state=study.seed, **constructor_values(study.inference, estimate_groups),
    )
    tell("estimates", 1, 1)
    tell("map", 0, 1)
    coordinates = _map(paragraphs, study.seed)
    tell("map", 1, 1)
    tables = {
        "documents": corpus.documents,
        "units": corpus.units,
        "paragraphs": table,
        "themes": _themes_table(study, paragraphs, models.themes, table),
        "keywords": models.themes.keyword_table(),
        "map": coordinates,
        "estimates": estimates,
    }
    for name, frame in tables.items():
        if name != "documents":
            check_table(name, frame, names)
    return tables


def _map(paragraphs: Paragraphs, seed: int) -> pl.DataFrame:
    """Place every paragraph on the plane; a repeat lies where the paragraph it repeats lies."""
    distinct = paragraphs.distinct
    places = map_coordinates(np.asarray(paragraphs.embeddings.vectors[distinct]), random_state=seed)
    row_of = {row: number for number, row in enumerate(distinct.tolist())}
    from research.corpus import representatives

    rows = [row_of[row] for row in representatives(paragraphs.table).tolist()]
    return pl.DataFrame({
        "paragraph_id": paragraphs.table.get_column("paragraph_id"),
        "x": places[rows, 0].astype(np.float64),
        "y": places[rows, 1].astype(np.float64),
    })


def _themes_table(study: Any, paragraphs: Paragraphs, themes: ThemeModel, table: pl.DataFrame) -> pl.DataFrame:
    """Join what the model knows of its themes with where the documents have them."""
    known = themes.theme_table()
    support = theme_support(
        table, known.get_column("theme").to_list(), repeats=study.corpus.repeats,
        confidence=study.inference.confidence,
    )
    ids = table.get_column("paragraph_id").gather(paragraphs.distinct).to_list()
    keywords = themes.keyword_table().sort("theme", "rank").group_by("theme", maintain_order=True).agg(
        pl.col("keyword").str.join(";").alias("keywords")
    )
    representatives = [";".join(ids[row] for row in rows) for rows in known.get_column("representatives").to_list()]
    names = ["theme", "source", "label", "n_paragraphs", "n_documents", "share", "share_low", "share_high", "recovery",
             "keywords", "representatives", "supported", "parent"]
    return (
        known.with_columns(pl.Series("representatives", representatives, dtype=pl.String))
        .join(support, on="theme", how="left", maintain_order="left")
        .join(keywords, on="theme", how="left", maintain_order="left")
        .with_columns(pl.col("keywords").fill_null(""))
        .select(names)
    )


def _themes_tex(themes: pl.DataFrame) -> str:
    return latex_table(
        themes, ["label", "source", "n_paragraphs", "n_documents", "share", "share_low", "share_high", "recovery"],
        "Themes, with the mean share of a document's paragraphs and its 95% interval.", "tab:themes",
    )


def _input_files(loaded: Loaded[Any]) -> dict[str, str]:
    """Give the hashes of the codebook, the axes and the metadata file."""
    from research._shipped import shipped

    study = loaded.values
    files: dict[str, str] = {}
    if study.corpus.metadata:
        files[study.corpus.metadata] = file_hash(loaded.path(study.corpus.metadata))
    chosen = [("codebooks", study.themes.codebook), ("axes", study.framing and study.framing.axis),
              ("axes", study.stance and study.stance.anchors)]
    for kind, value in chosen:
        if value:
            files[f"{kind}/{Path(str(value)).stem}"] = file_hash(shipped(kind, _named(loaded, value)))  # type: ignore[arg-type]
    return files


def _facts(analysis: Analysis) -> dict[str, Any]:
    """Gather what the methods paragraph tells."""
    study, corpus, models, anchors = analysis.loaded.values, analysis.corpus, analysis.models, analysis.anchors
    paragraphs = analysis.paragraphs
    return {
        "n_files": len(corpus.files),
        "n_documents": corpus.paragraphs.get_column("document_id").n_unique(),
        "n_paragraphs": len(corpus.paragraphs),
        "n_units": len(corpus.units),
        "n_split": int((paragraphs.embeddings.n_pieces > 1).sum()),
        "language": study.language,
        "repeats": study.corpus.repeats,
        "model": models.encoder["name"],
        "model_hash": models.encoder["sha256"],
        "n_dimensions": models.encoder["dimensions"],
        "layers": models.encoder["layers"],
        "codebook": study.themes.codebook and Path(study.themes.codebook).stem,
        "n_codebook_themes": int((models.themes.theme_table().get_column("source") == "codebook").sum()),
        "discovery": study.themes.discovery,
        "axis": anchors.label if anchors else None,
        "n_anchors": len(anchors.texts) if anchors else 0,
        "poles": (anchors.pole_names[0], anchors.pole_names[2]) if anchors else None,
        "n_discovered_themes": int((models.themes.theme_table().get_column("source") == "discovered").sum()),
        "n_anchor_subjects": len(set(anchors.subjects)) if anchors else 0,
        "targets": [target.label for target in models.targets],
        "voice": models.voice,
        "confidence": study.inference.confidence,
        "n_resamples": study.inference.n_resamples,
        "seed": study.seed,
        "software": software(),
    }
