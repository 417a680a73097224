"""One estimator from no label to many: the axis is the prior, labels move it, more features join as labels allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from annotated_types import Ge
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from research._folds import canonical_order, group_folds, read_names
from research._offset_logistic import OffsetLogistic
from research._shapes import check_version, plain, reading_state
from research._validate import check_parameters, validated
from research.embedding._embeddings import Embeddings
from research.errors import InputError
from research.framing._axis import FramingAxis
from research.framing._blocks import FEATURES, FEWEST, Further, choose_words, feature_block, read_extra, scale_of
from research.framing._problem import (
    Answer,
    Rule,
    best_threshold,
    class_places,
    class_probabilities,
    find_classes,
    learn,
    sigmoid,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["LabelledAxis"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Feature = Literal["axis", "extra", "last_layer", "words"]

_STATE_VERSION = 2
# Log-odds that the way from zero to a pole is worth before any label is seen; 1 to 2 did alike in trials.
_SLOPE = 1.5
_N_OUTER = 5
_RULES: tuple[Rule, ...] = ("axis alone", "labels alone", "axis and labels")
_ARRAYS = ("weights", "intercepts", "offsets", "calibration", "rarity", "extra_scale")


class LabelledAxis(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    r"""A framing axis as a classifier, moved by labelled texts no farther than they bear out.

    For a question of two answers, a text at position u on the axis (unclipped, the poles at -1 and +1) has log-odds

    .. math:: z(x) = 1.5\, t s\, u(x) + x \cdot w + b,

    with s = +1 where the answer belongs to the positive pole, -1 to the negative one, 0 to none. t is what labels say
    the axis is worth, fitted first and held to 1 as calibration holds a, below; b is free; w minimises the log loss
    plus ``penalty / 2 |w|^2``. **Candidates** are w = 0 (the axis alone) and penalties 10, 3, 1 and .3, but
    none below 48 / n_labels, on the axis's own features; on these and `extra`, numbers of your own such as the scores
    of a cross-encoder (from 16 labels on); on these and the encoder's last layer (from 32 labels on); on these and
    TF-IDF of words (from 128 labels on). Each set is scaled to mean squared length 1. **Chosen** is the first of them
    whose log loss, with documents left out in five folds, is within one standard error of the least: labels
    must earn a move, and a set of features its place.

    **Several classes** are one such question each, against the rest, and their probabilities are normalised.
    **Ordinal** ones (c_1 < c_2 < ...) are the questions whether y > c_k; a text's cumulative probabilities are sorted
    where they cross (Chernozhukov et al. 2009), and the median class is predicted.

    **Calibration**: logit p = a z + c, fitted to log-odds out of fold (Platt 1999), with normal priors that hold a to
    1 and c to 0 by 40 and 4 units of a text's information, so a handful of labels changes little. For two classes the
    **threshold** is the one with the best macro-F1 out of fold, in log-odds averaged with 0, which counts as ten texts.

    Parameters
    ----------
    axis : FramingAxis
        Fitted. It is never changed, and `sklearn.base.clone` keeps it.
    features : "auto", or sequence of {"axis", "extra", "last_layer", "words"}
        Sets that may be used, in this order, each on top of those before. An axis of arrays has only its own and
        `extra`.
    positive : label, optional
        Of two classes, or of the ends of an ordinal scale, the one at the positive pole. The default is the larger.
    poles : mapping of label to -1 or +1, optional
        Of several unordered classes, which belong to a pole. For the others the axis is no prior.
    ordinal : bool
        Whether the classes are numbers whose order counts.
    classes : sequence of labels, optional
        All classes, where the labels may lack some; with it even no label at all will do.
    nested : bool
        Whether to judge the estimator, `nested_`; it costs about fifteen fits.
    n_bootstrap : int
        Resamples of documents behind the intervals of `nested_`.
    random_state : int

    Attributes
    ----------
    classes_ : ndarray
    threshold_ : float
        Probability of the second class from which it is predicted; of two classes only, else .5.
    penalties_ : tuple of float
        Chosen for each question; infinite where the axis alone answers.
    sets_ : tuple of tuple of str
        Feature sets used for each question.
    nested_ : polars.DataFrame
        With all choices made again without each outer fold of documents: model ("axis alone", "labels alone", "axis and
        labels", and "gain", the last less the first), measure (auroc, macro_f1, log_loss, brier, ece), estimate, low,
        high (95% by bootstrap over documents; of ece centred on it, as resampling adds error), n_texts, n_documents.
        AUROC compares texts of one fold, since other folds have other intercepts, and is the mean over questions; of
        several classes ece is of the predicted class.
        Empty without `nested`, or where labels are too few; a saved model does not keep it.
    out_of_fold_ : ndarray of float64, shape (n_texts, n_classes)
        The probabilities behind it, in the order given, for `reliability_table`; not saved.
    warnings_ : list of str
        What is odd about the labels, in sentences.

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines. Chernozhukov, Fernández-Val & Galichon (2009),
    Improving point and interval estimators of monotone functions by rearrangement, Biometrika 96(3). Breiman et al.
    (1984), Classification and Regression Trees, on the rule of one standard error. Varma & Simon (2006), Bias in error
    estimation when using cross-validation for model selection, BMC Bioinformatics 7:91.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> poles = np.tile([-1, 0, 1], 20)
    >>> anchors = poles[:, None] * [1.0, 0.5] + 0.1 * rng.normal(size=(60, 2))
    >>> axis = FramingAxis(n_bootstrap=5).fit(anchors, poles, np.repeat(np.arange(20), 3))
    >>> y = np.tile(["plain", "praise"], 15)
    >>> X = (y == "praise")[:, None] * [0.5, 1.0] + 0.3 * rng.normal(size=(30, 2))
    >>> model = LabelledAxis(axis, n_bootstrap=20).fit(X, y)
    >>> model.predict([[2.0, 1.0], [-1.0, -0.5]]).tolist()
    ['praise', 'plain']
    >>> model.nested_.filter(measure="auroc")["model"].to_list()
    ['axis alone', 'labels alone', 'axis and labels', 'gain']
    """

    def __init__(
        self,
        axis: FramingAxis,
        features: str | Sequence[Feature] = "auto",
        positive: Any = None,
        poles: Mapping[Any, int] | None = None,
        ordinal: bool = False,
        classes: Sequence[Any] | None = None,
        nested: bool = True,
        n_bootstrap: Annotated[int, Ge(1)] = 1000,
        random_state: Annotated[int, Ge(0)] = 0,
    ) -> None:
        self.axis = axis
        self.features = features
        self.positive = positive
        self.poles = poles
        self.ordinal = ordinal
        self.classes = classes
        self.nested = nested
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state

    def __sklearn_clone__(self) -> Self:
        # The axis is what is known beforehand: a clone without it could not be fitted on labels.
        others = {
            name: clone(value, safe=False) for name, value in self.get_params(deep=False).items() if name != "axis"
        }
        return type(self)(axis=self.axis, **others)

    def fit(self, X: Any, y: ArrayLike, documents: ArrayLike | None = None, extra: ArrayLike | None = None) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        X : Embeddings or array of shape (n_texts, n_features)
            As the axis was fitted on; None where there are no labels.
        y : array, shape (n_texts,)
        documents : array, shape (n_texts,), optional
            Which document each text is from; texts of one document never check each other.
        extra : array, shape (n_texts,) or (n_texts, n_extra), optional
            Further numbers of each text, such as `CrossEncoderAxis.predict` gives; they are standardised, join as
            labels bear them out, and must then be given for every prediction, too.

        Raises
        ------
        InputError
            If the lengths differ, an extra number is not finite, a label is missing, no class or not among `classes`,
            or a parameter does not fit the labels.
        """
        check_parameters(self)
        if not isinstance(self.axis, FramingAxis):
            raise InputError(f"`axis` is a {type(self.axis).__name__}; give a fitted FramingAxis")
        check_is_fitted(self.axis)
        return self._fit_on(*self._read(X, y, extra), documents)

    def _further(self, X: Any, extra: Floats | None) -> Further:
        return Further(X if isinstance(X, Embeddings) and self.axis.uses_embeddings_ else None, extra)

    def _fit_on(
        self, labels: NDArray[Any], own: Floats, further: Further, documents: ArrayLike | None, prior: bool = True
    ) -> Self:
        """Fit on the axis's features; without the prior only the learning curve does."""
        from threadpoolctl import threadpool_limits

        if documents is not None and np.size(documents) != len(labels):
            raise InputError(f"there are {np.size(documents)} documents and {len(labels)} labels; give one a text")
        self.warnings_: list[str] = []
        self.classes_ = find_classes(labels, self.classes, self.ordinal)
        codes = np.searchsorted(self.classes_, labels).astype(np.int64)
        self._priors = self._find_priors()
        names = [""] * len(codes) if documents is None else read_names(documents, "document")
        known = own if further.extra is None else np.hstack([own, further.extra])
        order = canonical_order(known, codes.astype(np.float64), names)
        codes, own = codes[order], own[order]
        groups = [f"{rank:09d}" if documents is None else names[row] for rank, row in enumerate(order)]
        taken = further.take(order)
        with threadpool_limits(1):  # the bits of a BLAS product depend on how many threads there are
            self._learn(own, taken, codes, groups, "axis and labels" if prior else "labels alone")
            self._judge(codes, groups, order)
        return self

    def _read(self, X: Any, y: ArrayLike, extra: ArrayLike | None) -> tuple[NDArray[Any], Floats, Further]:
        """Give the labels, the axis's features and what else there is."""
        labels, own = self._read_texts(X, y)
        return labels, own, self._further(X, None if extra is None or not len(own) else read_extra(extra, len(own)))

    def _read_texts(self, X: Any, y: ArrayLike) -> tuple[NDArray[Any], Floats]:
        if self.classes is not None and y is not None and np.size(y) == 0 and (X is None or not len(X)):
            self.n_features_in_ = self.axis.n_features_in_
            return np.asarray(list(self.classes))[:0], np.zeros((0, self.axis.scale_.n_features_in_))
        if X is None:
            raise InputError("there are no texts; to let the axis alone answer, give no labels and name the `classes`")
        _refuse_missing(y)
        if isinstance(X, Embeddings) and self.axis.uses_embeddings_:
            labels = np.asarray(y)
            if labels.ndim != 1 or len(labels) != len(X):
                raise InputError(f"there are {len(X)} texts and {np.size(labels)} labels; give one label a text")
            self.n_features_in_ = X.vectors.shape[1]
            own = self.axis._features(X)
        else:
            array, labels = validated(self, X, y, dtype=np.float64)
            own = self.axis._features(array)
        if len(labels):
            try:
                check_classification_targets(labels)
            except ValueError as error:
                raise InputError(
                    f"labels must be classes ({str(error).split('. ')[0]}); give names or whole numbers"
                ) from None
        return labels, own

    def _find_priors(self) -> Floats:
        """Give, for each question, what a unit of the axis is worth in log-odds."""
        classes = self.classes_.tolist()
        ends = [classes[0], classes[-1]]
        if len(classes) > 2 and not self.ordinal:
            if self.positive is not None:
                raise InputError(
                    "`positive` is for two classes or an ordinal scale; say by `poles` where classes belong"
                )
            poles = dict(self.poles or {})
            for label, pole in poles.items():
                if label not in classes or pole not in (-1, 0, 1):
                    raise InputError(f"`poles` maps {label!r} to {pole!r}; it maps labels that occur to -1, 0 or +1")
            if not any(poles.values()):
                self.warnings_.append("no class belongs to a pole, so the axis says nothing and labels decide alone")
            return _SLOPE * np.array([float(poles.get(label, 0)) for label in classes])
        if self.poles is not None:
            raise InputError(
                "`poles` is for several unordered classes; name the class at the positive pole by `positive`"
            )
        if self.positive is not None and self.positive not in ends:
            raise InputError(f"`positive` is {self.positive!r}; it is one of {ends[0]!r} and {ends[1]!r}")
        sign = -1.0 if len(classes) > 1 and self.positive is not None and self.positive == ends[0] else 1.0
        return np.full(max(len(classes) - 1, 1), sign * _SLOPE)

    def _targets(self, codes: Integers) -> Floats:
        """Give the answers to each question, shape (n_questions, n_texts)."""
        if self._one_against_rest:
            return np.stack([codes == k for k in range(len(self.classes_))]).astype(np.float64)
        return np.stack([codes > k for k in range(max(len(self.classes_) - 1, 1))]).astype(np.float64)

    @property
    def _one_against_rest(self) -> bool:
        return len(self.classes_) > 2 and not self.ordinal

    def _learn(self, own: Floats, further: Further, codes: Integers, groups: list[str], rule: Rule) -> None:
        names = self._names(further, len(codes))
        embeddings = further.embeddings if "words" in names else None
        self.words_, self.rarity_ = choose_words(() if embeddings is None else embeddings.texts)
        self.extra_scale_ = scale_of(further.extra)
        blocks = [self._block(name, own, further) for name in names]
        # A set of more blocks weighs each less, and blocks of any length come to mean squared length 1.
        lengths = [max(float(np.sqrt(np.mean(np.sum(b**2, axis=1)))), 1e-12) if b.size else 1.0 for b in blocks]
        scaled = [block / length for block, length in zip(blocks, lengths, strict=True)]
        joined = [np.hstack(scaled[: k + 1]) / np.sqrt(k + 1) for k in range(len(names))]
        # Without labels nothing is fitted, and there is nothing to decompose.
        self._models = [(features, OffsetLogistic(features)) for features in joined] if len(codes) else []
        position = self.axis.scale_.position(own) if len(codes) else np.zeros(0)
        self._position = position
        answers = self._answer(codes, groups, np.arange(len(codes)), rule)
        priors = self._priors if rule != "labels alone" else 0.0 * self._priors
        self.offsets_ = priors * [answer.trust for answer in answers]
        ends = np.cumsum([0, *(block.shape[1] for block in blocks)])
        self.weights_ = np.zeros((len(answers), ends[-1]))
        for row, answer in enumerate(answers):
            for k in range(answer.chosen_set + 1 if len(answer.weights) else 0):
                part = slice(ends[k], ends[k + 1])
                self.weights_[row, part] = answer.weights[part] / (lengths[k] * np.sqrt(answer.chosen_set + 1))
        self.intercepts_ = np.array([answer.intercept for answer in answers])
        self.calibration_ = np.array([[answer.slope, answer.shift] for answer in answers])
        self.penalties_ = tuple(float(answer.penalty) for answer in answers)
        self.sets_ = tuple(
            tuple(names[: answer.chosen_set + 1]) if np.isfinite(answer.penalty) else () for answer in answers
        )
        self.blocks_ = tuple(zip(names, (block.shape[1] for block in blocks), strict=True))
        cut = best_threshold(answers[0].log_odds, self._targets(codes)[0]) if len(self.classes_) == 2 else 0.0
        self.threshold_ = float(sigmoid(np.array(cut)))
        self._warn(codes, groups)

    def _block(self, name: str, own: Floats, further: Further) -> Floats:
        return feature_block(name, own, further, self.words_, self.rarity_, self.extra_scale_)

    def _names(self, further: Further, n: int) -> list[str]:
        wanted: list[str] = [self.features] if isinstance(self.features, str) else [*self.features]
        if wanted == ["auto"]:
            wanted = list(FEATURES)
        for name in wanted:
            if name not in FEATURES:
                raise InputError(f"`features` names {name!r}; it is 'auto', or a list of {', '.join(FEATURES)}")
        if not wanted:
            raise InputError(f"`features` is empty; give 'auto', or a list of {', '.join(FEATURES)}")
        able = [name for name in dict.fromkeys(wanted) if n >= FEWEST[name] and further.has(name)]
        self._able = bool(able)
        if not able and n:
            why = [
                f"{name} needs {FEWEST[name]} labels" if further.has(name) else f"there is nothing to make {name} of"
                for name in wanted
            ]
            self.warnings_.append(
                f"none of the features that were asked for can be used with {n} labels ({', '.join(why)}), so the axis "
                "alone answers"
            )
        return able or ["axis"]

    def _answer(self, codes: Integers, groups: list[str], rows: Integers, rule: Rule) -> list[Answer]:
        if not self._able and rule == "axis and labels":
            rule = "axis alone"  # labels say what it is worth, and no features that were not asked for
        return [
            learn(self._models, target, offset * self._position, groups, rows, rule, self.random_state)
            for target, offset in zip(self._targets(codes), self._priors, strict=True)
        ]

    def _warn(self, codes: Integers, groups: list[str]) -> None:
        n, present = len(codes), np.unique(codes)
        if not n:
            self.warnings_.append("there are no labels, so the axis alone answers")
        elif len(self.classes_) == 1:
            self.warnings_.append(
                f"all {n} labels are {self.classes_[0]!r} and no other class is known, so nothing else is ever "
                "predicted; name the other by `classes`"
            )
        elif len(present) < len(self.classes_):
            lacking = self.classes_[np.setdiff1d(np.arange(len(self.classes_)), present)].tolist()
            self.warnings_.append(
                f"no label is of the class(es) {', '.join(map(repr, lacking))}, so there the axis answers"
            )
        elif len(set(groups)) < 2:
            self.warnings_.append(
                "all labels are from one document, so nothing can check them and the axis alone answers"
            )
        elif self._able and not any(map(np.isfinite, self.penalties_)):
            self.warnings_.append(f"{n} labels did not earn a move out of fold, so the axis alone answers")

    def _judge(self, codes: Integers, groups: list[str], order: Integers) -> None:
        from research.framing._nested import Judged, judge

        self.out_of_fold_ = np.full((len(codes), len(self.classes_)), np.nan)
        judged: dict[Rule, Judged] = {}
        possible = self.nested and len(np.unique(codes)) > 1 and len(set(groups)) > 1
        fold = group_folds(groups, self.random_state + 1, _N_OUTER) if possible else np.zeros(len(codes), np.int64)
        for rule in _RULES if possible else ():
            log_odds = np.zeros((len(codes), len(self._priors)))
            predicted = np.zeros(len(codes), np.int64)
            for number in np.unique(fold):
                train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
                answers = self._answer(codes, groups, train, rule)
                for k, answer in enumerate(answers):
                    base = 0.0 if rule == "labels alone" else self._priors[k]
                    features = self._models[answer.chosen_set][0][test]
                    log_odds[test, k] = answer.of(base * self._position[test], features)
                cut = 0.0
                if len(self.classes_) == 2:
                    cut = best_threshold(answers[0].log_odds, self._targets(codes[train])[0])
                predicted[test] = class_places(log_odds[test], len(self.classes_), self._one_against_rest, cut)
            judged[rule] = Judged(
                log_odds, class_probabilities(log_odds, len(self.classes_), self._one_against_rest), predicted
            )
        self.nested_: pl.DataFrame = judge(
            judged, codes, self._targets(codes), fold, groups, self.n_bootstrap, self.random_state
        )
        if judged:
            self.out_of_fold_[order] = judged["axis and labels"].probability
        # Only fitting needs these, and they hold the training texts' features.
        del self._models, self._position, self._priors

    def _log_odds(self, X: Any, extra: ArrayLike | None = None) -> Floats:
        """Give the calibrated log-odds of each question, shape (n_texts, n_questions)."""
        check_is_fitted(self, "calibration_")
        n_extra = self.extra_scale_.shape[1]
        if n_extra and extra is None:
            raise InputError(f"{n_extra} extra number(s) a text came with the labels; give `extra` for these texts too")
        if extra is not None and not n_extra:
            raise InputError("no extra numbers came with the labels; leave `extra` out")
        # An axis of embeddings says itself what it needs.
        given = X if self.axis.uses_embeddings_ else validated(self, X, reset=False, dtype=np.float64)
        own = self.axis._features(given)
        numbers = None if extra is None else read_extra(extra, len(own), n_extra)
        return self._log_odds_of(own, self._further(given, numbers))

    def _log_odds_of(self, own: Floats, further: Further) -> Floats:
        position = self.axis.scale_.position(own)
        used = {name for names in self.sets_ for name in names}
        moves = np.zeros((len(own), len(self.weights_)))
        start = 0
        for name, width in self.blocks_:
            part = slice(start, start + width)
            start += width
            if name not in used:
                continue
            block = np.ascontiguousarray(self._block(name, own, further))
            for k, weights in enumerate(self.weights_[:, part]):
                # Summed row by row: a BLAS product's bits would depend on how many texts there are.
                moves[:, k] += np.einsum("nd,d->n", block, weights, optimize=False)
        inner = position[:, None] * self.offsets_ + moves + self.intercepts_
        result: Floats = inner * self.calibration_[:, 0] + self.calibration_[:, 1]
        return result

    def decision_function(self, X: Any, extra: ArrayLike | None = None) -> Floats:
        """Give log-odds: of two classes those of the second above `threshold_`, shape (n_texts,), else one column each.

        Of ordinal classes the columns are the questions whether y > c_k, one fewer than classes.
        """
        log_odds = self._log_odds(X, extra)
        if len(self.classes_) > 2:
            return log_odds
        return log_odds[:, 0] - self._cut

    @property
    def _cut(self) -> float:
        return float(np.log(self.threshold_) - np.log1p(-self.threshold_))

    def predict_proba(self, X: Any, extra: ArrayLike | None = None) -> Floats:
        """Give calibrated probabilities, columns in the order of `classes_`, shape (n_texts, n_classes)."""
        return class_probabilities(self._log_odds(X, extra), len(self.classes_), self._one_against_rest)

    def predict(self, X: Any, extra: ArrayLike | None = None) -> NDArray[Any]:
        """Give the class of each text: by `threshold_`, the likeliest of several, the median of ordinal ones."""
        log_odds = self._log_odds(X, extra)
        predicted: NDArray[Any] = self.classes_[
            class_places(log_odds, len(self.classes_), self._one_against_rest, self._cut)
        ]
        return predicted

    def score(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, extra: ArrayLike | None = None
    ) -> float:
        """Give the share of texts whose class is predicted right."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(y, self.predict(X, extra), sample_weight=sample_weight))

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give everything that prediction needs, the axis included, as arrays and a JSON-able dict."""
        check_is_fitted(self)
        axis_arrays, axis = self.axis.to_state()
        arrays = {f"axis_{name}": array for name, array in axis_arrays.items()}
        arrays |= {f"labelled_{name}": np.asarray(getattr(self, f"{name}_")) for name in _ARRAYS}
        parameters = {name: plain(value) for name, value in self.get_params(deep=False).items()}
        del parameters["axis"]
        parameters["poles"] = None if self.poles is None else [[plain(k), int(v)] for k, v in self.poles.items()]
        parameters["classes"] = None if self.classes is None else [plain(label) for label in self.classes]
        parameters["positive"] = plain(self.positive)
        parameters["features"] = self.features if isinstance(self.features, str) else list(self.features)
        return arrays, {
            "version": _STATE_VERSION,
            "parameters": parameters,
            "axis": axis,
            "classes": self.classes_.tolist(),
            "threshold": self.threshold_,
            "penalties": [None if np.isinf(penalty) else penalty for penalty in self.penalties_],
            "sets": [list(names) for names in self.sets_],
            "blocks": [list(block) for block in self.blocks_],
            "words": list(self.words_),
            "n_features_in": self.n_features_in_,
            "warnings": list(self.warnings_),
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Make the classifier again; it predicts the same bits.

        Raises
        ------
        ModelError
            If the state is of another version or incomplete.
        """
        check_version("classifier", meta, _STATE_VERSION)
        with reading_state("classifier"):
            parameters = dict(meta["parameters"])
            poles = parameters["poles"]
            parameters["poles"] = None if poles is None else dict(poles)
            ours = {name.removeprefix("axis_"): array for name, array in arrays.items() if name.startswith("axis_")}
            model = cls(axis=FramingAxis.from_state(ours, meta["axis"]), **parameters)
            for name in _ARRAYS:
                setattr(model, f"{name}_", np.ascontiguousarray(arrays[f"labelled_{name}"], dtype=np.float64))
            model.classes_ = np.array(meta["classes"])
            model.threshold_ = float(meta["threshold"])
            model.penalties_ = tuple(np.inf if penalty is None else float(penalty) for penalty in meta["penalties"])
            model.sets_ = tuple(tuple(names) for names in meta["sets"])
            model.blocks_ = tuple((str(name), int(width)) for name, width in meta["blocks"])
            model.words_ = list(meta["words"])
            model.n_features_in_ = int(meta["n_features_in"])
            model.warnings_ = list(meta["warnings"])
        return model


def _refuse_missing(y: Any) -> None:
    labels: Sequence[Any] = [] if y is None else np.asarray(y, dtype=object).ravel().tolist()
    for row, label in enumerate(labels):
        # NaN is no equal of its own; pandas' NA gives no answer, and goes by its type.
        if (
            label is None
            or type(label).__name__ in ("NAType", "NaTType")
            or (isinstance(label, Real) and label != label)
        ):
            raise InputError(f"label {row} (from 0) is missing; leave rows without a label out, of texts and labels")
