"""An axis from statements instead of anchors: how far a text bears out those of one pole and those of the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from research._language import language_code
from research._shapes import check_version, plain, reading_state
from research._validate import check_parameters, check_values
from research.embedding._cache import VectorCache
from research.embedding._embeddings import Embeddings
from research.embedding._encoder import checked_texts
from research.embedding._models import find_model, model_hash
from research.embedding._pairs import Pair, PairModel
from research.errors import InputError, ModelError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CrossEncoderAxis"]

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
Judge = Callable[[list[tuple[str, str]]], Any]

_STATE_VERSION = 1
_OWNER = "cross-encoder"
_TARGET = "{target}"
_BLOCK = 4096


class CrossEncoderAxis(BaseEstimator):  # type: ignore[misc]
    r"""An axis whose poles are statements that a cross-encoder of your own holds against each text.

    With p(x, h) the probability that text x entails statement h, by a model for natural language inference,

    .. math:: s(x) = \frac{1}{m_+} \sum_{h \in H_+} p(x, h) - \frac{1}{m_-} \sum_{h \in H_-} p(x, h) \in [-1, 1].

    p is the softmax over all of the model's classes at the one whose name in the model's own config begins with
    `entail`; the text is the premise. Of a model with one output (a reranker) p is the sigmoid of that output, with the
    statement read first, as a query is: that is relevance, which is not agreement.

    **No model for this ships and none was measured: nothing is known of how well yours does on news until you hold it
    against labels** (`validity_card` takes this axis, too). The scale is the model's own: 0 is a text that bears out
    both poles alike, not a plain report, and a score cannot be compared with a `FramingAxis`'s. Each text is read once
    for every statement, so it costs (texts x statements) passes where the encoder needs one a text.

    Statements may hold ``{target}``; then each call names the target, and the axis is one of stance: "The author is in
    favor of {target}." against "The author is against {target}.". It scores any text, whether or not it mentions the
    target: leave those out that do not (`research.stance.find_mentions`), and mind that quoted voices count.

    A text too long for the model is split at sentence ends, and p is averaged over its pieces by their tokens. The
    bits of a score do not depend on the other texts, their order or the state of the cache.

    Parameters
    ----------
    model : str, path, or function
        A folder, or the name of a model on the Hugging Face hub; only safetensors weights are loaded, and no code of a
        model's own is run. Or a function from a list of (text, statement) pairs to their p, in [0, 1].
    positive, negative : sequence of str
        The statements of the poles at +1 and -1, in the texts' language.
    max_length : int or None
        Tokens read at once, text, statement and special ones together; None for what the model can.
    language : str
        Of the texts, for the sentence rules.
    device : str
        A torch device.
    cache : path or None
        File of a `VectorCache`, which may be the encoder's; None to keep nothing.
    n_bootstrap : int
        Resamples of statements behind intervals and draws.
    random_state : int

    Attributes
    ----------
    model_hash_ : str or None
        sha256 over the files that decide what the model computes, once it was loaded; None for a function.
    labels_ : tuple of str
        The model's classes; empty where it has one output, or is a function.
    max_tokens_ : int or None
    n_scored_, n_from_cache_, n_split_ : int
        Distinct pairs of the last call that the model read, that the cache had, and that were split.

    References
    ----------
    Yin, W., Hay, J. & Roth, D. (2019). Benchmarking zero-shot text classification: datasets, evaluation and entailment
    approach. EMNLP-IJCNLP, 3914-3923. Laurer, M., van Atteveldt, W., Casas, A. & Welbers, K. (2024). Less annotating,
    more classifying. Political Analysis 32(1), 84-100. Rao, J. N. K. & Wu, C. F. J. (1988). Resampling inference with
    complex survey data. JASA 83(401), 231-241 (m - 1 of m drawn).

    Examples
    --------
    A function stands in for a model here; ``model="path/to/model"`` is the usual way.

    >>> def shares_words(pairs):
    ...     return [len({*text.split()} & {*said.split()}) / len(said.split()) for text, said in pairs]
    >>> axis = CrossEncoderAxis(shares_words, ["a great day", "a bright era"], ["a risk", "at a cost"])
    >>> axis.predict(["it was a great day", "it came at a cost"]).round(2).tolist()
    [0.25, -0.42]
    >>> axis.predict_interval(["it was a great day"]).round(2).tolist()
    [[-0.17, 0.67]]
    >>> stance = CrossEncoderAxis(shares_words, ["praise for {target}"], ["doubts about {target}"])
    >>> stance.predict(["doubts about Rome", "praise for Oslo"], target="Rome").round(2).tolist()
    [-0.67, 0.67]
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Judge,
        positive: Sequence[str],
        negative: Sequence[str],
        *,
        max_length: Annotated[int, Ge(2)] | None = None,
        language: str = "en",
        device: str = "cpu",
        cache: str | os.PathLike[str] | None = None,
        n_bootstrap: Annotated[int, Ge(1)] = 2000,
        random_state: int = 0,
    ) -> None:
        self.model = model
        self.positive = positive
        self.negative = negative
        self.max_length = max_length
        self.language = language
        self.device = device
        self.cache = cache
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state

    def load(self) -> Self:
        """Find, check and load the model now, and set the attributes that describe it.

        Returns
        -------
        CrossEncoderAxis

        Raises
        ------
        ModelError
            If the model is missing, only there as pickled weights, no cross-encoder, without a class of entailment, or
            not the one a saved axis was made with.
        InputError
            If a statement is wrong, as in `entailment`, or `max_length` is more than the model reads.
        """
        check_parameters(self)
        self._statements()
        if callable(self.model):
            self.model_hash_: str | None = None
            self.labels_: tuple[str, ...] = ()
            self.max_tokens_: int | None = None
            return self
        asked = (os.fspath(self.model), self.device, self.max_length)
        if getattr(self, "_asked", None) != asked:
            folder = find_model(self.model, _OWNER)
            digest = model_hash(folder)
            expected = getattr(self, "_expected", None)
            if expected not in (None, digest):
                raise ModelError(
                    f"the axis was saved with a model of hash {expected[:12]}, but what is found under {asked[0]} has "
                    f"hash {digest[:12]}; give the former, or make the axis anew"
                )
            self._loaded = PairModel(folder, digest, self.device, self.max_length)
            self._asked = asked
            self.model_hash_, self.labels_, self.max_tokens_ = digest, self._loaded.labels, self._loaded.max_tokens
        return self

    def __getstate__(self) -> dict[str, Any]:
        # A copy or a pickle finds and loads the model again where it is used.
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name not in ("_loaded", "_asked")}

    def entailment(self, X: Any, target: str | Sequence[str] | None = None, progress: Progress | None = None) -> Floats:
        """Give p of each text and statement.

        Parameters
        ----------
        X : sequence of str, Embeddings, or Corpus
            The texts; identical ones are read once.
        target : str, or sequence of str of length n_texts, optional
            What stands in for ``{target}``, for all texts or each; needed where a statement has it, else refused.
        progress : callable, optional
            Called as ``progress("cross-encoder", done, total)``, in distinct pairs.

        Returns
        -------
        ndarray of float64, shape (n_texts, n_positive + n_negative)
            In [0, 1], to the precision of float32.

        Raises
        ------
        InputError
            If a text or statement is no text or empty, a pole has no statement, a statement comes twice, or `target` is
            wanting or not wanted.
        ModelError
            As in `load`.
        """
        texts = checked_texts(list(X.texts) if isinstance(X, Embeddings) else X)
        statements = self._statements()
        rows = [
            (text, statement.replace(_TARGET, name))
            for text, name in zip(texts, self._targets(target, len(texts)), strict=True)
            for statement in statements
        ]
        place = {pair: number for number, pair in enumerate(dict.fromkeys(rows))}
        found = self._judge(list(place), progress)
        return found[[place[pair] for pair in rows]].reshape(len(texts), len(statements))

    def _judge(self, pairs: list[tuple[str, str]], progress: Progress | None) -> Floats:
        self.load()
        if callable(self.model):
            self.n_scored_, self.n_from_cache_, self.n_split_ = len(pairs), 0, 0
            found = np.asarray(self.model(pairs) if pairs else [], dtype=np.float64)
            if found.shape != (len(pairs),) or not ((found >= 0) & (found <= 1)).all():
                raise InputError(
                    f"the function `model` gives an array of shape {found.shape} for {len(pairs)} pairs; it must give "
                    "each pair one number from 0 to 1"
                )
            return found
        from research.corpus import split_sentences

        language = language_code(self.language)
        sentences = {text: split_sentences(text, language) for text in dict.fromkeys(text for text, _ in pairs)}
        with VectorCache(self.cache) if self.cache is not None else nullcontext() as cache:
            scored = self._loaded.score(
                [Pair(text, statement, sentences[text]) for text, statement in pairs], cache, progress
            )
        counts = self._loaded
        self.n_scored_, self.n_from_cache_, self.n_split_ = counts.n_scored, counts.n_from_cache, counts.n_split
        return scored.astype(np.float64)

    def _statements(self) -> list[str]:
        for name, given in (("positive", self.positive), ("negative", self.negative)):
            if isinstance(given, str) or not len(given):
                found = repr(given) if isinstance(given, str) else "empty"
                raise InputError(f"`{name}` is {found}; give a list of statements, at least one")
            for each in given:
                if not isinstance(each, str) or not each.strip():
                    raise InputError(f"`{name}` holds {each!r}; a statement is a text that is not empty")
        statements = [*self.positive, *self.negative]
        twice = next((each for each in statements if statements.count(each) > 1), None)
        if twice is not None:
            raise InputError(f"the statement {twice!r} comes twice; each stands once, at one pole")
        return statements

    def _targets(self, target: str | Sequence[str] | None, n_texts: int) -> list[str]:
        wanted = any(_TARGET in each for each in (*self.positive, *self.negative))
        if wanted != (target is not None):
            raise InputError(
                f"a statement holds {_TARGET} and `target` is not given; name the target"
                if wanted
                else f"`target` is given and no statement holds {_TARGET}; write it where the target's name belongs"
            )
        names = [target or ""] * n_texts if target is None or isinstance(target, str) else list(target)
        if len(names) != n_texts:
            raise InputError(f"there are {n_texts} texts and {len(names)} targets; give one target, or one a text")
        if wanted and not all(isinstance(name, str) and name.strip() for name in names):
            raise InputError("a target is empty or no text; give the name by which the texts call it")
        return names

    def predict(self, X: Any, target: str | Sequence[str] | None = None, progress: Progress | None = None) -> Floats:
        """Give the score of each text in [-1, 1], +1 the positive pole, shape (n_texts,); arguments of `entailment`."""
        return self._score(self._poles(self.entailment(X, target, progress)))

    def predict_poles(self, X: Any, target: str | Sequence[str] | None = None) -> Floats:
        """Give mean p of the positive and of the negative statements, in [0, 1], shape (n_texts, 2)."""
        return self._poles(self.entailment(X, target))

    def predict_interval(self, X: Any, confidence: float = 0.95, target: str | Sequence[str] | None = None) -> Floats:
        """Give the interval of each score over the choice of statements, shape (n_texts, 2).

        Percentiles of the score with m - 1 of each pole's m statements drawn with replacement, which makes the variance
        of a mean unbiased (Rao & Wu 1988). It covers the wording: how far other statements, like those written, might
        move the score. It covers neither the model's own error nor the text's sentences. Few statements make it too
        narrow: of intervals of 95%, with normal p, .68 held the truth with 2 a pole, .90 with 4 and .93 with 8.

        Raises
        ------
        InputError
            If a pole has fewer than two statements, or `confidence` is not between 0 and 1.
        """
        return self._interval(self.entailment(X, target), confidence)

    def predict_draws(
        self, X: Any, n_draws: Annotated[int, Ge(1)] | None = None, target: str | Sequence[str] | None = None
    ) -> Floats:
        """Give draws of each score from the same uncertainty, for `estimate_groups`, shape (n_draws, n_texts).

        Draw b takes the same statements for all texts, so their error is shared between texts. None gives
        `n_bootstrap` draws.

        Raises
        ------
        InputError
            If a pole has fewer than two statements, or `n_draws` is below 1.
        """
        check_values(type(self).predict_draws, {"n_draws": n_draws})
        weights = self._weights(self.n_bootstrap if n_draws is None else n_draws)
        return np.ascontiguousarray(_combine(self.entailment(X, target), weights).T)

    def assess(
        self,
        X: Any,
        confidence: float = 0.95,
        target: str | Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> pl.DataFrame:
        """Give each text's score, its interval, and the two poles apart, reading each pair once.

        Returns
        -------
        polars.DataFrame
            One row a text, columns as in `FramingAxis.assess`.

        Raises
        ------
        InputError
            As in `entailment` and `predict_interval`.
        """
        import polars as pl

        self._weights(1)  # refuses too few statements before the model reads anything
        found = self.entailment(X, target, progress)
        interval, poles = self._interval(found, confidence), self._poles(found)
        return pl.DataFrame(
            {
                "framing": self._score(poles),
                "framing_low": interval[:, 0],
                "framing_high": interval[:, 1],
                "framing_positive_pole": poles[:, 0],
                "framing_negative_pole": poles[:, 1],
            }
        )

    def _poles(self, found: Floats) -> Floats:
        n = len(self.positive)
        weights = np.zeros((2, found.shape[1]))
        weights[0, :n], weights[1, n:] = 1 / n, 1 / len(self.negative)
        return _combine(found, weights)

    @staticmethod
    def _score(poles: Floats) -> Floats:
        score: Floats = poles[:, 0] - poles[:, 1]
        return score

    def _weights(self, n_draws: int) -> Floats:
        """Give what each statement weighs in each draw, shape (n_draws, n_statements)."""
        generator = np.random.default_rng([self.random_state, 9])
        parts = []
        self._statements()
        for name, sign, n in (("positive", 1, len(self.positive)), ("negative", -1, len(self.negative))):
            if n < 2:
                raise InputError(f"`{name}` has 1 statement; an interval over wordings needs at least 2 at each pole")
            drawn = generator.multinomial(n - 1, np.full(n, 1 / n), size=n_draws)
            parts.append(sign * drawn / (n - 1))
        return np.hstack(parts)

    def _interval(self, found: Floats, confidence: float) -> Floats:
        if not 0 < confidence < 1:
            raise InputError(f"`confidence` is {confidence}; it must lie between 0 and 1, such as 0.95")
        weights, score = self._weights(self.n_bootstrap), self._score(self._poles(found))
        tail = (1 - confidence) / 2
        ends = np.empty((len(found), 2))
        for first in range(0, len(found), _BLOCK):  # draws of a million texts at once would fill the memory
            block = slice(first, first + _BLOCK)
            ends[block] = np.quantile(_combine(found[block], weights), [tail, 1 - tail], axis=1).T
        # An interval holds its score, which may fall beside the percentiles where draws are few.
        return np.stack([np.minimum(ends[:, 0], score), np.maximum(ends[:, 1], score)], axis=1)

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give no arrays and a JSON-able dict: the parameters and the model's hash, not the model.

        Raises
        ------
        InputError
            If the model is a function.
        """
        if callable(self.model):
            raise InputError("`model` is a function, which cannot be saved; give the name or folder of a model")
        self.load()
        parameters = {name: plain(value) for name, value in self.get_params(deep=False).items()}
        parameters |= {"positive": list(self.positive), "negative": list(self.negative)}
        parameters |= {"model": os.fspath(self.model), "cache": None}
        return {}, {"version": _STATE_VERSION, "parameters": parameters, "model_hash": self.model_hash_}

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Make the axis again, without a cache; a model of another hash is refused when it is loaded.

        Raises
        ------
        ModelError
            If the state is of another version or incomplete.
        """
        check_version("cross-encoder axis", meta, _STATE_VERSION)
        with reading_state("cross-encoder axis"):
            axis = cls(**meta["parameters"])
            axis._expected = str(meta["model_hash"])
        return axis


def _combine(found: Floats, weights: Floats) -> Floats:
    """Give weighted sums over statements, shape (n_texts, n_weightings), summed row by row for repeatable bits."""
    combined: Floats = np.einsum("ns,bs->nb", found, weights, optimize=False)
    return combined
