"""The fitted estimators of a study, and what they say of paragraphs: the same code for a run and for `apply`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import numpy as np
import polars as pl

from research._tables import columns_of
from research.corpus import representatives
from research.errors import ModelError, RunFolderError
from research.framing import CrossEncoderAxis, FramingAxis
from research.stance import Mentions, StanceScorer, Target, find_mentions
from research.study._folder import RunFolder
from research.study._manifest import read_arrays, read_manifest, written_file
from research.themes import ThemeModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from research.embedding import Embeddings

__all__ = ["Models", "Paragraphs"]

Progress = Callable[[str, int, int], None]
Estimator = TypeVar("Estimator", ThemeModel, FramingAxis, StanceScorer)


class Encodes(Protocol):
    """Whatever turns texts into embeddings, as `research.embedding.Encoder` does."""

    def encode(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]] | None = None,
        progress: Progress | None = None,
    ) -> Embeddings:
        """Embed texts."""
        ...


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs with their vectors and the targets they mention.

    A repeat has the text, the vector and the mentions of the paragraph it repeats, so that it is embedded once and
    scored alike.

    Attributes
    ----------
    table : polars.DataFrame
        The columns that the corpus gives.
    embeddings : Embeddings
        A row for each row of the table.
    mentions : Mentions or None
    distinct : ndarray of int64
        Rows that repeat no other.
    """

    table: pl.DataFrame
    embeddings: Embeddings
    mentions: Mentions | None
    distinct: NDArray[np.int64]

    @classmethod
    def embed(
        cls,
        table: pl.DataFrame,
        encoder: Encodes,
        targets: Sequence[Target],
        *,
        language: str,
        voice: Literal["own", "all"],
        progress: Progress | None = None,
    ) -> Paragraphs:
        """Embed a table's paragraphs, their sentences and the contexts of the targets they mention."""
        rows = representatives(table)
        texts = table.get_column("text").gather(rows).to_list()
        mentions = find_mentions(texts, targets, language=language, voice=voice) if targets else None
        embeddings = encoder.encode(texts, spans=mentions.spans if mentions else None, progress=progress)
        return cls(table, embeddings, mentions, np.unique(rows))


