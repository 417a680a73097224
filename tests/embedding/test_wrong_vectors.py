"""Vectors that do not fit together, or are no finite numbers, are refused before anything is computed from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from research import Embeddings, FramingAxis, StanceScorer, ThemeModel, find_mentions
from research.embedding import Segments
from research.errors import ConfigError, InputError, ResearchError
from research.stance import Target

N, WIDTH = 12, 4
VECTORS = np.random.default_rng(0).normal(size=(N, WIDTH)).astype(np.float32)
LABELS = np.repeat([-1.0, 0.0, 1.0], N // 3)


def segments(n: int = N, width: int = WIDTH) -> Segments:
    return Segments(
        VECTORS[:n, :width], np.arange(n), np.zeros(n, np.int64), np.ones(n, np.int64), VECTORS[:n, None, :width]
    )


def embeddings(**other: Any) -> Embeddings:
    given: dict[str, Any] = {
        "texts": tuple(f"Text {n}." for n in range(N)),
        "vectors": VECTORS,
        "layers": VECTORS[:, None, :],
        "sentences": segments(),
        "spans": segments(0),
        "n_tokens": np.ones(N, np.int64),
        "n_pieces": np.ones(N, np.int64),
    }
    return Embeddings(**{**given, **other})


def with_value(value: float) -> np.ndarray:
    changed = VECTORS.copy()
    changed[7, 2] = value
    return changed


def test_right_ones_are_taken() -> None:
    assert embeddings().shape == (N, WIDTH)
    assert embeddings(vectors=VECTORS.astype(np.float64) * 1e300).shape == (N, WIDTH)  # overflows summed, and is finite
    assert len(embeddings().take([3, 3, 0])) == 3


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"vectors": with_value(np.nan)}, "`vectors` is NaN or infinite in row 7"),
        ({"vectors": with_value(np.inf)}, "`vectors` is NaN or infinite in row 7"),
        ({"layers": with_value(-np.inf)[:, None]}, "`layers` is NaN or infinite in row 7"),
        ({"vectors": (100 * VECTORS).astype(np.int8)}, "`vectors` holds int8"),
        ({"vectors": VECTORS.astype(object)}, "`vectors` holds object"),
        ({"vectors": VECTORS.astype(complex)}, "`vectors` holds complex"),
        ({"vectors": VECTORS.tolist()}, "`vectors` is a list"),
        ({"vectors": VECTORS[0]}, "`vectors` has 1 axes; it must have 2"),
        ({"vectors": VECTORS[None]}, "`vectors` has 3 axes; it must have 2"),
        ({"layers": VECTORS}, "`layers` has 2 axes; it must have 3"),
        ({"vectors": VECTORS[:5]}, "`texts` has 12 entries and `vectors` 5"),
        ({"texts": ("One.",)}, "`texts` has 1 entries and `vectors` 12"),
        ({"n_tokens": np.ones(3, np.int64)}, "`n_tokens` 3"),
        ({"vectors": VECTORS[:, :2]}, "`vectors` has 2 columns and `sentences` 4"),
        ({"spans": segments(width=3)}, "`vectors` has 4 columns and `spans` 3"),
        ({"sentences": replace(segments(), paragraph=np.arange(N) + 5)}, "`sentences` are of paragraphs 5 to 16"),
    ],
)
def test_wrong_ones_are_refused(other: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=r"^[^\n]*$") as refused:
        embeddings(**other)
    assert said in str(refused.value)


def test_wrong_segments_are_refused() -> None:
    with pytest.raises(InputError, match="`vectors` has 12 entries and `start` 3"):
        replace(segments(), start=np.zeros(3, np.int64))
    with pytest.raises(InputError, match="row 7"):
        replace(segments(), vectors=with_value(np.nan))


WRONG = {
    "nan": with_value(np.nan),
    "infinite": with_value(np.inf),
    "one axis": VECTORS[0],
    "three axes": VECTORS[None],
    "no rows": VECTORS[:0],
    "texts": np.array([["a", "b"]] * N),
    "objects": np.array([[{}, 1, 2, 3]] * N, dtype=object),
    "complex": VECTORS.astype(complex),
    "ragged": [[1.0, 2.0], [3.0]],
    "nothing": None,
}


@pytest.mark.parametrize("what", list(WRONG))
@pytest.mark.parametrize(
    "use",
    [
        lambda X: ThemeModel(n_resamples=0).fit(X),
        lambda X: ThemeModel(n_resamples=0).fit(VECTORS).assign(X),
        lambda X: FramingAxis(n_bootstrap=3).fit(X, LABELS),
        lambda X: FramingAxis(n_bootstrap=3).fit(VECTORS + LABELS[:, None], LABELS).assess(X),
        lambda X: StanceScorer(n_bootstrap=3).fit(X, LABELS),
        lambda X: StanceScorer(n_bootstrap=3).fit(VECTORS + LABELS[:, None], LABELS).predict(X),
    ],
    ids=["themes fit", "themes assign", "axis fit", "axis assess", "stance fit", "stance predict"],
)
def test_wrong_arrays_are_refused(use: Callable[[Any], Any], what: str) -> None:
    with pytest.raises(InputError, match=r"^[^\n]*$"):
        use(WRONG[what])


def test_another_width_is_refused() -> None:
    axis = FramingAxis(n_bootstrap=3).fit(VECTORS + LABELS[:, None], LABELS)
    with pytest.raises(InputError, match="3 features"):
        axis.assess(VECTORS[:, :3])
    with pytest.raises(InputError, match="3 features"):
        ThemeModel(n_resamples=0).fit(VECTORS).assign(VECTORS[:, :3])


@pytest.mark.parametrize("labels", [[1, 0], ["a"] * N, None, [np.nan] * N])
def test_wrong_labels_are_refused(labels: Any) -> None:
    for estimator in (FramingAxis(), StanceScorer()):
        with pytest.raises(InputError):
            estimator.fit(VECTORS, labels)


def test_stance_needs_embeddings_and_mentions() -> None:
    scorer = StanceScorer(n_bootstrap=3).fit(VECTORS + LABELS[:, None], LABELS)
    target = Target("india", "India", ("India",))
    with pytest.raises(InputError, match="this is a ndarray"):
        scorer.assess(VECTORS, find_mentions(["India won."], [target]))
    with pytest.raises(InputError, match="the mentions are a list"):
        scorer.assess(embeddings(), [])


@pytest.mark.parametrize("texts", [None, 5, [None], [3]])
def test_mentions_need_texts(texts: Any) -> None:
    with pytest.raises(InputError, match=r"give a list of texts|leave such rows out"):
        find_mentions(texts, [Target("india", "India", ("India",))])


def test_mentions_need_targets() -> None:
    with pytest.raises(ConfigError, match="give `Target`s"):
        find_mentions(["India won."], ["India"])  # type: ignore[list-item]
    for aliases in ("India", [None]):
        with pytest.raises(ResearchError, match="give a tuple of texts"):
            Target("india", "India", aliases)  # type: ignore[arg-type]
