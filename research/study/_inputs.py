"""What a study reads, found good before the first text is embedded."""

from __future__ import annotations

import glob
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import polars as pl

from research._shipped import nearest, shipped
from research._tables import GROUPINGS, columns_of
from research.corpus import Corpus, NoFileError, find_files, read_corpus, read_documents, representatives
from research.errors import ConfigError, CorpusError
from research.framing import Anchors, CrossEncoderAxis
from research.stance import StanceAnchors, Target
from research.study._axes import read_axes
from research.study._config import Loaded
from research.study._cross_encoders import read_cross_encoders
from research.study._hand_labels import HandFraming, HandLabels, HandStance
from research.study._manifest import file_hash
from research.study._schema import is_path, make_targets
from research.themes import Codebook

__all__ = ["Inputs", "input_files", "read_inputs", "read_inputs_but_texts"]

_FEWEST_PARAGRAPHS = 2


def read_inputs_but_texts(loaded: Loaded[Any]) -> pl.DataFrame:
    """Read every file of a study and look at no line of its texts.

    Returns
    -------
    polars.DataFrame
        What is known of the documents.

    Raises
    ------
    ResearchError
        If one is missing or wrong.
    """
    _read_files(loaded)
    documents = read_documents(_pattern(loaded), **_corpus_values(loaded))
    _check_columns(loaded, documents)
    return documents


@dataclass(frozen=True)
class _Files:
    """What a study reads beside its texts."""

    codebook: Codebook | None
    labels: HandLabels | None
    anchors: Anchors | None
    stance_anchors: StanceAnchors | None
    axes: dict[str, Anchors]
    framing_labels: HandFraming | None
    stance_labels: HandStance | None


@dataclass(frozen=True)
class Inputs(_Files):
    """Every file of a study, read and found good before the first text is embedded.

    `hashes` are those of the files beside the texts as they were read, whatever becomes of them during the run.
    """

    hashes: dict[str, str]
    corpus: Corpus
    targets: tuple[Target, ...]
    cross_encoders: dict[str, CrossEncoderAxis]


def _read_files(loaded: Loaded[Any]) -> _Files:
    study = loaded.values
    models = {"embedding.model": study.embedding.model}
    models |= {f"cross_encoders.{name}.model": section.model for name, section in study.cross_encoders.items()}
    for key, model in models.items():
        if is_path(model, "model") and not loaded.path(model).is_dir():
            raise ConfigError(f"{loaded.source}: key `{key}` is {model}, which is no folder; give that of a model")
    codebook = None
    if study.themes.codebook:
        codebook = Codebook.load(_named(loaded, "themes.codebook", study.themes.codebook))
    labels = None
    if study.themes.labels:
        if codebook is None:
            raise ConfigError(
                f"{loaded.source}: key `themes.labels` is given without `themes.codebook`, whose themes they name"
            )
        labels = HandLabels(loaded.file("themes.labels", study.themes.labels), codebook.names)
    anchors = Anchors.load(_named(loaded, "framing.axis", study.framing.axis)) if study.framing else None
    named = [_named(loaded, "axes", axis) for axis in study.axes]
    axes = read_axes(named, anchors, loaded.source, list(study.cross_encoders))
    coded = study.framing.labels if study.framing else None
    framing_labels = HandFraming(loaded.file("framing.labels", coded)) if coded else None
    stance_anchors, stance_labels = None, None
    if study.stance:
        stance_anchors = StanceAnchors.load(_named(loaded, "stance.anchors", study.stance.anchors))
        if study.stance.labels:
            stance_labels = HandStance(loaded.file("stance.labels", study.stance.labels), list(study.stance.targets))
    return _Files(codebook, labels, anchors, stance_anchors, axes, framing_labels, stance_labels)


def read_inputs(loaded: Loaded[Any], cache: str | Path | None) -> Inputs:
    """Read every file of a study, its texts too.

    Raises
    ------
    ResearchError
        If one is missing or wrong.
    """
    study = loaded.values
    read = _read_files(loaded)
    hashes = input_files(loaded)
    targets = make_targets(study.stance.targets) if study.stance else ()
    corpus = _read_corpus(loaded)
    _check_columns(loaded, corpus.documents)
    ids = corpus.paragraphs.get_column("paragraph_id").to_list()
    stands_for = dict(zip(ids, (ids[row] for row in representatives(corpus.paragraphs).tolist()), strict=True))
    for given in (read.labels, read.framing_labels, read.stance_labels):
        if given is not None:
            given.move(stands_for)
    return Inputs(
        **{each.name: getattr(read, each.name) for each in fields(read)},
        hashes=hashes,
        corpus=corpus,
        targets=targets,
        cross_encoders=read_cross_encoders(loaded, cache),
    )


def _check_columns(loaded: Loaded[Any], documents: pl.DataFrame) -> None:
    inference = loaded.values.inference
    for number, column in enumerate(inference.columns):
        _check_column(loaded, documents, "inference.columns", column)
        if column in inference.columns[:number]:
            raise ConfigError(f"{loaded.source}: key `inference.columns` names `{column}` twice; name it once")
    if inference.clusters is None:
        return
    _check_column(loaded, documents, "inference.clusters", inference.clusters)
    if inference.clusters in inference.columns:
        raise ConfigError(
            f"{loaded.source}: key `inference.clusters` names `{inference.clusters}`, whose values make groups, too "
            "(`inference.columns`), so that each group would be one cluster; name another column in one of the two"
        )


