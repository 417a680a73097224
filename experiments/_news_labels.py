"""The texts that two coders labelled, with their labels and how far the coders agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._news_sample import line_of, read_articles, text_hash
from experiments._world_press import world_press
from research.errors import InputError
from research.inference import krippendorff_alpha
from research.study import Loaded, PathValue, Section, file_hash

__all__ = [
    "CODERS",
    "LABELS",
    "LESSONS",
    "LabelledNews",
    "LabelledNewsSettings",
    "Lesson",
    "agreement",
    "hashes_of",
    "labels_of",
    "read_labelled_news",
    "read_news_of",
    "read_table",
    "texts_of",
]

Floats = NDArray[np.float64]

# The level of measurement of each label.
LABELS: dict[str, Literal["nominal", "ordinal"]] = {
    "framing": "ordinal",
    "subjective": "nominal",
    "news": "ordinal",
    "alarm": "ordinal",
    "conflict": "ordinal",
}
CODERS = ("coder_a.csv", "coder_b.csv")


@dataclass(frozen=True)
class Lesson:
    """What teaches an axis.

    Attributes
    ----------
    label : str
        One of `LABELS`.
    one : float
        The step from the plain value to a pole.
    plain : float
        The value of a text at neither pole.
    blind : bool
        Whether the axis must not follow that the news is good or bad.
    """

    label: str
    one: float = 1.0
    plain: float = 0.0
    blind: bool = False


LESSONS = {
    "celebratory": Lesson("framing", one=2.0, blind=True),
    "subjectivity": Lesson("subjective", one=0.5, plain=0.5),
    "valence": Lesson("news"),
    "alarm": Lesson("alarm"),
    "conflict": Lesson("conflict"),
}
_COLUMNS = ("paragraph_id", "topic", "stratum", "text_hash")
_FLOOR, _LOW = 0.4, 0.67  # below the floor labels are no gold; below the second they need a warning (Krippendorff)


class LabelledNewsSettings(Section):
    """Where the labelled news is; the base of the settings of every experiment that reads it."""

    data: Annotated[str, PathValue("file")] = Field(description="The folder of the corpora, gzipped JSON lines.")
    labels: Annotated[str, PathValue("file")] = Field(description="The folder with the sample and the coders' labels.")
    foreign: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs on foreign affairs.")
    press: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs as the world's press has.")


@dataclass(frozen=True)
class LabelledNews:
    """Labelled texts, in the order of the sample.

    Attributes
    ----------
    texts : list of str
    documents, topics, strata : list of str
        The article, its topic, and the part of the draw.
    main : ndarray of bool, shape (n,)
        Whether a text is of the sample; the others only teach.
    press : ndarray of bool, shape (n,)
        Whether it was written in the manner of the world's press.
    labels : dict of str to ndarray of float64, shape (n,)
        Mean of the coders; NaN where they were not asked for it.
    alpha : dict of str to float
        Krippendorff's alpha over all texts with the label.
    files : list of Path
    warnings : list of str
    """

    texts: list[str]
    documents: list[str]
    topics: list[str]
    strata: list[str]
    main: NDArray[np.bool_]
    press: NDArray[np.bool_]
    labels: dict[str, Floats]
    alpha: dict[str, float]
    files: list[Path]
    warnings: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def nuisance(self) -> Floats:
        """Whether the news is good or bad, told by plain wire copy in pairs, shape (n,); NaN elsewhere."""
        return np.where(np.array(self.strata) == "wire", self.labels["news"], np.nan)

    @property
    def nuisance_without_pairs(self) -> Floats:
        """Whether the news is good or bad, told by all plain texts alone, two directions of it, shape (n, 2)."""
        return np.column_stack([self.labels["news"]] * 2)

    def lesson(self, axis: str) -> tuple[NDArray[np.int64], LabelledNews, Floats, Floats | None]:
        """Give the rows that teach one of `LESSONS`, their texts, positions in [-1, 1], and what not to follow."""
        lesson = LESSONS[axis]
        rows = self.rows_labelled(lesson.label)
        texts = self.take(rows)
        y = (texts.labels[lesson.label] - lesson.plain) / lesson.one
        return rows, texts, y, texts.nuisance if lesson.blind else None

    def rows_labelled(self, label: str) -> NDArray[np.int64]:
        """Give the rows of the texts that coders were asked this label of."""
        return np.flatnonzero(np.isfinite(self.labels[label]))

    def take(self, rows: NDArray[np.int64]) -> LabelledNews:
        """Give some of the texts."""
        return replace(
            self,
            texts=[self.texts[row] for row in rows],
            documents=[self.documents[row] for row in rows],
            topics=[self.topics[row] for row in rows],
            strata=[self.strata[row] for row in rows],
            main=self.main[rows],
            press=self.press[rows],
            labels={label: values[rows] for label, values in self.labels.items()},
        )


def read_labelled_news(
    data: Path, labels: Path, foreign: Path, press: Path, dangers: Path | None = None
) -> LabelledNews:
    """Join labels to the texts of a corpus that does not come with the project, and to those that do.

    Parameters
    ----------
    data : Path
        The folder of the corpora.
    labels : Path
        The folder with the sample, its supplement and the coders' labels.
    foreign : Path
        The folder with the paragraphs on foreign affairs, which teach as the supplement does.
    press : Path
        The folder with the paragraphs in the manner of the world's press, which teach too.
    dangers : Path, optional
        The folder with paragraphs about dangers, whose coders were asked for some of the labels only.

    Raises
    ------
    InputError
        If a file is missing, a text is another than the one that was labelled, or the coders agree too little.
    """
    parts = [(labels, "sample.csv"), (labels, "supplement.csv"), (foreign, "sample.csv")]
    if dangers is not None:
        parts.append((dangers, "sample.csv"))
    frames = [
        read_table(folder / name).select(_COLUMNS).with_columns(main=number == 0)
        for number, (folder, name) in enumerate(parts)
    ]
    drawn = pl.concat(frames)
    written, paragraphs = world_press(press)
    parts.append((press, "paragraphs.csv"))
    frames.append(written.select(_COLUMNS).with_columns(main=False))
    coders = []
    for coder in CODERS:
        found = [labels_of(frame, folder / coder) for frame, (folder, _) in zip(frames, parts, strict=True)]
        coders.append({label: np.concatenate([_values(frame, label) for frame in found]) for label in LABELS})
    rows = pl.concat(frames)
    ids = rows["paragraph_id"].to_list()
    values = {label: np.stack([coder[label] for coder in coders]) for label in LABELS}
    folders = list(dict.fromkeys(folder for folder, _ in parts))
    alpha = {
        label: agreement(values[label], level, f"{', '.join(map(str, folders))}: alpha of `{label}`")
        for label, level in LABELS.items()
    }
    return LabelledNews(
        texts=[
            *texts_of(data, drawn["paragraph_id"].to_list(), drawn["text_hash"].to_list()),
            *(paragraph.text for paragraph in paragraphs),
        ],
        documents=[name.partition(":")[0] for name in ids],
        topics=rows["topic"].to_list(),
        strata=rows["stratum"].to_list(),
        main=rows["main"].to_numpy(),
        press=np.arange(len(rows)) >= len(drawn),
        labels={label: value.mean(axis=0) for label, value in values.items()},
        alpha=alpha,
        files=[folder / name for folder, name in parts] + [folder / name for folder in folders for name in CODERS],
        warnings=[
            f"alpha of `{label}` is {found:.2f}, below {_LOW}: read what depends on it with care"
            for label, found in alpha.items()
            if found < _LOW
        ],
    )


def read_news_of(loaded: Loaded[Any], dangers: Path | None = None) -> LabelledNews:
    """Read what `LabelledNewsSettings` name, and paragraphs about dangers if asked for; see `read_labelled_news`."""
    settings = loaded.values
    data, labels, foreign, press = (
        loaded.path(each) for each in (settings.data, settings.labels, settings.foreign, settings.press)
    )
    return read_labelled_news(data, labels, foreign, press, dangers)


def _values(frame: pl.DataFrame, label: str) -> Floats:
    """Give a column of labels as numbers; NaN where the coders were not asked for it."""
    return frame[label].cast(pl.Float64).to_numpy() if label in frame.columns else np.full(len(frame), np.nan)


def labels_of(sample: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Give one coder's labels of a sample, in its order, as text.

    Raises
    ------
    InputError
        If the file is missing or a row of the sample has no label.
    """
    name = sample.columns[0]
    frame = sample.select(name).join(read_table(path), on=name, how="left", maintain_order="left")
    if frame.null_count().row(0) != (0,) * frame.width:
        raise InputError(f"{path}: a row of the sample has no label; label all of them")
    return frame


