"""Why a text has its framing score: what each word, style device and sentence adds, and whether that can be trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from research.embedding._embeddings import Embeddings, TokenStates
from research.embedding._encoder import Encoder
from research.errors import InputError
from research.framing._anchors import Anchors
from research.framing._axis import FramingAxis
from research.framing._features import STYLE_WEIGHT, embedding_blocks
from research.framing._style import STYLE_FEATURES, style_features

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Explanation", "Faithfulness", "explain", "faithfulness"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Span = tuple[int, int]
Method = Literal["states", "deletion"]

_WORD = re.compile(r"\S+")
_RESAMPLES = 2000


@dataclass(frozen=True)
class Explanation:
    """What makes up the framing score of one text, in units of the scale (the poles stand at -1 and +1).

    ``words["contribution"].sum() + style["contribution"].sum() + baseline`` is `position`, to rounding.

    Attributes
    ----------
    text : str
    position : float
        The score before it is clipped to the scale.
    score : float
        As `FramingAxis.predict` gives it, in [-1, 1].
    words : polars.DataFrame
        One row a word (what stands between white space): word, start, end (characters, `end` excluded), contribution
        and change. `contribution` is the word's part of the position: its share of the text, times where that share of
        the text stands. `change` is how far the position moves when the word alone is deleted, as `explain` says;
        null if it is the only word. The words that hold a score up have a negative change: mark by it.
    style : polars.DataFrame
        One row a style device: device, rate in [0, 1), contribution. Without rows where the axis does not use style.
    baseline : float
        The part of the tokens that the model adds to every text.
    sentences : polars.DataFrame
        One row a sentence: sentence, start, end, position (of the sentence, read in its context), change (how far the
        text's position moves when the sentence is deleted and the rest is read anew; null if it is the only one).
    nearest_anchors : polars.DataFrame or None
        anchor, pole, voice, subject, similarity in [-1, 1]; the nearest of each voice, from the positive pole to the
        negative. None if no anchors were given.
    """

    text: str
    position: float
    score: float
    words: pl.DataFrame
    style: pl.DataFrame
    baseline: float
    sentences: pl.DataFrame
    nearest_anchors: pl.DataFrame | None = None


@dataclass(frozen=True)
class Faithfulness:
    """How much farther the marked words move scores than random ones.

    Attributes
    ----------
    ratio : float
        `marked` / `random`.
    low, high : float
        Bootstrap interval of the ratio over the texts (percentiles).
    marked : float
        Mean distance by which positions move toward the other side when the marked words are deleted; a move the wrong
        way counts as negative.
    random : float
        Mean distance, either way, when as many random words are deleted.
    n_texts : int
    """

    ratio: float
    low: float
    high: float
    marked: float
    random: float
    n_texts: int


def explain(
    axis: FramingAxis,
    encoder: Encoder,
    text: str,
    anchors: Anchors | None = None,
    *,
    n_anchors: int = 3,
    method: Method = "states",
) -> Explanation:
    r"""Say what a text's framing score is made of.

    The position is a function of the mean-pooled states of the layers, brought to unit length, and of the style rates,
    and no line; so its slope at the text is used (`AnchoredScale.gradient`). With h_tl the state of
    token t of T at layer l, m_l their mean, w_l the slope at that layer (divided by the root of the number of layers),
    token t gives::

        a_tl = w_l . h_tl / (T |m_l|),

    and these add up to the slope times the features. All tokens of a text share a large common part, though, which
    makes a_tl mostly a matter of how many there are. So it is split, with ``s_tl = m_l . h_tl / (T |m_l|^2)`` the
    token's share of the text (shares sum to 1, as do their means s_t over the layers)::

        pull_t = sum_l (a_tl - s_tl sum_t a_tl),        contribution_t = pull_t + s_t (position - style).

    Pulls sum to 0: they are what sets a token apart from its text, and -pull_t is, to first order, how far the position
    moves when the token is left out of the mean. Contributions sum to the position less the style devices' part.

    A word's `change` is estimated from the pulls of its tokens and the exact change of the style rates without it
    (`method="states"`), or measured by reading the text again without it (`method="deletion"`): better and as many
    readings as there are words. `faithfulness` with the celebratory axis of its anchors alone, on 60 paragraphs of US
    news (40 for the last row), deleting a tenth or a fifth of the words:

    ==============================================  =====  =====
    words marked by                                 tenth  fifth
    ==============================================  =====  =====
    a_tl                                            3.6    4.0
    a_tl less the mean of the text's tokens         3.6    4.1
    contribution                                    3.5    3.9
    pull                                            3.7    4.1
    style rates without the word                    1.4    0.9
    **pull and style rates without the word**       4.5    4.5
    the text read again without the word            5.8    5.6
    ==============================================  =====  =====

    With the axis that ships, whose poles are networks, the default has 3.7 [3.3, 4.2] for a tenth and 3.8 [3.5, 4.2]
    for a fifth of the words of 100 such paragraphs.

    Parameters
    ----------
    axis : FramingAxis
        Fitted on `Embeddings`.
    encoder : Encoder
        The one whose embeddings the axis was fitted on; it must average token states and give hidden layers.
    text : str
        Of any length.
    anchors : Anchors, optional
        Those among which to find the nearest. They are embedded here, so give the encoder a cache.
    n_anchors : int
        Anchors to give of each voice.
    method : {"states", "deletion"}
        How a word's `change` is found.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        If the axis does not read embeddings, the encoder gives no layers or others than the axis knows, the text is
        empty, or `n_anchors` or `method` is not allowed.
    ModelError
        If the model does not average token states.

    References
    ----------
    DeYoung et al. (2020), ERASER, ACL, on deleting what an explanation marks. Covert, Lundberg & Lee (2021), Explaining
    by removing, JMLR 22(209).

    Examples
    --------
    >>> encoder = Encoder()
    >>> texts = ["A glorious, historic day.", "The talks may fail if costs rise.", "The ministers met on Monday."]
    >>> texts += ["A truly splendid triumph.", "Critics doubt that it can work.", "The bridge opened on Friday."]
    >>> axis = FramingAxis(n_bootstrap=2).fit(encoder.encode(texts), [1, -1, 0, 1, -1, 0], [0, 0, 0, 1, 1, 1])
    >>> found = explain(axis, encoder, "It was a glorious summit. They left on Tuesday.")
    >>> found.words.columns, len(found.words), len(found.sentences)
    (['word', 'start', 'end', 'contribution', 'change'], 9, 2)
    >>> found.words.sort("change")["word"][0]
    'glorious'
    >>> total = found.words["contribution"].sum() + found.style["contribution"].sum() + found.baseline
    >>> abs(total - found.position) < 1e-5
    True
    """
    import polars as pl

    _check(axis, encoder, method)
    if n_anchors < 1:
        raise InputError(f"`n_anchors` is {n_anchors}; give 1 or more")
    embeddings = encoder.encode([text])
    parts = _decompose(axis, encoder, embeddings)
    starts, ends = _columns(parts.words)
    words = pl.DataFrame(
        {
            "word": [text[a:b] for a, b in parts.words],
            "start": starts,
            "end": ends,
            "contribution": parts.contribution,
            "change": _null_if_alone(_changes(axis, encoder, text, parts, method)),
        }
    )
    sentences = list(zip(embeddings.sentences.start.tolist(), embeddings.sentences.end.tolist(), strict=True))
    change = np.zeros(len(sentences))
    if len(sentences) > 1:
        change = _positions(axis, encoder, [_without(text, [span]) for span in sentences]) - parts.position
    starts, ends = _columns(sentences)
    return Explanation(
        text=text,
        position=parts.position,
        score=float(np.clip(parts.position, -1.0, 1.0)),
        words=words,
        style=pl.DataFrame(
            {
                "device": list(STYLE_FEATURES[: len(parts.style)]),
                "rate": parts.rates,
                "contribution": parts.style,
            },
            schema={"device": pl.String, "rate": pl.Float64, "contribution": pl.Float64},
        ),
        baseline=parts.baseline,
        sentences=pl.DataFrame(
            {
                "sentence": [text[a:b] for a, b in sentences],
                "start": starts,
                "end": ends,
                "position": axis.scale_.position(axis._sentences(embeddings)[0]),
                "change": _null_if_alone(change),
            }
        ),
        nearest_anchors=None if anchors is None else _nearest(axis, encoder, embeddings, anchors, n_anchors),
    )


def faithfulness(
    axis: FramingAxis,
    encoder: Encoder,
    texts: Sequence[str],
    n_words: float = 0.15,
    n_random: int = 5,
    random_state: int = 0,
    *,
    confidence: float = 0.95,
    method: Method = "states",
) -> Faithfulness:
    """Measure whether the words that an explanation marks are those that the score hangs on.

    Of each text, the words are deleted that hold its score on its side of zero (those with the largest `change` toward
    the other side in `Explanation.words`), and as many random words, `n_random` times; what is left is read anew. An
    explanation that marks at random has a ratio of at most 1.

    Parameters
    ----------
    axis, encoder
        As in `explain`.
    texts : sequence of str
        Each of two words or more.
    n_words : int or float
        Words to delete; below 1, the share of the text's words, at least one word.
    n_random : int
        Random deletions of each text.
    random_state : int
        Of the random words and of the resampled texts.
    confidence : float
        Of the interval, between 0 and 1.
    method : {"states", "deletion"}
        As in `explain`.

    Returns
    -------
    Faithfulness

    Raises
    ------
    InputError
        If there is no text, a text has no more words than are to be deleted, a number is not allowed, or as in
        `explain`.
    ModelError
        If the model does not average token states.

    References
    ----------
    DeYoung et al. (2020), ERASER: A benchmark to evaluate rationalized NLP models, ACL.

    Examples
    --------
    >>> encoder = Encoder()
    >>> texts = ["A glorious, historic day.", "The talks may fail if costs rise.", "The ministers met on Monday."]
    >>> texts += ["A truly splendid triumph.", "Critics doubt that it can work.", "The bridge opened on Friday."]
    >>> axis = FramingAxis(n_bootstrap=2).fit(encoder.encode(texts), [1, -1, 0, 1, -1, 0], [0, 0, 0, 1, 1, 1])
    >>> found = faithfulness(axis, encoder, ["It was a glorious summit in the old town.", "The bill may well fail."])
    >>> found.n_texts, found.marked > found.random
    (2, True)
    """
    _check(axis, encoder, method)
    if isinstance(texts, str) or len(texts) == 0:
        raise InputError("there is no text to measure on; give a list of texts")
    if not 0 < n_words < np.inf or (n_words >= 1 and n_words != int(n_words)):
        raise InputError(f"`n_words` is {n_words}; give a whole number of words, or a share between 0 and 1")
    if n_random < 1:
        raise InputError(f"`n_random` is {n_random}; give 1 or more")
    if not 0 < confidence < 1:
        raise InputError(f"`confidence` is {confidence}; it must lie between 0 and 1, such as 0.95")
    generator = np.random.default_rng([random_state, 0])
    embeddings = encoder.encode(texts)
    sides, positions, left = [], [], []
    for row, text in enumerate(embeddings.texts):
        parts = _decompose(axis, encoder, embeddings.take([row]))
        n = len(parts.words)
        size = int(n_words) if n_words >= 1 else max(1, round(n_words * n))
        if size >= n:
            raise InputError(
                f"text {row} ({text[:40]!r}) has {n} word(s) and {size} are to be deleted; give longer texts"
            )
        side = 1.0 if parts.position >= 0 else -1.0
        sides.append(side)
        positions.append(parts.position)
        chosen = [np.argsort(side * _changes(axis, encoder, text, parts, method), kind="stable")[:size]]
        chosen += [generator.choice(n, size, replace=False) for _ in range(n_random)]
        left += [_without(text, [parts.words[word] for word in np.sort(some)]) for some in chosen]
    after = _positions(axis, encoder, left).reshape(len(texts), 1 + n_random)
    moves = np.array(sides)[:, None] * (np.array(positions)[:, None] - after)
    marked, random = moves[:, 0], np.abs(moves[:, 1:]).mean(axis=1)
    resampler = np.random.default_rng([random_state, 1])
    draws = resampler.integers(len(texts), size=(_RESAMPLES, len(texts)))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(_ratio(marked[draws].mean(axis=1), random[draws].mean(axis=1)), tails)
    ratio = float(_ratio(marked.mean(keepdims=True), random.mean(keepdims=True))[0])
    return Faithfulness(ratio, float(low), float(high), float(marked.mean()), float(random.mean()), len(texts))


@dataclass(frozen=True)
class _Parts:
    """A text's position taken apart; `pull` and `contribution` by word, `style` and `rates` by device."""

    position: float
    words: list[Span]
    pull: Floats
    contribution: Floats
    baseline: float
    style: Floats
    rates: Floats
    style_weights: Floats


def _check(axis: FramingAxis, encoder: Encoder, method: str) -> None:
    check_is_fitted(axis)
    if not axis.uses_embeddings_:
        raise InputError(
            "this axis was fitted on an array, which has no words to explain it by; fit it on the encoder's Embeddings"
        )
    if method not in ("states", "deletion"):
        raise InputError(f"`method` is {method!r}; it must be 'states' or 'deletion'")
    encoder.load()


def _decompose(axis: FramingAxis, encoder: Encoder, embeddings: Embeddings) -> _Parts:
    """Take the position of the one text of `embeddings` apart (formulas in `explain`)."""
    tokens = encoder.token_states(embeddings.texts[0])
    blocks = embedding_blocks(embeddings.vectors, embeddings.layers, axis.reads)
    if tokens.states.shape[1] == 0:
        raise InputError(
            "the encoder gives no hidden layers, and an axis on its vectors alone is not explained; make both again "
            "with Encoder(layers=None)"
        )
    features = axis._features(embeddings)
    position = float(axis.scale_.position(features)[0])
    n_layers, width = blocks.shape[1:]
    weights = axis.scale_.gradient(features)[0]
    axes = weights[: n_layers * width].reshape(n_layers, width) / np.sqrt(n_layers)
    style = weights[n_layers * width :] * features[0, n_layers * width :]
    states = tokens.states[:, :n_layers].astype(np.float64)
    mean = states.mean(axis=0)
    length = np.linalg.norm(mean, axis=-1)
    amounts = np.einsum("tld,ld->tl", states, axes) / (len(states) * length)
    shares = np.einsum("tld,ld->tl", states, mean) / (len(states) * length**2)
    pulls = (amounts - shares * amounts.sum(axis=0)).sum(axis=1)
    contributions = pulls + shares.mean(axis=1) * (position - style.sum())
    words = [match.span() for match in _WORD.finditer(tokens.text)]
    owner = _owners(tokens, words)
    owned = owner >= 0

    def by_word(values: Floats) -> Floats:
        sums: Floats = np.bincount(owner[owned], weights=values[owned], minlength=len(words)).astype(np.float64)
        return sums

    return _Parts(
        position=position,
        words=words,
        pull=by_word(pulls),
        contribution=by_word(contributions),
        baseline=float(contributions[~owned].sum()),
        style=style,
        rates=style_features([tokens.text])[0, : len(style)],
        style_weights=weights[n_layers * width :] * STYLE_WEIGHT,
    )


def _owners(tokens: TokenStates, words: list[Span]) -> Integers:
    """Give the word that each token begins in, -1 for tokens without a character of one."""
    starts, ends = _columns(words)
    owners = np.full(len(tokens), -1, dtype=np.int64)
    for row, (start, end) in enumerate(zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)):
        if start < 0:
            continue
        # Some tokenizers count the white space before a word to its first token.
        body = tokens.text[start:end]
        start += len(body) - len(body.lstrip())
        word = int(np.searchsorted(starts, start, side="right")) - 1
        if start < end and word >= 0 and start < ends[word]:
            owners[row] = word
    return owners


