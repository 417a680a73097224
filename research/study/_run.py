"""One study from its configuration to its run folder: the only place that knows the order of the stages."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from research import __version__
from research.corpus import VALIDATED_LANGUAGES
from research.errors import InputError
from research.report import StanceAgreement, build_report, latex_table, leading_findings, methods_paragraph
from research.study._analysis import Analysis, analyse, quiet
from research.study._config import Loaded, load_config, write_config
from research.study._figures import FIGURES
from research.study._folder import RunFolder
from research.study._hand_labels import HandFraming, HandStance
from research.study._inputs import read_inputs_but_texts
from research.study._manifest import file_hash
from research.study._notes import corpus_notes, group_notes, metadata_notes, told, unheard_targets, warn_of_dates
from research.study._own_stance import OwnStance
from research.study._schema import study_model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Run", "about_this_run", "check_study", "load_study", "provenance", "run_study", "software"]

Progress = Callable[[str, int, int], None]

# Fewer pairs of hand labels say less of the stance scorer than the news that it was measured on.
_ENOUGH_PAIRS = 30
# What the numbers depend on; the report and the manifest name these versions.
_PACKAGES = (
    "graspologic-native",
    "hdbscan",
    "matplotlib",
    "numba",
    "numpy",
    "plotly",
    "polars",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
    "umap-learn",
)


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


def load_study(path: str | Path, overrides: Sequence[str] = (), base: str | Path | None = None) -> Loaded[Any]:
    """Read a study's configuration.

    Parameters
    ----------
    path : path
        The YAML file.
    overrides : sequence of str
        ``key.subkey=value`` pairs laid over it.
    base : path, optional
        Where its relative paths start from, if not its own folder.

    Returns
    -------
    Loaded

    Raises
    ------
    ConfigError
        One sentence: file, key, what was given, what is allowed.
    """
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
    if isinstance(config, Loaded) and (overrides or base is not None):
        raise InputError("`overrides` and `base` belong to reading a configuration; this one has been read already")
    loaded = config if isinstance(config, Loaded) else load_study(config, overrides, base)
    study = loaded.values
    tell = progress or quiet
    started, clock = datetime.now(UTC), time.perf_counter()
    with RunFolder(out if out is not None else Path("results") / study.name, study.name) as folder:
        analysis = analyse(loaded, progress=tell, cache=cache)
        words = analysis.wording()
        findings = leading_findings(
            analysis.tables,
            poles=words.poles,
            labels=words.targets,
            confidence=words.confidence,
            column=words.column,
            stance_agreement=_stance_agreement(analysis),
            zero=_zero(analysis),
        )
        _write(folder, analysis, findings, tell)
        folder.run = about_this_run(loaded.base, folder.place, started, time.perf_counter() - clock)
        folder.run["embedded"] = analysis.counts["n_embedded"]
        folder.run["from_cache"] = analysis.counts["n_from_cache"]
    return Run(folder.place, analysis.tables, findings)


def _write(folder: RunFolder, analysis: Analysis, findings: list[str], tell: Progress) -> None:
    """Write everything but the manifest."""
    study = analysis.loaded.values
    folder.facts = provenance(inputs=analysis.inputs(), model=analysis.models.encoder)
    folder.write_text("config.yaml", write_config(study))
    for name, frame in analysis.tables.items():
        folder.write_table(name, frame)
    folder.write_text("tables/themes.tex", _themes_tex(analysis.tables["themes"], study.inference.confidence))
    analysis.models.save(folder)
    wording = analysis.wording()
    plots = []
    chosen = list(dict.fromkeys(study.figures))
    for number, name in enumerate(chosen):
        tell("figures", number, len(chosen))
        if (plot := FIGURES[name](analysis.tables, wording)) is not None:
            plots.append(plot)
            folder.write_plot(plot)
    tell("figures", len(chosen), len(chosen))
    tell("report", 0, 1)
    folder.write_text(
        "report.html",
        build_report(
            title=study.title or study.name,
            tables=analysis.tables,
            plots=plots,
            findings=findings,
            methods=methods_paragraph(_facts(analysis)),
            provenance={**folder.facts, "configuration": file_hash(folder.path / "config.yaml")},
            notes=[
                *corpus_notes(study, analysis.corpus),
                *told(unheard_targets(analysis.models.targets, analysis.corpus.texts)),
                *told(_unheard_labels(analysis.own_stance)),
                *told(_doubts(analysis.framing_labels, analysis.stance_labels)),
                *group_notes(analysis.tables["estimates"], wording.column),
                *_sentences(analysis.models.themes.notes_),
            ],
            repeats=study.corpus.repeats,
        ),
    )
    tell("report", 1, 1)


def check_study(loaded: Loaded[Any]) -> tuple[int, list[str]]:
    """Read every file that a study names, but no line of its texts.

    Parameters
    ----------
    loaded : Loaded
        The configuration.

    Returns
    -------
    n_documents : int
    notes : list of str
        What looks like a mistake in the metadata, and what only the run can look up.

    Raises
    ------
    ResearchError
        If a file is missing or wrong.
    """
    documents = read_inputs_but_texts(loaded)
    return len(documents), [*metadata_notes(documents), *warn_of_dates(documents), *_unread_labels(loaded.values)]


def provenance(*, inputs: dict[str, str], model: dict[str, Any] | None) -> dict[str, Any]:
    """Give what a manifest says of a run's origin: files by hash, the model, the software."""
    facts: dict[str, Any] = {"inputs": dict(sorted(inputs.items()))}
    if model is not None:
        facts["model"] = model
    facts["software"] = software()
    return facts


