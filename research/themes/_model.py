"""The theme model: a codebook's themes, and discovered ones where the codebook has nothing to say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from research.errors import InputError, ModelError
from research.themes._anchored import AnchoredThemes
from research.themes._codebook import Codebook, CodebookTheme
from research.themes._discovery import DiscoveredThemes, discover
from research.themes._geometry import Floats
from research.themes._input import Paragraphs, read_input
from research.themes._keywords import class_keywords
from research.themes._scoring import Scores, anchor_recovery, memberships, score_paragraphs

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ThemeModel"]

_COPY = 0.95  # two paragraphs with a cosine above this say the same
_N_REPRESENTATIVES = 3
_PARAMETERS = (
    "discovery",
    "threshold",
    "min_support",
    "n_neighbors",
    "min_cluster_size",
    "n_resamples",
    "language",
    "random_state",
)


class ThemeModel(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Find the themes of paragraphs, by a codebook, by discovery, or by both.

    With a codebook, every sentence is scored for every theme; the strongest sentence speaks for its paragraph and is
    the evidence. A paragraph has every theme whose probability reaches `threshold`, strongest first. The probability is
    calibrated on the anchors themselves, each scored as if it were not in the codebook, and so needs no labels; it
    cannot know how far the corpus is from the anchors' prose.

    Discovery looks for themes among the paragraphs to which the codebook gives none (all, without a codebook). Each of
    them goes to its nearest discovered theme; `outlier` says where even that is far.

    Parameters
    ----------
    codebook : Codebook, optional
        An encoded one, see `Codebook.encode`.
    discovery : {"hdbscan", "none"}, default="hdbscan"
        Whether to discover themes with UMAP and HDBSCAN.
    threshold : float, default=0.5
        The probability, above 0 and below 1, from which a paragraph has a theme besides its primary one, and below
        which, for all of the codebook's themes, it is left to discovery.
    min_support : int, default=3
        A theme that fewer paragraphs have is reported as not supported.
    n_neighbors : int, default=10
        UMAP's neighbours, at least 2. More look at coarser structure.
    min_cluster_size : int, optional
        HDBSCAN's smallest cluster, at least 2; by default the size with the best silhouette.
    n_resamples : int, default=10
        Reruns behind each theme's recovery; 0 leaves it out.
    language : str, default="en"
        Whose stop words the keywords leave out.
    random_state : int, default=0
        Seed of everything random.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        The primary theme of each fitted paragraph, as `predict` gives it.
    themes_ : tuple of str
        Names, the codebook's first; `labels_` and the columns of `decision_function` count along them.
    notes_ : tuple of str
        What a reader must know about this fit, in sentences.
    n_features_in_ : int

    Notes
    -----
    All similarities are computed exactly (see `research.themes._geometry`), so a paragraph's themes are the same
    in whatever order, subset or process it is assigned.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.vstack([rng.normal(size=(20, 3)) * 0.1 + axis for axis in np.eye(3)])
    >>> model = ThemeModel(n_resamples=0).fit(X)
    >>> model.themes_
    ('d1', 'd2', 'd3')
    """

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        discovery: Literal["hdbscan", "none"] = "hdbscan",
        threshold: Annotated[float, Gt(0), Lt(1)] = 0.5,
        min_support: Annotated[int, Ge(1)] = 3,
        n_neighbors: Annotated[int, Ge(2)] = 10,
        min_cluster_size: Annotated[int, Ge(2)] | None = None,
        n_resamples: Annotated[int, Ge(0)] = 10,
        language: str = "en",
        random_state: int = 0,
    ) -> None:
        self.codebook = codebook
        self.discovery = discovery
        self.threshold = threshold
        self.min_support = min_support
        self.n_neighbors = n_neighbors
        self.min_cluster_size = min_cluster_size
        self.n_resamples = n_resamples
        self.language = language
        self.random_state = random_state

    def fit(self, X: Any, y: None = None, *, progress: Callable[[str, int, int], None] | None = None) -> Self:
        """Learn the corpus mean, discover themes, and describe every theme.

        Parameters
        ----------
        X : Embeddings or array of shape (n, n_dimensions)
            Of an array, each row is its own only sentence, and there are no keywords.
        y : None
            Ignored.
        progress : callable, optional
            Called as `progress(label, done, total)`.

        Returns
        -------
        ThemeModel

        Raises
        ------
        InputError
            If a parameter is out of its range, the codebook has no vectors or others than `X`, or `X` is empty or not
            finite.
        """
        self._check_parameters()
        paragraphs = self._read(X, reset=True)
        if self.codebook is not None:
            vectors = self.codebook.anchor_vectors
            if vectors is None:
                raise InputError("the codebook has no vectors; give `codebook.encode(encoder)`")
            if vectors.shape[1] != paragraphs.vectors.shape[1]:
                raise InputError(
                    f"the codebook's vectors have {vectors.shape[1]} dimensions and the paragraphs' have "
                    f"{paragraphs.vectors.shape[1]}; encode both with the same model"
                )
        notes: list[str] = []
        self._anchored = None if self.codebook is None else AnchoredThemes.fit(self.codebook, paragraphs.sentences)
        self._discovered = None
        names = [] if self.codebook is None else list(self.codebook.names)
        self.themes_ = tuple(names)
        uncovered = np.flatnonzero(~self._score(paragraphs).covered)
        recovery = anchor_recovery(
            self._anchored,
            paragraphs,
            self._least_log_odds,
            n_resamples=self.n_resamples,
            random_state=self.random_state,
            progress=progress,
        )
        if self.discovery == "hdbscan" and len(uncovered):
            self._discovered, found, note = discover(
                paragraphs.vectors[uncovered],
                n_neighbors=self.n_neighbors,
                min_cluster_size=self.min_cluster_size,
                n_resamples=self.n_resamples,
                random_state=self.random_state,
                progress=progress,
            )
            recovery += found
            if note is not None:
                if self.codebook is None:
                    note = note.replace("reach the threshold for no theme of the codebook;", "are there;")
                    note = note.replace(" that reach the threshold for no theme of the codebook", "")
                notes.append(note)
        elif self.discovery == "none" and len(uncovered) and self.codebook is not None:
            notes.append(
                f"{len(uncovered)} of {len(paragraphs)} paragraphs reach the threshold for no theme of the codebook"
            )
        self._describe(paragraphs, names, recovery)
        self.notes_ = tuple(notes)
        self.labels_ = self._score(paragraphs).primary
        return self

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Give the primary theme's number in `themes_` for each paragraph, -1 where it has none.

        Parameters
        ----------
        X : Embeddings or array of shape (n, n_dimensions)

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        check_is_fitted(self, "themes_")
        return self._score(self._read(X)).primary

    def decision_function(self, X: Any) -> Floats:
        """Give the log-odds of every theme for each paragraph.

        The codebook's are the greater of the whole paragraph's and its strongest sentence's; the discovered themes' are
        on their own scale and only count where the codebook gives the paragraph no theme.

        Parameters
        ----------
        X : Embeddings or array of shape (n, n_dimensions)

        Returns
        -------
        ndarray of float64, shape (n, n_themes)
        """
        check_is_fitted(self, "themes_")
        return self._score(self._read(X)).log_odds

    def assign(self, X: Any) -> pl.DataFrame:
        """Give each paragraph its themes, how sure that is, and the sentence behind it.

        Parameters
        ----------
        X : Embeddings or array of shape (n, n_dimensions)

        Returns
        -------
        polars.DataFrame, n rows
            theme, theme_source, themes (`;` between, the primary first), theme_probability, outlier, evidence (None for
            plain arrays).
        """
        import polars as pl

        check_is_fitted(self, "themes_")
        paragraphs = self._read(X)
        scores = self._score(paragraphs)
        probability = _sigmoid(scores.log_odds)
        members = memberships(scores, self._n_codebook, self._least_log_odds)
        rows: list[tuple[Any, ...]] = []
        for row, theme in enumerate(scores.primary):
            if theme < 0:
                rows.append((None, None, None, None, bool(scores.outlier[row]), None))
                continue
            order = np.argsort(-scores.log_odds[row], kind="stable")
            has = [theme, *(k for k in order if members[row, k] and k != theme)]
            rows.append(
                (
                    self.themes_[theme],
                    "codebook" if theme < self._n_codebook else "discovered",
                    ";".join(self.themes_[k] for k in has),
                    round(float(probability[row, theme]), 12),
                    bool(scores.outlier[row]),
                    paragraphs.text_of(row, int(scores.strongest[row, theme])),
                )
            )
        return pl.DataFrame(
            rows,
            schema={
                "theme": pl.String,
                "theme_source": pl.String,
                "themes": pl.String,
                "theme_probability": pl.Float64,
                "outlier": pl.Boolean,
                "evidence": pl.String,
            },
            orient="row",
        )

    def theme_table(self) -> pl.DataFrame:
        """Describe each theme as the fit found it.

        Returns
        -------
        polars.DataFrame
            theme, source, label, recovery (None where nothing could be rerun), supported, parent (None),
            representatives (row numbers of the fitted paragraphs: the most typical, or the nearest of an unsupported
            theme).
        """
        import polars as pl

        check_is_fitted(self, "themes_")
        return pl.DataFrame(
            self._table,
            schema={
                "theme": pl.String,
                "source": pl.String,
                "label": pl.String,
                "recovery": pl.Float64,
                "supported": pl.Boolean,
                "parent": pl.String,
                "representatives": pl.List(pl.Int64),
            },
            orient="row",
        )

    def keyword_table(self) -> pl.DataFrame:
        """Give each theme's keywords.

        Returns
        -------
        polars.DataFrame
            theme, rank (from 1), keyword, weight.
        """
        import polars as pl

        check_is_fitted(self, "themes_")
        return pl.DataFrame(
            [
                (name, rank, keyword, weight)
                for name, keywords in zip(self.themes_, self._keywords, strict=True)
                for rank, (keyword, weight) in enumerate(keywords, 1)
            ],
            schema={"theme": pl.String, "rank": pl.Int64, "keyword": pl.String, "weight": pl.Float64},
            orient="row",
        )

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give all that was learned as arrays and JSON.

        Returns
        -------
        arrays : dict of str to ndarray
        meta : dict
        """
        check_is_fitted(self, "themes_")
        arrays: dict[str, NDArray[Any]] = {"labels": self.labels_}
        if self._anchored is not None:
            arrays.update(self._anchored.to_arrays())
        if self._discovered is not None:
            arrays.update(self._discovered.to_arrays())
        codebook = None
        if self.codebook is not None:
            book = self.codebook
            codebook = {
                "name": book.name,
                "label": book.label,
                "language": book.language,
                "source": book.source,
                "themes": [asdict(theme) for theme in book.themes],
            }
            codebook = _plain(codebook)
        meta = {
            "parameters": {name: getattr(self, name) for name in _PARAMETERS},
            "codebook": codebook,
            "n_dimensions": int(self.n_features_in_),
            "themes": list(self.themes_),
            "table": _plain(self._table),
            "keywords": _plain(self._keywords),
            "notes": list(self.notes_),
        }
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> ThemeModel:
        """Take a saved model up again; it assigns exactly as the one that was saved.

        Raises
        ------
        ModelError
            If something is missing.
        """
        try:
            codebook = None
            if meta["codebook"] is not None:
                book = meta["codebook"]
                themes = tuple(
                    CodebookTheme(
                        each["name"],
                        each["label"],
                        each["definition"],
                        tuple(each["anchors"]),
                        tuple(each["exclusions"]),
                    )
                    for each in book["themes"]
                )
                codebook = Codebook(themes, book["name"], book["label"], book["language"], book["source"])
            model = cls(codebook, **meta["parameters"])
            model.themes_ = tuple(meta["themes"])
            model.labels_ = np.asarray(arrays["labels"], dtype=np.int64)
            model.notes_ = tuple(meta["notes"])
            model.n_features_in_ = meta["n_dimensions"]
            model._table = [tuple(row) for row in meta["table"]]
            model._keywords = [[(str(word), float(weight)) for word, weight in words] for words in meta["keywords"]]
            model._anchored = AnchoredThemes.from_arrays(arrays) if codebook is not None else None
            model._discovered = DiscoveredThemes.from_arrays(arrays) if "discovered_centroids" in arrays else None
        except KeyError as error:
            raise ModelError(f"the saved theme model has no {error}; save it again with `to_state`") from None
        return model

    @property
    def _n_codebook(self) -> int:
        return 0 if self._anchored is None else self._anchored.n_themes

    @property
    def _least_log_odds(self) -> float:
        return math.log(self.threshold / (1 - self.threshold))

    def _check_parameters(self) -> None:
        if self.discovery not in ("hdbscan", "none"):
            raise InputError(f'discovery is {self.discovery!r}; it must be "hdbscan" or "none"')
        if not 0 < self.threshold < 1:
            raise InputError(f"threshold is {self.threshold!r}; it must be above 0 and below 1")
        lowest: dict[str, int] = {"min_support": 1, "n_neighbors": 2, "n_resamples": 0}
        if self.min_cluster_size is not None:
            lowest["min_cluster_size"] = 2
        for name, low in lowest.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
                raise InputError(f"{name} is {value!r}; it must be a whole number of at least {low}")

    def _read(self, X: Any, reset: bool = False) -> Paragraphs:
        values: Any = X
        if hasattr(X, "sentences") and hasattr(X, "vectors"):
            values = X.vectors
        try:
            checked = validate_data(self, values, reset=reset, dtype=[np.float64, np.float32])
        except ValueError as error:
            raise InputError(" ".join(str(error).split())) from None
        return read_input(X, checked)

    def _score(self, paragraphs: Paragraphs) -> Scores:
        return score_paragraphs(paragraphs, self._anchored, self._discovered, self._least_log_odds)

    def _describe(self, paragraphs: Paragraphs, names: list[str], recovery: list[float | None]) -> None:
        """Name the discovered themes; gather keywords, representatives and support."""
        scores = self._score(paragraphs)
        log_odds, members = scores.log_odds, memberships(scores, self._n_codebook, self._least_log_odds)
        n_themes = log_odds.shape[1]
        self._keywords: list[list[tuple[str, float]]] = [[] for _ in range(n_themes)]
        if paragraphs.texts is not None and n_themes:
            texts = paragraphs.texts
            groups = [[texts[row] for row in np.flatnonzero(members[:, k])] for k in range(n_themes)]
            groups.append([texts[row] for row in np.flatnonzero(~members.any(axis=1))])  # to differ from, too
            self._keywords = class_keywords([group for group in groups if group], self.language)
            filled = iter(self._keywords)
            self._keywords = [next(filled) if group else [] for group in groups][:n_themes]
        labels = [] if self.codebook is None else [theme.label for theme in self.codebook.themes]
        for number, keywords in enumerate(self._keywords[len(names) :], 1):
            name, label = _name(number, [word for word, _ in keywords])
            names.append(name if name not in names else f"{name}_discovered")
            labels.append(label)
        self.themes_ = tuple(names)
        self._table: list[tuple[Any, ...]] = []
        for k, name in enumerate(names):
            count = int(members[:, k].sum())
            candidates = np.flatnonzero(members[:, k]) if count >= self.min_support else np.arange(len(paragraphs))
            self._table.append(
                (
                    name,
                    "codebook" if k < self._n_codebook else "discovered",
                    labels[k],
                    recovery[k],
                    count >= self.min_support,
                    None,
                    _representatives(paragraphs.vectors, log_odds[:, k], candidates),
                )
            )


def _sigmoid(log_odds: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0)))
    return result


def _representatives(vectors: Floats, scores: Floats, candidates: NDArray[np.int64]) -> list[int]:
    """Give the rows with the highest scores that are not copies of each other; ties by content."""
    scored = np.partition(-scores[candidates], min(99, len(candidates) - 1)) if len(candidates) else np.array([])
    if not len(scored):
        return []
    near = candidates[-scores[candidates] <= scored[min(99, len(candidates) - 1)]]
    order = np.lexsort((*vectors[near].T[::-1], -scores[near]))
    chosen: list[int] = []
    for row in near[order]:
        if len(chosen) == _N_REPRESENTATIVES:
            break
        if all(float(vectors[row] @ vectors[other]) < _COPY for other in chosen):
            chosen.append(int(row))
    return chosen


def _name(number: int, keywords: list[str]) -> tuple[str, str]:
    """Name and label a discovered theme by its two strongest keywords."""
    slugs = [slug for word in keywords[:2] if (slug := re.sub(r"[^a-z0-9]+", "_", word).strip("_"))]
    label = ", ".join(keywords[:2]) if keywords else f"discovered theme {number}"
    return "_".join([f"d{number}", *slugs]), label[0].upper() + label[1:]


def _plain(value: Any) -> Any:
    """Give tuples as lists, as JSON would."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
