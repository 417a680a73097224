"""What more labels bring: draws of some sizes, judged on documents that were not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from research._folds import read_names
from research._validate import check_values
from research.errors import InputError
from research.framing._blocks import Further
from research.framing._labelled import LabelledAxis
from research.framing._problem import auroc

if TYPE_CHECKING:
    import polars as pl

__all__ = ["learning_curve"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# The share of the texts that must be left to judge on.
_LEAST_JUDGED = 0.2
_MODELS = ("axis alone", "labels alone", "axis and labels", "gain")


def learning_curve(
    estimator: LabelledAxis,
    X: Any,
    y: ArrayLike,
    documents: ArrayLike | None = None,
    sizes: Sequence[int] = (8, 16, 32, 64, 128, 256),
    n_draws: Annotated[int, Ge(1)] = 50,
    random_state: int = 0,
    extra: ArrayLike | None = None,
) -> pl.DataFrame:
    """Say how well the axis, labels, and both tell the classes with so many labels.

    Each draw takes whole documents in random order until the labels are enough (of the last one, the first texts), and
    is judged on all texts of documents not drawn. Sizes that leave less than a fifth of the texts are left out.

    Parameters
    ----------
    estimator : LabelledAxis
        Its parameters are used; it need not be fitted and stays as it is.
    X : Embeddings or array of shape (n_texts, n_features)
    y : array, shape (n_texts,)
    documents : array, shape (n_texts,), optional
        Which document each text is from; None takes each for its own.
    sizes : sequence of int
    n_draws : int
    random_state : int
    extra : array, shape (n_texts,) or (n_texts, n_extra), optional
        As in `LabelledAxis.fit`.

    Returns
    -------
    polars.DataFrame
        A row for each size and model ("axis alone", "labels alone", "axis and labels", and "gain", the last less the
        first): size, model, auroc (mean over draws; of several classes the mean over questions), low, high (95% of
        draws lie between: what one set of labels may get), n_draws (judged).

    Raises
    ------
    InputError
        If no size is small enough, or lengths differ.

    Examples
    --------
    >>> from research.framing import FramingAxis
    >>> rng = np.random.default_rng(0)
    >>> poles = np.tile([-1, 0, 1], 20)
    >>> axis = FramingAxis(n_bootstrap=5).fit(poles[:, None] + 0.1 * rng.normal(size=(60, 2)), poles)
    >>> y = np.tile([0, 1], 30)
    >>> X = y[:, None] * [0.3, 0.6] + 0.4 * rng.normal(size=(60, 2))
    >>> learning_curve(LabelledAxis(axis), X, y, sizes=(8, 16), n_draws=3).height
    8
    """
    import polars as pl

    check_values(learning_curve, {"n_draws": n_draws})
    labels, own, further = clone(estimator)._read(X, y, extra)
    if documents is not None and np.size(documents) != len(labels):
        raise InputError(f"there are {np.size(documents)} documents and {len(labels)} labels; give one a text")
    given = np.arange(len(labels)) if documents is None else read_names(documents, "document")
    names, document = np.unique(given, return_inverse=True)
    fitting = [size for size in sizes if 1 <= size <= (1 - _LEAST_JUDGED) * len(labels)]
    classes = (np.unique(labels) if estimator.classes is None else np.asarray(list(estimator.classes))).tolist()
    rows: list[tuple[Any, ...]] = []
    for size in fitting:
        values = np.full((n_draws, len(_MODELS)), np.nan)
        for draw in range(n_draws):
            generator = np.random.default_rng([random_state, size, draw])
            drawn, rest = _draw(generator, document, len(names), size)
            if len(rest) >= _LEAST_JUDGED * len(labels):
                values[draw] = _values(estimator, classes, own, further, labels, documents, drawn, rest)
        if np.isnan(values).all():
            continue
        for k, model in enumerate(_MODELS):
            known = values[np.isfinite(values[:, k]), k]
            if len(known):
                low, high = np.quantile(known, [0.025, 0.975])
                rows.append((size, model, float(known.mean()), float(low), float(high), len(known)))
            else:
                rows.append((size, model, None, None, None, 0))
    if not rows:
        raise InputError(
            f"none of the sizes {list(sizes)} leaves a fifth of the {len(labels)} texts, of documents not drawn, to "
            "judge on; give smaller sizes or texts of more documents"
        )
    schema = {
        "size": pl.Int64,
        "model": pl.String,
        "auroc": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "n_draws": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _draw(generator: np.random.Generator, document: Integers, n: int, size: int) -> tuple[Integers, Integers]:
    """Give the rows drawn, and those of documents not drawn."""
    place = generator.permutation(n)[document]
    order = np.argsort(place, kind="stable")
    drawn = np.sort(order[:size])
    return drawn, np.flatnonzero(~np.isin(document, document[drawn]))


def _values(
    estimator: LabelledAxis,
    classes: list[Any],
    own: Floats,
    further: Further,
    labels: NDArray[Any],
    documents: ArrayLike | None,
    drawn: Integers,
    rest: Integers,
) -> Floats:
    """Give the AUROC of the four models."""
    given = None if documents is None else np.asarray(documents)[drawn]
    few, many = further.take(drawn), further.take(rest)
    fitted = []
    for prior in (True, False):
        model = clone(estimator).set_params(nested=False, classes=classes)
        model.n_features_in_ = estimator.axis.n_features_in_
        fitted.append(model._fit_on(labels[drawn], own[drawn], few, given, prior))
    both, alone = (model._log_odds_of(own[rest], many) for model in fitted)
    targets = fitted[0]._targets(np.searchsorted(fitted[0].classes_, labels[rest])) > 0
    axis = estimator.axis.scale_.position(own[rest])[:, None] * fitted[0].offsets_
    # Of a question whose answers belong to no pole the axis says nothing: equal scores, an AUROC of a half.
    means = [np.mean([auroc(truth, z[:, k]) for k, truth in enumerate(targets)]) for z in (axis, alone, both)]
    return np.array([*means, means[2] - means[0]])