@dataclass(frozen=True)
class Models:
    """What a study fitted, enough to score new paragraphs.

    Attributes
    ----------
    themes : ThemeModel
    framing : FramingAxis or None
    stance : StanceScorer or None
    targets : tuple of Target
    language, voice : str
    confidence : float
        Of the paragraphs' intervals.
    encoder : dict
        Name, hash, layers and dimensions of the embedding model.
    axes : dict of str to FramingAxis or CrossEncoderAxis
        Further axes by name.
    """

    themes: ThemeModel
    framing: FramingAxis | None
    stance: StanceScorer | None
    targets: tuple[Target, ...]
    language: str
    voice: Literal["own", "all"]
    confidence: float
    encoder: dict[str, Any]
    axes: dict[str, FramingAxis | CrossEncoderAxis] = field(default_factory=dict)

    def score(self, paragraphs: Paragraphs, progress: Progress | None = None) -> pl.DataFrame:
        """Give the `paragraphs` table: what the corpus gave, and themes, framing and stance."""
        embeddings = paragraphs.embeddings
        columns = [paragraphs.table, self.themes.assign(embeddings)]
        if self.framing is not None:
            columns.append(self.framing.assess(embeddings, self.confidence))
        for name, axis in self.axes.items():
            if isinstance(axis, CrossEncoderAxis):
                found = axis.assess(embeddings, self.confidence, progress=progress)  # each pair is read once
                score, ends = found["framing"].to_numpy(), found.select("framing_low", "framing_high").to_numpy()
            else:
                score, ends = axis.predict(embeddings), axis.predict_interval(embeddings, self.confidence)
            columns.append(
                pl.DataFrame({f"axis_{name}": score, f"axis_{name}_low": ends[:, 0], f"axis_{name}_high": ends[:, 1]})
            )
        if self.stance is not None and paragraphs.mentions is not None:
            columns.append(self.stance.assess(embeddings, paragraphs.mentions, self.confidence))
        table = pl.concat(columns, how="horizontal")
        names = [
            column.name
            for column in columns_of("paragraphs", [target.name for target in self.targets], list(self.axes))
        ]
        missing = [pl.lit(None, pl.Float64).alias(name) for name in names if name not in table.columns]
        return table.with_columns(missing).select(names)

    def save(self, folder: RunFolder) -> None:
        """Write everything as arrays and JSON."""
        import json

        about = {
            "language": self.language,
            "voice": self.voice,
            "confidence": self.confidence,
            "encoder": self.encoder,
            "axes": [name for name, axis in self.axes.items() if isinstance(axis, FramingAxis)],
            "cross_encoders": {
                name: axis.model_hash_ for name, axis in self.axes.items() if isinstance(axis, CrossEncoderAxis)
            },
            "targets": [
                {
                    "name": each.name,
                    "label": each.label,
                    "aliases": list(each.aliases),
                    "shared_aliases": list(each.shared_aliases),
                    "implied_by": [list(group) for group in each.implied_by],
                }
                for each in self.targets
            ],
        }
        folder.write_text("model/study.json", json.dumps(about, indent=2, ensure_ascii=False) + "\n")
        for name, estimator in (("themes", self.themes), ("framing", self.framing), ("stance", self.stance)):
            if estimator is not None:
                folder.write_arrays(name, *estimator.to_state())
        for name, axis in self.axes.items():
            if isinstance(axis, FramingAxis):
                folder.write_arrays(f"axis_{name}", *axis.to_state())

    @classmethod
    def load(cls, folder: Path, cross_encoders: Mapping[str, CrossEncoderAxis] | None = None) -> Models:
        """Read the models of a finished run.

        Parameters
        ----------
        folder : pathlib.Path
        cross_encoders : mapping of str to CrossEncoderAxis, optional
            As the run's configuration makes them; a run keeps their models' hashes, not the models.

        Raises
        ------
        RunFolderError
            If a file is missing, damaged or not the one the manifest lists.
        ModelError
            If a cross-encoder is not the one the run was made with.
        """
        import json

        manifest = read_manifest(folder)
        path = written_file(folder, manifest, "model/study.json")
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            facts = {name: about[name] for name in ("language", "voice", "confidence", "encoder")}
            targets = tuple(
                Target(
                    each["name"],
                    each["label"],
                    tuple(each["aliases"]),
                    tuple(each["shared_aliases"]),
                    tuple(tuple(group) for group in each["implied_by"]),
                )
                for each in about["targets"]
            )
            axes = [str(name) for name in about["axes"]]
            hashes = dict(about.get("cross_encoders", {}))
        except (ValueError, KeyError, TypeError) as error:
            raise RunFolderError(f"{path}: not what a run writes ({error}); run the study again") from None
        further = dict(cross_encoders or {})
        for name in {**hashes, **further}:
            before, now = str(hashes.get(name)), further[name].model_hash_ if name in further else None
            if before != now:
                raise ModelError(
                    f"{folder} was made with a cross-encoder `{name}` of hash {before[:12]}, but what is found now has "
                    f"hash {str(now)[:12]}; put the former in its place, or run the study again"
                )
        return cls(
            themes=_saved(ThemeModel, folder, "themes"),
            framing=_saved(FramingAxis, folder, "framing") if "model/framing.json" in manifest["files"] else None,
            stance=_saved(StanceScorer, folder, "stance") if "model/stance.json" in manifest["files"] else None,
            targets=targets,
            axes={name: _saved(FramingAxis, folder, f"axis_{name}") for name in axes} | further,
            **facts,
        )


def _saved(kind: type[Estimator], folder: Path, name: str) -> Estimator:
    """Make an estimator again from a run's files."""
    try:
        return kind.from_state(*read_arrays(folder, name))
    except (ModelError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        reason = str(error).partition(";")[0]  # what to do about an estimator of one's own is not what to do here
        raise RunFolderError(f"{folder}/model/{name}: not what a run writes ({reason}); run the study again") from None
