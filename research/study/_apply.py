"""Score new texts with what a finished run fitted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl

from research._tables import check_table
from research.corpus import is_text_file, read_corpus
from research.errors import InputError, ModelError
from research.study._analysis import make_encoder
from research.study._cross_encoders import read_cross_encoders
from research.study._manifest import base_of, read_manifest, written_file
from research.study._models import Models, Paragraphs
from research.study._run import load_study

__all__ = ["apply_run"]


def apply_run(
    folder: str | Path,
    source: str | Path,
    *,
    unit: Literal["paragraph", "document"] | None = None,
    cache: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> pl.DataFrame:
    """Give the `paragraphs` table of new texts, scored by a finished run's saved models.

    Parameters
    ----------
    folder : path
        The run folder.
    source : path or glob
        New texts. A table's rows are taken as paragraphs, text files as documents.
    unit : {"paragraph", "document"}, optional
        What a table's row is, where it is not a paragraph.
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
    loaded = load_study(written_file(folder, manifest, "config.yaml"), base=base_of(folder, manifest))
    models = Models.load(folder, read_cross_encoders(loaded, cache))
    text_files = is_text_file(source)
    if text_files and unit == "paragraph":
        raise InputError(
            f"{source}: a text file is a document; leave --unit out, or give a table with a row a paragraph"
        )
    rows: Literal["documents", "paragraphs"] = "documents" if text_files or unit == "document" else "paragraphs"
    column = _text_column(source, loaded.values.corpus.text)
    corpus = read_corpus(str(source), text=column, rows=rows, language=models.language)
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


def _text_column(source: str | Path, configured: str) -> str:
    """Give the text column: a run's own table calls it `text`, whatever the study's input called it."""
    path = Path(str(source))
    if not path.is_file() or path.suffix.lower() not in {".parquet", ".csv"}:
        return configured
    try:
        scan = pl.scan_parquet(path) if path.suffix.lower() == ".parquet" else pl.scan_csv(path, n_rows=1)
        columns = scan.collect_schema().names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return configured  # the reader says what is wrong with the file
    return "text" if configured not in columns and "text" in columns else configured
