"""Score new texts with what a finished run fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl

from research._tables import check_table
from research.corpus import column_names, is_text_file, read_corpus
from research.errors import InputError, ModelError, RunFolderError
from research.study._analysis import make_encoder
from research.study._config import Loaded
from research.study._cross_encoders import read_cross_encoders
from research.study._manifest import base_of, read_manifest, written_file
from research.study._models import Models, Paragraphs
from research.study._run import load_study
from research.study._schema import is_path

__all__ = ["apply_run"]

# A table that a run wrote has these; its dates are ISO dates, whatever those of the study's input were.
_OWN = {"paragraph_id", "document_id", "position", "n_printed", "duplicate_of"}


def apply_run(
    folder: str | Path,
    source: str | Path,
    *,
    unit: Literal["paragraph", "document"] | None = None,
    base: str | Path | None = None,
    cache: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> pl.DataFrame:
    """Give the `paragraphs` table of new texts, scored by a finished run's saved models.

    Parameters
    ----------
    folder : path
        The run folder.
    source : path or glob
        New texts. Text files are taken as documents, a table's rows as what the study's own were, or as paragraphs
        where the study read text files. Columns are looked up as the study's configuration names them or, where a table
        lacks one of those, by this package's own name; a table with the run's columns, such as its `paragraphs`, by
        these alone.
    unit : {"paragraph", "document"}, optional
        What a table's row is, where it is something else.
    base : path, optional
        Where the paths of the run's configuration start from, if its folder is gone and a model's path needs it.
    cache : path, optional
        The file of the vector cache; the user's own if not given.
    progress : callable, optional
        Called as ``progress(label, done, total)``.

    Returns
    -------
    polars.DataFrame
        The columns of the `paragraphs` table. On the run's own table the same values come out.

    Raises
    ------
    RunFolderError, CorpusError, ModelError, InputError
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest["kind"] != "study":
        raise InputError(f"{folder} is the run of an experiment; only a study's run can be applied to new texts")
    loaded = _load(folder, manifest, base)
    models = Models.load(folder, read_cross_encoders(loaded, cache))
    text_files = is_text_file(source)
    if text_files and unit == "paragraph":
        raise InputError(
            f"{source}: a text file is a document; leave --unit out, or give a table with a row a paragraph"
        )
    names = () if text_files else column_names(source)
    rows: Literal["documents", "paragraphs"] = "documents" if text_files else "paragraphs"
    if unit is not None:
        rows = "documents" if unit == "document" else "paragraphs"
    elif not text_files and not is_text_file(loaded.values.corpus.files) and not set(names) >= _OWN:
        rows = loaded.values.corpus.rows
    corpus = read_corpus(source, rows=rows, language=models.language, **_columns(loaded.values.corpus, names))
    encoder = make_encoder(loaded, cache).load()
    if encoder.model_hash_ != models.encoder["sha256"]:
        raise ModelError(
            f"{folder} was made with the model {models.encoder['name']} of hash {models.encoder['sha256'][:12]}, but "
            f"what is installed under that name has hash {encoder.model_hash_[:12]}; install the former, or run the "
            "study again"
        )
    paragraphs = Paragraphs.embed(
        corpus.paragraphs, encoder, models.targets, language=models.language, voice=models.voice, progress=progress
    )
    table = models.score(paragraphs, progress)
    check_table("paragraphs", table, [target.name for target in models.targets], list(models.axes))
    return table


def _load(folder: Path, manifest: dict[str, Any], base: str | Path | None) -> Loaded[Any]:
    """Read the run's configuration; the folder it lay in may be gone where no model is looked up from there."""
    config = written_file(folder, manifest, "config.yaml")
    try:
        return load_study(config, base=base_of(folder, manifest, base))
    except RunFolderError:
        loaded = load_study(config, base=folder)
        study = loaded.values
        models = [study.embedding.model, *(section.model for section in study.cross_encoders.values())]
        if any(is_path(model, "model") for model in models):
            raise
        return loaded


def _columns(study: Any, names: Sequence[str]) -> dict[str, Any]:
    """Say how a table calls its columns: as the study's did, or else by this package's own names."""
    if not names or set(names) >= _OWN:
        return {}
    return {
        "text": study.text if study.text in names else "text",
        "id_column": study.id_column if study.id_column in names else "id",
        "columns": {ours: theirs for ours, theirs in (study.columns or {}).items() if theirs in names} or None,
        "date_format": study.date_format,
    }