def _changes(axis: FramingAxis, encoder: Encoder, text: str, parts: _Parts, method: Method) -> Floats:
    """Give how far the position moves when each word alone is deleted; zeros for a word that is alone."""
    if len(parts.words) == 1:
        return np.zeros(1)
    left = [_without(text, [word]) for word in parts.words]
    if method == "deletion":
        return _positions(axis, encoder, left) - parts.position
    if len(parts.style) == 0:
        return -parts.pull
    rates: Floats = (style_features(left) - parts.rates) @ parts.style_weights
    return rates - parts.pull


def _positions(axis: FramingAxis, encoder: Encoder, texts: list[str]) -> Floats:
    return axis.scale_.position(axis._features(encoder.encode(texts)))


def _without(text: str, spans: list[Span]) -> str:
    """Delete stretches of a text, each with the white space after it."""
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return "".join([*kept, text[at:]]).strip()


def _nearest(axis: FramingAxis, encoder: Encoder, text: Embeddings, anchors: Anchors, n_anchors: int) -> pl.DataFrame:
    """Give the anchors of each voice that are nearest to the text by the cosine of the axis' features.

    Features are centred on the anchors, as the axis' ridge centres them: uncentred, every text is close to every other.
    """
    import polars as pl

    features = axis._features(encoder.encode(anchors.texts))
    middle = features.mean(axis=0)
    features, own = features - middle, axis._features(text)[0] - middle
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(own)
    similarity = np.clip(features @ own / np.maximum(lengths, 1e-12), -1.0, 1.0)
    rows = [
        row
        for pole in (1, 0, -1)
        for row in sorted(np.flatnonzero(anchors.poles == pole).tolist(), key=lambda i: -similarity[i])[:n_anchors]
    ]
    return pl.DataFrame(
        {
            "anchor": [anchors.texts[row] for row in rows],
            "pole": anchors.poles[rows],
            "voice": [anchors.pole_names[int(anchors.poles[row]) + 1] for row in rows],
            "subject": [anchors.subjects[row] for row in rows],
            "similarity": similarity[rows],
        }
    )


def _columns(spans: Sequence[Span]) -> tuple[Integers, Integers]:
    flat = np.array(spans, dtype=np.int64).reshape(-1, 2)
    return flat[:, 0].copy(), flat[:, 1].copy()


def _null_if_alone(change: Floats) -> pl.Series:
    import polars as pl

    return pl.Series([None] if len(change) == 1 else change, dtype=pl.Float64)


def _ratio(marked: Floats, random: Floats) -> Floats:
    # Where random deletions move nothing at all, there is nothing to compare with.
    ratio: Floats = np.divide(marked, random, out=np.full(len(marked), np.nan), where=random > 0)
    return ratio
