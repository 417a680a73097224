"""The theme model: a codebook's themes, and discovered ones where the codebook has nothing to say."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from research._language import language_code
from research._shapes import reading_state
from research._validate import check_parameters, validated
from research.errors import InputError
from research.themes._anchored import AnchoredThemes
from research.themes._codebook import Codebook
from research.themes._describe import Node, describe_hierarchy, group_keywords, name_discovered, plain, theme_rows
from research.themes._discovery import DiscoveredThemes, discover
from research.themes._geometry import Floats
from research.themes._input import Paragraphs, read_input
from research.themes._keywords import KeywordFinder
from research.themes._labels import read_labels
from research.themes._naming import ThemeSummary, call_namer
from research.themes._scoring import Scores, anchor_recovery, memberships, score_paragraphs
from research.themes._theme_tables import table
from research.themes._tree import ThemeTree

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ThemeModel"]

_HALF = 0.0  # the log-odds of a probability of one half
_PARAMETERS = (
    "discovery",
    "n_themes",
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

    With a codebook, every sentence is scored for every theme, and a paragraph's probability of a theme comes from those
    of its sentences; the strongest sentence is the evidence. A paragraph has every theme whose probability reaches
    `threshold`, strongest first. The probability is calibrated on the codebook's own texts, each scored as if it were
    not there, and on the corpus, which tells how much of it is about none of the themes; paragraphs coded by hand,
    given to `fit`, improve it.

    Discovery looks for themes among the paragraphs to which the codebook gives none (all, without a codebook). It needs
    no number of themes and no smallest size: it finds them at many granularities, keeps the finest whose themes are as
    far apart as at the best of them, within 7%, and the finer and coarser ones as a hierarchy. Every paragraph gets a
    theme; its probability is what the classifier of themes gives it without having learnt from it. `outlier` marks
    those near to no other paragraph; where there are few themes, far apart, it marks hardly any.

    Parameters
    ----------
    codebook : Codebook, optional
        An encoded one, see `Codebook.encode`.
    discovery : {"auto", "hdbscan", "none"}, default="auto"
        "auto" finds communities of the graph of nearest neighbours, and below 100 distinct paragraphs what many Ward
        trees agree on; "hdbscan" is UMAP and HDBSCAN.
    n_themes : int, optional
        How many themes to discover, at least 2; by default the data decide. Where the data do not fall into so many
        parts, there are fewer.
    threshold : float, optional
        The probability, above 0 and below 1, from which a paragraph has a theme besides its primary one, and below
        which, for all of the codebook's themes, it is left to discovery. By default 0.5 for discovered themes, and for
        the codebook's the value between .25 and .5 with the highest expected F1 on the corpus.
    min_support : int, default=3
        A theme that fewer paragraphs have is reported as not supported.
    n_neighbors : int, optional
        Neighbours of each paragraph, at least 2. By default 10 for UMAP, and for communities 1.5 times the square root
        of the number of paragraphs, at most 30; a theme of fewer paragraphs than that hardly stands alone. Without
        effect below 100 distinct paragraphs, where there is no such graph.
    min_cluster_size : int, optional
        HDBSCAN's smallest cluster, at least 2; by default the size with the best silhouette.
    n_resamples : int, default=10
        Reruns behind each theme's recovery and each paragraph's stability; 0 leaves them out.
    language : str, default="en"
        Whose stop words the keywords leave out.
    random_state : int, default=0
        Seed of the reruns, and of UMAP. The themes of "auto" do not depend on it.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        The primary theme of each fitted paragraph, as `predict` gives it.
    discovered_by_ : {"leiden", "ward", "hdbscan"} or None
        What found the discovered themes; None where there are none.
    themes_ : tuple of str
        Names, the codebook's first; `labels_` and the columns of `decision_function` count along them.
    notes_ : tuple of str
        What a reader must know about this fit, in sentences.
    n_features_in_ : int

    Notes
    -----
    All similarities are computed exactly (see `research.themes._geometry`), so a paragraph's themes are the same
    in whatever order, subset or process it is assigned.

    How the ways to discover themes compare is measured by `experiments/theme_benchmark.py`; the tables of what lost are
    in `research/themes/_communities.py`, `_ward.py` and `_linear.py`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.vstack([rng.normal(size=(20, 3)) * 0.1 + axis for axis in np.eye(3)])
    >>> model = ThemeModel(n_resamples=0).fit(X)
    >>> model.themes_
    ('d1', 'd2', 'd3')
    """

    _table: list[tuple[Any, ...]]
    _keywords: list[list[tuple[str, float]]]
    _shown: list[tuple[str, ...]]
    _nodes: list[Node]
    _gain: list[tuple[Any, ...]]
    _uncovered: NDArray[np.int64]
    discovered_by_: Literal["leiden", "ward", "hdbscan"] | None

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        discovery: Literal["auto", "hdbscan", "none"] = "auto",
        n_themes: Annotated[int, Ge(2)] | None = None,
        threshold: Annotated[float, Gt(0), Lt(1)] | None = None,
        min_support: Annotated[int, Ge(1)] = 3,
        n_neighbors: Annotated[int, Ge(2)] | None = None,
        min_cluster_size: Annotated[int, Ge(2)] | None = None,
        n_resamples: Annotated[int, Ge(0)] = 10,
        language: str = "en",
        random_state: Annotated[int, Ge(0)] = 0,
    ) -> None:
        self.codebook = codebook
        self.discovery = discovery
        self.n_themes = n_themes
        self.threshold = threshold
        self.min_support = min_support
        self.n_neighbors = n_neighbors
        self.min_cluster_size = min_cluster_size
        self.n_resamples = n_resamples
        self.language = language
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: None = None,
        *,
        labels: Sequence[Collection[str] | None] | None = None,
        documents: Sequence[str] | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Self:
        """Learn from the corpus and from labels, discover themes, and describe every theme.

        Parameters
        ----------
        X : Embeddings or array of shape (n, n_dimensions)
            Of an array, each row is its own only sentence, and there are no keywords.
        y : None
            Ignored.
        labels : sequence of (collection of str or None), length n, optional
            The codebook's themes that a person found in each paragraph: all of them, an empty collection for none of
            them, and None for a paragraph that nobody coded. Whether that helps is judged on documents that were not
            learnt from, and reported by `label_gain_table`; where it does not, the codebook alone counts.
        documents : sequence of str, length n, optional
            Each paragraph's document: labels are judged by documents, and representatives come from different ones.
        progress : callable, optional
            Called as `progress(label, done, total)`.

        Returns
        -------
        ThemeModel

        Raises
        ------
        InputError
            If a parameter is out of its range, the codebook has no vectors or others than `X`, `X` is empty or not
            finite, or a label is no theme of the codebook.
        """
        self._check_parameters()
        paragraphs = self._read(X, reset=True)
        if documents is not None:
            documents = _check_documents(documents, len(paragraphs))
        if self.codebook is not None:
            _check_codebook(self.codebook, paragraphs)
        coded = read_labels(labels, paragraphs, None if self.codebook is None else self.codebook.names, documents)
        notes: list[str] = []
        self._anchored = None if self.codebook is None else AnchoredThemes.fit(self.codebook, paragraphs, coded)
        self._discovered: DiscoveredThemes | None = None
        self._tree: ThemeTree | None = None
        self.discovered_by_ = None
        uncovered = np.flatnonzero(~self._score(paragraphs).covered)
        recovery = anchor_recovery(
            self._anchored,
            paragraphs,
            self._least,
            n_resamples=self.n_resamples,
            random_state=self.random_state,
            progress=progress,
        )
        if self.discovery != "none" and len(uncovered):
            found = discover(
                paragraphs.vectors[uncovered],
                method=self.discovery,
                what="paragraphs" if self.codebook is None else "paragraphs without a theme of the codebook",
                n_themes=self.n_themes,
                n_neighbors=self.n_neighbors,
                min_cluster_size=self.min_cluster_size,
                n_resamples=self.n_resamples,
                random_state=self.random_state,
                progress=progress,
            )
            self._discovered, self._tree = found.themes, found.tree
            self.discovered_by_ = found.by
            recovery += found.recovery
            notes += [found.note] if found.note is not None else []
        elif self.discovery == "none" and len(uncovered) and self.codebook is not None:
            notes.append(
                f"{len(uncovered)} of {len(paragraphs)} paragraphs reach the threshold for no theme of the codebook"
            )
        self._uncovered = uncovered
        scores = self._score(paragraphs)
        self._describe(paragraphs, scores, recovery, documents)
        self.notes_ = tuple(notes)
        self.labels_ = scores.primary
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

        The discovered themes' are on their own scale and only count where the codebook gives the paragraph no theme;
        those of fitted paragraphs are what they would be without that paragraph in the fit, and so need not be highest
        for the theme that `predict` gives.

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
            theme, theme_source, themes (`;` between, the primary first), theme_probability, theme_stability (the share
            of reruns that left a fitted paragraph with its discovered theme; None for others), outlier, evidence (None
            for plain arrays).
        """
        check_is_fitted(self, "themes_")
        paragraphs = self._read(X)
        scores = self._score(paragraphs)
        probability = _sigmoid(scores.log_odds)
        stability = np.full(len(paragraphs), np.nan)
        if self._discovered is not None:
            stability = self._discovered.stability(paragraphs.vectors)
        members = memberships(scores, self._n_codebook, self._least, self._least_discovered)
        rows: list[tuple[Any, ...]] = []
        for row, theme in enumerate(scores.primary):
            if theme < 0:
                rows.append((None, None, None, None, None, bool(scores.outlier[row]), None))
                continue
            order = np.argsort(-scores.log_odds[row], kind="stable")
            has = [theme, *(k for k in order if members[row, k] and k != theme)]
            rows.append(
                (
                    self.themes_[theme],
                    "codebook" if theme < self._n_codebook else "discovered",
                    ";".join(self.themes_[k] for k in has),
                    round(float(probability[row, theme]), 12),
                    None if theme < self._n_codebook or np.isnan(stability[row]) else round(float(stability[row]), 6),
                    bool(scores.outlier[row]),
                    paragraphs.text_of(row, int(scores.strongest[row, theme])),
                )
            )
        return table("paragraphs", rows)

    def theme_table(self) -> pl.DataFrame:
        """Describe each theme as the fit found it.

        Returns
        -------
        polars.DataFrame
            theme, source, label, recovery (None where nothing could be rerun), supported, parent (the coarser group of
            `hierarchy_table`), representatives (row numbers of the fitted paragraphs: the most typical, or the nearest
            of an unsupported theme).
        """
        check_is_fitted(self, "themes_")
        return table("themes", self._table)

    def keyword_table(self) -> pl.DataFrame:
        """Give each theme's keywords.

        Returns
        -------
        polars.DataFrame
            theme, rank (from 1), keyword, weight.
        """
        check_is_fitted(self, "themes_")
        rows = [
            (name, rank, keyword, weight)
            for name, keywords in zip(self.themes_, self._keywords, strict=True)
            for rank, (keyword, weight) in enumerate(keywords, 1)
        ]
        return table("keywords", rows)

    def hierarchy_table(self) -> pl.DataFrame:
        """Give the groups that discovered themes join into, the themes, and what these fall into.

        Returns
        -------
        polars.DataFrame
            level (coarser, theme, finer), name, label, parent (None at the top), n_paragraphs. Coarser groups stand
            there from five discovered themes on. `cut` gives any other number.
        """
        check_is_fitted(self, "themes_")
        return table("hierarchy", [astuple(node) for node in self._nodes])

    def label_gain_table(self) -> pl.DataFrame:
        """Say how much labels given to `fit` improved the codebook's themes, on documents not learnt from.

        Returns
        -------
        polars.DataFrame
            measure, without, with_labels, difference, low, high (95%, by the jackknife of documents; none below five),
            n_paragraphs, n_documents; no row where there were no labels.
        """
        check_is_fitted(self, "themes_")
        return table("label_gain", self._gain)

    def cut(self, n_themes: int) -> NDArray[np.int64]:
        """Cut the hierarchy of discovered themes elsewhere.

        Parameters
        ----------
        n_themes : int
            At least 1; where the hierarchy has fewer leaves, there are as many groups as leaves.

        Returns
        -------
        ndarray of int64, shape (n,)
            A group for each fitted paragraph, from 0; -1 for those with a theme of the codebook.

        Raises
        ------
        InputError
            If there is no hierarchy: nothing was discovered, or by UMAP and HDBSCAN, or among more than 30,000
            distinct paragraphs; or `n_themes` is not a whole number of at least 1.
        """
        check_is_fitted(self, "themes_")
        if isinstance(n_themes, bool) or not isinstance(n_themes, int | np.integer) or n_themes < 1:
            raise InputError(f"n_themes is {n_themes!r}; it must be a whole number of at least 1")
        if self._tree is None:
            raise InputError(
                'there is no hierarchy to cut; it comes with discovery="auto", for themes discovered among at most '
                "30,000 distinct paragraphs"
            )
        groups = np.full(len(self.labels_), -1, dtype=np.int64)
        groups[self._uncovered] = self._tree.cut(int(n_themes))
        return groups

    def name_themes(self, namer: Callable[[ThemeSummary], str]) -> Self:
        """Let a function label the discovered themes; names, which tables join on, stay as they are.

        Parameters
        ----------
        namer : callable
            Gets a `ThemeSummary` and returns a label, each a different one.

        Returns
        -------
        ThemeModel

        Raises
        ------
        InputError
            If the function returns no text, an empty one, or one that another theme has.
        """
        check_is_fitted(self, "themes_")
        places = range(self._n_codebook, len(self.themes_))
        summaries = [
            ThemeSummary(
                self.themes_[k],
                tuple(word for word, _ in self._keywords[k]),
                self._shown[k],
                int(np.sum(self.labels_ == k)),
            )
            for k in places
        ]
        taken = [row[2] for row in self._table[: self._n_codebook]]
        for k, label in zip(places, call_namer(namer, summaries, taken), strict=True):
            self._table[k] = (*self._table[k][:2], label, *self._table[k][3:])
        shown = {row[0]: row[2] for row in self._table}
        self._nodes = [
            Node(node.level, node.name, shown[node.name], node.parent, node.n_paragraphs)
            if node.level == "theme"
            else node
            for node in self._nodes
        ]
        return self

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give all that was learned as arrays and JSON.

        Returns
        -------
        arrays : dict of str to ndarray
        meta : dict
        """
        check_is_fitted(self, "themes_")
        arrays: dict[str, NDArray[Any]] = {
            "labels": self.labels_,
            "uncovered": self._uncovered,
        }
        for part in (self._anchored, self._discovered, self._tree):
            if part is not None:
                arrays.update(part.to_arrays())
        meta = {
            "parameters": {name: getattr(self, name) for name in _PARAMETERS},
            "codebook": None if self.codebook is None else self.codebook.to_dict(),
            "n_dimensions": int(self.n_features_in_),
            "themes": self.themes_,
            "table": self._table,
            "keywords": self._keywords,
            "shown": self._shown,
            "hierarchy": [asdict(node) for node in self._nodes],
            "label_gain": self._gain,
            "notes": self.notes_,
            "discovered_by": self.discovered_by_,
        }
        return arrays, plain(meta)

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> ThemeModel:
        """Take a saved model up again; it assigns exactly as the one that was saved.

        Raises
        ------
        ModelError
            If something is missing.
        """
        with reading_state("theme model"):
            codebook = None if meta["codebook"] is None else Codebook.from_dict(meta["codebook"])
            model = cls(codebook, **meta["parameters"])
            model.themes_ = tuple(meta["themes"])
            model.labels_ = np.asarray(arrays["labels"], dtype=np.int64)
            model.notes_ = tuple(meta["notes"])
            model.discovered_by_ = meta["discovered_by"]
            model.n_features_in_ = meta["n_dimensions"]
            model._table = [tuple(row) for row in meta["table"]]
            model._keywords = [[(str(word), float(weight)) for word, weight in words] for words in meta["keywords"]]
            model._shown = [tuple(texts) for texts in meta["shown"]]
            model._nodes = [Node(**node) for node in meta["hierarchy"]]
            model._gain = [tuple(math.nan if value is None else value for value in row) for row in meta["label_gain"]]
            model._uncovered = np.asarray(arrays["uncovered"], dtype=np.int64)
            model._anchored = AnchoredThemes.from_arrays(arrays) if codebook is not None else None
            model._discovered = DiscoveredThemes.from_arrays(arrays) if "discovered_weights" in arrays else None
            model._tree = ThemeTree.from_arrays(arrays) if "tree_leaves" in arrays else None
        return model

    @property
    def _n_codebook(self) -> int:
        return 0 if self._anchored is None else self._anchored.n_themes

    @property
    def _least(self) -> float:
        """The log-odds from which a theme of the codebook counts."""
        if self.threshold is None:
            return _HALF if self._anchored is None else self._anchored.cut
        return self._least_discovered

    @property
    def _least_discovered(self) -> float:
        return _HALF if self.threshold is None else math.log(self.threshold / (1 - self.threshold))

    def _check_parameters(self) -> None:
        check_parameters(self)
        language_code(self.language)
        if self.n_themes is not None and self.discovery == "hdbscan":
            raise InputError('n_themes is given with discovery="hdbscan", which cannot be told; use discovery="auto"')

    def _read(self, X: Any, reset: bool = False) -> Paragraphs:
        values: Any = X
        if hasattr(X, "sentences") and hasattr(X, "vectors"):
            values = X.vectors
        checked = validated(self, values, reset=reset, dtype=[np.float64, np.float32])
        return read_input(X, checked)

    def _score(self, paragraphs: Paragraphs) -> Scores:
        return score_paragraphs(paragraphs, self._anchored, self._discovered, self._least)

    def _describe(
        self, paragraphs: Paragraphs, scores: Scores, recovery: list[float | None], documents: Sequence[str] | None
    ) -> None:
        """Name the discovered themes; gather keywords, representatives, support and hierarchy."""
        n_codebook = self._n_codebook
        members = memberships(scores, n_codebook, self._least, self._least_discovered)
        groups = [np.flatnonzero(members[:, k]) for k in range(members.shape[1])]
        groups.append(np.flatnonzero(~members.any(axis=1)))  # to differ from, too
        finder = None if paragraphs.texts is None else KeywordFinder(paragraphs.texts, self.language)
        self._keywords = group_keywords(finder, groups)[:-1]
        book = () if self.codebook is None else self.codebook.themes
        names, labels = [theme.name for theme in book], [theme.label for theme in book]
        found, shown = name_discovered(self._keywords[n_codebook:], paragraphs.texts, names, labels)
        self.themes_ = (*names, *found)
        hierarchy = describe_hierarchy(
            self._tree,
            scores.primary[self._uncovered] - n_codebook,
            found,
            shown,
            paragraphs,
            self._uncovered,
            finder,
        )
        self._nodes = hierarchy.nodes
        parents = [*([None] * n_codebook), *hierarchy.parents]
        about = theme_rows(paragraphs, scores.log_odds, members, self.min_support, documents)
        self._table = []
        for k, (supported, rows) in enumerate(about):
            source = "codebook" if k < n_codebook else "discovered"
            label = [*labels, *shown][k]
            self._table.append((self.themes_[k], source, label, recovery[k], supported, parents[k], rows))
        texts = paragraphs.texts
        self._shown = [() if texts is None else tuple(texts[row] for row in rows) for _, rows in about]
        correction = None if self._anchored is None else self._anchored.correction
        self._gain = [] if correction is None else [tuple(gain) for gain in correction.gain]


def _check_documents(documents: Any, n: int) -> list[str]:
    if isinstance(documents, str) or not hasattr(documents, "__len__"):
        raise InputError(f"documents is {documents!r}; give a list with the document of each paragraph")
    if len(documents) != n:
        raise InputError(f"{len(documents)} documents for {n} paragraphs; give one for each")
    return [str(document) for document in documents]


def _check_codebook(codebook: Any, paragraphs: Paragraphs) -> None:
    if not isinstance(codebook, Codebook):
        named = isinstance(codebook, str | Path)
        raise InputError(
            f"`codebook` is {codebook!r}; give "
            + (f"`Codebook.load({str(codebook)!r}).encode(encoder)`" if named else "a `Codebook` with vectors, or None")
        )
    vectors = codebook.anchor_vectors
    if vectors is None:
        raise InputError("the codebook has no vectors; give `codebook.encode(encoder)`")
    if vectors.shape[1] != paragraphs.vectors.shape[1]:
        raise InputError(
            f"the codebook's vectors have {vectors.shape[1]} dimensions and the paragraphs' have "
            f"{paragraphs.vectors.shape[1]}; encode both with the same model"
        )


def _sigmoid(log_odds: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0)))
    return result