def _check_column(loaded: Loaded[Any], documents: pl.DataFrame, key: str, column: str) -> None:
    own = {*GROUPINGS, *(column.name for column in columns_of("paragraphs"))}
    own -= {"outlet", "date", "document_id", "text"}  # the first two make groups; the others are no column of documents
    if column in own or column.startswith(("axis_", "stance_")):
        raise ConfigError(
            f"{loaded.source}: key `{key}` names `{column}`, which this package calls a column or groups of its own; "
            f"give yours another name, as by `corpus.columns: {{my_{column}: {column}}}`"
        )
    if column not in documents.columns or column in {"document_id", "text"}:
        known = [name for name in documents.columns if name != "document_id"]
        raise ConfigError(
            f"{loaded.source}: key `{key}` names `{column}`{nearest(column, known)}, which the documents do not have; "
            f"they have {', '.join(known)}"
        )


def _read_corpus(loaded: Loaded[Any]) -> Corpus:
    files = loaded.values.corpus.files
    found = read_corpus(_pattern(loaded), **_corpus_values(loaded), language=loaded.values.language)
    if len(found.paragraphs) < _FEWEST_PARAGRAPHS:
        raise CorpusError(
            f"{loaded.source}: key `corpus.files` is {files}, which holds 1 paragraph; a study compares "
            f"paragraphs and needs at least {_FEWEST_PARAGRAPHS} of them: name more texts, or score a single text in "
            "Python or with `research apply`"
        )
    return found


def _corpus_values(loaded: Loaded[Any]) -> dict[str, Any]:
    corpus = loaded.values.corpus
    return {
        "metadata": loaded.file("corpus.metadata", corpus.metadata) if corpus.metadata else None,
        "text": corpus.text,
        "id_column": corpus.id_column,
        "columns": corpus.columns,
        "date_format": corpus.date_format,
        "rows": corpus.rows,
    }


def _pattern(loaded: Loaded[Any]) -> str:
    """Give the texts' glob; where nothing matches it, say so as it was written, with the folder it starts from."""
    files = loaded.values.corpus.files
    if loaded.path(files).is_dir():
        raise ConfigError(
            f"{loaded.source}: key `corpus.files`: {files} is a folder, and folders are not walked; give a glob "
            f"such as `{files}/*.txt`, or `{files}/*` for every file in it"
        )
    pattern = loaded.pattern(files)
    try:
        find_files(pattern)
    except NoFileError:
        folder = Path(files).parent
        missing = not glob.has_magic(str(folder)) and not loaded.path(str(folder)).is_dir()
        raise ConfigError(
            f"{files}: {f'the folder {folder} does not exist' if missing else 'no file matches'}; key `corpus.files` "
            f"of {loaded.source} was looked up in {loaded.base.resolve()}: check the folder and the ending"
        ) from None
    return pattern


def _named(loaded: Loaded[Any], key: str, value: str) -> str | Path:
    """Give a shipped file's name as it is, and a path as one that can be opened."""
    return loaded.file(key, value) if value.endswith((".yaml", ".yml")) else value


def input_files(loaded: Loaded[Any]) -> dict[str, str]:
    """Give the hashes of the metadata file, of labels coded by hand, of the codebook and of the anchors."""
    study = loaded.values
    files: dict[str, str] = {}
    if study.corpus.metadata:
        with suppress(OSError):  # whoever reads it says what is wrong
            files[f"metadata: {Path(study.corpus.metadata).name}"] = file_hash(loaded.path(study.corpus.metadata))
    if study.themes.labels:
        files[f"labels: {Path(study.themes.labels).name}"] = file_hash(loaded.path(study.themes.labels))
    if study.framing and study.framing.labels:
        files[f"framing labels: {Path(study.framing.labels).name}"] = file_hash(loaded.path(study.framing.labels))
    if study.stance and study.stance.labels:
        files[f"stance labels: {Path(study.stance.labels).name}"] = file_hash(loaded.path(study.stance.labels))
    kinds: list[tuple[str, Literal["axes", "codebooks"], str, str | None]] = [
        ("codebook", "codebooks", "themes.codebook", study.themes.codebook),
        ("framing axis", "axes", "framing.axis", study.framing.axis if study.framing else None),
        ("stance anchors", "axes", "stance.anchors", study.stance.anchors if study.stance else None),
    ]
    for what, kind, key, value in kinds:
        if value:
            files[f"{what}: {Path(value).stem}"] = file_hash(shipped(kind, _named(loaded, key, value)))
    for value in study.axes:  # by the name that an axis gives itself, since files of one name may lie in two folders
        anchors = Anchors.load(_named(loaded, "axes", value))
        files[f"axis: {anchors.name}"] = file_hash(shipped("axes", _named(loaded, "axes", value)))
    return files
