"""The texts of `allsides_news` that two coders labelled, with their labels and how far the coders agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments._news_sample import read_articles, text_hash
from research.errors import InputError
from research.inference import krippendorff_alpha

__all__ = ["LABELS", "LabelledNews", "read_labelled_news"]

Floats = NDArray[np.float64]

# The level of measurement of each label.
LABELS = {"framing": "ordinal", "subjective": "nominal", "news": "ordinal"}
_CODERS = ("coder_a.csv", "coder_b.csv")
_SAMPLES = ("sample.csv", "supplement.csv")
_FLOOR, _LOW = 0.4, 0.67  # below the floor labels are no gold; below the second they need a warning (Krippendorff)


@dataclass(frozen=True)
class LabelledNews:
    """Labelled texts, in the order of the sample.

    Attributes
    ----------
    texts : list of str
    documents, topics, strata : list of str
        The article, its topic, and the part of the draw.
    main : ndarray of bool, shape (n,)
        Whether a text is of the sample; the others are of the supplement, which only teaches.
    labels : dict of str to ndarray of float64, shape (n,)
        Mean of the coders.
    alpha : dict of str to float
        Krippendorff's alpha over all texts.
    files : list of Path
    warnings : list of str
    """

    texts: list[str]
    documents: list[str]
    topics: list[str]
    strata: list[str]
    main: NDArray[np.bool_]
    labels: dict[str, Floats]
    alpha: dict[str, float]
    files: list[Path]
    warnings: list[str]

    def __len__(self) -> int:
        return len(self.texts)


def read_labelled_news(data: Path, labels: Path) -> LabelledNews:
    """Join labels to the texts of a corpus that does not come with the project.

    Raises
    ------
    InputError
        If a file is missing, a text is another than the one that was labelled, or the coders agree too little.
    """
    samples = [_read(labels / name).with_columns(pl.lit(name == _SAMPLES[0]).alias("main")) for name in _SAMPLES]
    rows = pl.concat([frame.select("paragraph_id", "topic", "stratum", "text_hash", "main") for frame in samples])
    ids = rows["paragraph_id"].to_list()
    coders = []
    for name in _CODERS:
        frame = rows.select("paragraph_id").join(
            _read(labels / name), on="paragraph_id", how="left", maintain_order="left"
        )
        if frame.null_count().row(0) != (0,) * frame.width:
            raise InputError(f"{labels / name}: a text of the sample has no label; label all of them")
        coders.append({label: frame[label].cast(pl.Float64).to_numpy() for label in LABELS})
    values = {label: np.stack([coder[label] for coder in coders]) for label in LABELS}
    alpha = {label: float(krippendorff_alpha(values[label], level)) for label, level in LABELS.items()}  # type: ignore[arg-type]
    for label, found in alpha.items():
        if not found >= _FLOOR:
            raise InputError(f"{labels}: alpha of `{label}` is {found:.2f}; labels below {_FLOOR} are refused as gold")
    texts = _texts(data, ids, rows["text_hash"].to_list())
    return LabelledNews(
        texts=texts,
        documents=[name.partition(":")[0] for name in ids],
        topics=rows["topic"].to_list(),
        strata=rows["stratum"].to_list(),
        main=rows["main"].to_numpy(),
        labels={label: value.mean(axis=0) for label, value in values.items()},
        alpha=alpha,
        files=[labels / name for name in (*_SAMPLES, *_CODERS)],
        warnings=[
            f"alpha of `{label}` is {found:.2f}, below {_LOW}: read what depends on it with care"
            for label, found in alpha.items()
            if found < _LOW
        ],
    )


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise InputError(
            f"{path}: no such file; key `labels` must name the folder with the sample and the coders' labels"
        )
    return pl.read_csv(path, infer_schema=False)


def _texts(data: Path, ids: list[str], hashes: list[str]) -> list[str]:
    articles = {row["id"]: row for row in read_articles(data)}
    texts = []
    for name, digest in zip(ids, hashes, strict=True):
        article, _, line = name.partition(":")
        row = articles.get(article)
        text = ""
        if row is not None and line == "title":
            text = " ".join(row["title"].split())
        elif row is not None:
            lines = [" ".join(part.split()) for part in row["text"].split("\n") if part.strip()]
            text = lines[int(line)] if int(line) < len(lines) else ""
        if text_hash(text) != digest:
            raise InputError(f"{data}: the text {name} is missing or another than the one that was labelled")
        texts.append(text)
    return texts