def software() -> dict[str, str]:
    """Give the versions of Python and of the packages that the numbers depend on."""
    return {
        "python": platform.python_version(),
        "newsframing": __version__,
        **{name: version(name) for name in _PACKAGES},
    }


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


def _sentences(notes: Sequence[str]) -> list[str]:
    """Give notes a capital and a full stop."""
    return [f"{note[0].upper()}{note[1:].removesuffix('.')}." for note in notes]


def _zero(analysis: Analysis) -> str:
    """Say what lies at 0 on the framing scale: labels of real texts place it, or anchors alone."""
    axis = analysis.models.framing
    placed = axis is None or bool(axis.facts_) or hasattr(axis, "out_of_fold_")
    return "a plain report" if placed else "plain reports among the anchors, which need not be plain in your texts"


def _stance_agreement(analysis: Analysis) -> StanceAgreement | None:
    """Give how well the stance scorer agrees with coders on texts that it did not learn from."""
    own = analysis.own_stance
    if own is not None and own.after is not None and own.n_units >= _ENOUGH_PAIRS and own.n_classes > 1:
        return StanceAgreement(
            own.after,
            f"the {own.n_units:,} pairs of a paragraph and a target that were coded by hand, each document left out",
            f"always answering the most frequent stance has {own.most_frequent:.2f}",
        )
    facts = (analysis.models.stance.facts_ or {}) if analysis.models.stance else {}
    found = facts.get("out_of_fold", {}).get("macro-F1")
    return (
        None  # what agrees with coders of one language may not in another
        if found is None or analysis.loaded.values.language not in VALIDATED_LANGUAGES
        else StanceAgreement(float(found), "the news that taught it, each article left out", "about 0.33 is guessing")
    )


def _unread_labels(study: Any) -> list[str]:
    """Say what of the labels cannot be known before the texts are cut into paragraphs."""
    stages = {"themes": study.themes, "framing": study.framing, "stance": study.stance}
    files = [f"`{name}.labels`" for name, stage in stages.items() if stage and stage.labels]
    if not files:
        return []
    names = f"{' and '.join(files)} name{'s' if len(files) == 1 else ''}"
    return [f"Whether the corpus has the paragraphs that {names} is looked up by the run, which cuts the texts."]


def _unheard_labels(own: OwnStance | None) -> list[str]:
    """Say how many stances were coded of targets that the study does not read where they were coded."""
    notes = []
    if own is not None and own.n_unheard:
        notes.append(
            f"{own.n_unheard:,} of {own.n_units:,} stances in `stance.labels` are of a target that no alias names in "
            "that paragraph; add the words that the coders took for it to its `aliases`."
        )
    if own is not None and own.n_in_others_words:
        notes.append(
            f"{own.n_in_others_words:,} of {own.n_units:,} stances in `stance.labels` are of a target that is named "
            "only in the words of others in that paragraph, which counts as neutral; `stance.voice: all` reads those."
        )
    return notes


def _themes_tex(themes: pl.DataFrame, confidence: float) -> str:
    return latex_table(
        themes,
        ["label", "source", "n_paragraphs", "n_documents", "share", "share_low", "share_high", "recovery"],
        f"Themes, with the mean share of a document's paragraphs and its {100 * confidence:g}% interval.",
        "tab:themes",
    )


def _doubts(*labels: HandFraming | HandStance | None) -> list[str]:
    return [said for each in labels if each is not None for said in each.doubts()]


def _own_labels(analysis: Analysis) -> dict[str, Any] | None:
    labels = analysis.framing_labels
    if labels is None:
        return None
    moved = hasattr(analysis.models.framing, "out_of_fold_")
    return {
        "n_texts": len(labels.values()),
        "alpha": labels.alpha,
        "n_coders": len(labels.coders),
        "n_shared": labels.n_shared,
        "moved": moved,
    }


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
        "codebook": analysis.codebook,
        "n_codebook_themes": int((models.themes.theme_table().get_column("source") == "codebook").sum()),
        "discovery": study.themes.discovery,
        "discovered_by": models.themes.discovered_by_,
        "n_labelled": analysis.n_labelled,
        "threshold": study.themes.threshold,
        "theme_notes": _sentences(models.themes.notes_),
        "axis": anchors.label if anchors else None,
        "reads": anchors.reads if anchors else None,
        "n_anchors": len(anchors.texts) if anchors else 0,
        "poles": (anchors.pole_names[0], anchors.pole_names[2]) if anchors else None,
        "shipped_labels": (models.framing.facts_ or None) if models.framing else None,
        "framing_labels": _own_labels(analysis),
        "stance_labels": (models.stance.facts_ or None) if models.stance else None,
        "own_stance": asdict(analysis.own_stance) if analysis.own_stance else None,
        "framing_notes": _sentences(models.framing.warnings_) if models.framing else (),
        "further_axes": [axis.label for axis in analysis.axes.values()],
        "content_axes": [axis.label for axis in analysis.axes.values() if axis.reads == "content"],
        "cross_encoders": [
            {"name": name, "model": section.model, "n_statements": len(section.positive) + len(section.negative)}
            for name, section in study.cross_encoders.items()
        ],
        "n_discovered_themes": int((models.themes.theme_table().get_column("source") == "discovered").sum()),
        "n_anchor_subjects": len(set(anchors.subjects)) if anchors else 0,
        "targets": [target.label for target in models.targets],
        "voice": models.voice,
        "confidence": study.inference.confidence,
        "clusters": study.inference.clusters,
        "n_resamples": study.inference.n_resamples,
        "seed": study.seed,
        "software": software(),
    }