def agreement(values: Floats, level: Literal["nominal", "ordinal"], what: str) -> float:
    """Give Krippendorff's alpha of coders, shape (n_coders, n), if it lets the labels be gold.

    Raises
    ------
    InputError
        If it is below .4.
    """
    found = float(krippendorff_alpha(values, level))
    if not found >= _FLOOR:
        raise InputError(f"{what} is {found:.2f}; labels below {_FLOOR} are refused as gold")
    return found


def hashes_of(files: Iterable[Path]) -> dict[str, str]:
    """Give the hash of each file of labels by its folder and name, as a run's inputs have them.

    Raises
    ------
    InputError
        If two folders have one name.
    """
    found: dict[str, Path] = {}
    for path in files:
        name = f"labels/{path.parent.name}/{path.name}"
        if found.setdefault(name, path) != path:
            raise InputError(f"{path} and {found[name]} have one name; folders of labels must have names of their own")
    return {name: file_hash(path) for name, path in found.items()}


def read_table(path: Path) -> pl.DataFrame:
    """Read a CSV file of a folder of labels, every cell as text."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; the key must name a folder with a sample and the labels of two coders")
    return pl.read_csv(path, infer_schema=False)


def texts_of(data: Path, ids: list[str], hashes: list[str]) -> list[str]:
    """Give the texts of rows of `allsides_news`, each checked against the hash of the one that was labelled."""
    articles = {row["id"]: row for row in read_articles(data)}
    texts = []
    for name, digest in zip(ids, hashes, strict=True):
        article, _, line = name.partition(":")
        row = articles.get(article)
        text = "" if row is None else line_of(row, line)
        if text_hash(text) != digest:
            raise InputError(f"{data}: the text {name} is missing or another than the one that was labelled")
        texts.append(text)
    return texts
