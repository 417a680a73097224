"""The encoder: from texts to the vectors of their paragraphs, sentences, spans and hidden layers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from research._language import language_code
from research._texts import refuse_tables
from research.embedding._backbone import Backbone, Job
from research.embedding._cache import CachedRow, VectorCache, row_key
from research.embedding._embeddings import Embeddings, Segments, TokenStates
from research.embedding._models import find_model, model_hash
from research.errors import InputError

__all__ = ["Encoder", "checked_texts"]

Progress = Callable[[str, int, int], None]
Span = tuple[int, int]
_TEXTS_A_LOOKUP = 1024


class _Task(NamedTuple):
    """A distinct text: the first row that has it, its sentences, and where its results go."""

    row: int
    place: int
    text: str
    sentences: list[Span]
    first_sentence: int
    spans: list[Span]
    first_span: int


class Encoder(BaseEstimator):  # type: ignore[misc]
    """Embed paragraphs, their sentences and chosen spans in one pass over the tokens.

    For models that average token states (all-MiniLM-L6-v2 and most others) a paragraph's vector is what
    sentence-transformers gives, a sentence's or span's is the mean of the states of the tokens that overlap it, read
    in the context of the whole paragraph, and put through the model's later modules. For models that pool otherwise
    (first token, last token, maximum), that have a default prompt, or that have no transformer (static embeddings),
    sentences and spans are embedded as texts of their own, out of context.

    A paragraph longer than the model's limit is split at sentence ends into pieces that fit, and the pieces' token
    states are averaged together (for models that pool otherwise, the pieces' vectors, weighted by their tokens).
    Nothing is cut off.

    Everything is computed in float32 and in fixed shapes (16 rows of one of a few lengths), so that a text's vectors
    have the same bits whatever the other texts, their order, the number of threads and the state of the cache. On
    another kind of processor or with another version of torch they agree to about 1e-6.

    Parameters
    ----------
    model : str or path, default "all-MiniLM-L6-v2"
        The default comes with the package; else the name of a sentence-transformers model or a folder that holds one.
        Only safetensors weights are loaded, and no code of a model's own is run.
    language : str, default "en"
        ISO 639-1 code of the texts' language, for the sentence rules.
    layers : sequence of int or None, default None
        Hidden layers whose mean-pooled states to give as well, numbered from 1; None for those at half, two thirds
        and the end of the depth (3, 4 and 6 of 6), () for none.
    device : str, default "cpu"
        A torch device.
    cache : path or None, default None
        File of a `VectorCache`; None to keep nothing.

    Attributes
    ----------
    model_hash_ : str
        sha256 over the files that decide what the model computes.
    n_dimensions_ : int
    max_tokens_ : int or None
        Tokens the model reads at once, special ones counted, at most 8,192; None for no limit.
    layers_ : tuple of int
    n_embedded_, n_from_cache_, n_split_ : int
        Distinct texts of the last `encode` that went through the model, that the cache had whole, and that were split
        because the model reads no more at once.
    counts_ : dict of str to int
        The three together.

    References
    ----------
    Reimers, N. and Gurevych, I. (2019). Sentence-BERT: Sentence embeddings using Siamese BERT-networks. EMNLP-IJCNLP.

    Examples
    --------
    >>> encoder = Encoder()
    >>> found = encoder.encode(["The leaders met. They praised the plan."], spans=[[(4, 11)]])
    >>> found.vectors.shape, len(found.sentences), found.layers.shape
    ((1, 384), 2, (1, 3, 384))
    >>> found.spans.start.tolist(), found.spans.end.tolist()
    ([4], [11])
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "all-MiniLM-L6-v2",
        *,
        language: str = "en",
        layers: Sequence[int] | None = None,
        device: str = "cpu",
        cache: str | os.PathLike[str] | None = None,
    ) -> None:
        self.model = model
        self.language = language
        self.layers = layers
        self.device = device
        self.cache = cache

    def encode(
        self,
        texts: Any,
        spans: Sequence[Sequence[Span]] | None = None,
        progress: Progress | None = None,
    ) -> Embeddings:
        """Embed texts; identical ones once.

        Parameters
        ----------
        texts : sequence of str, or Corpus
            Paragraphs; of a corpus, its paragraphs. A column of a table will do.
        spans : sequence of sequences of (start, end), optional
            For each text the stretches that want a vector of their own, in characters, `end` excluded. A span without
            a token gets the vector of the sentence it begins in.
        progress : callable, optional
            Called as ``progress("embedding", done, total)`` after each batch, in distinct texts.

        Returns
        -------
        Embeddings

        Raises
        ------
        InputError
            If the texts are a whole table, a text is empty, a span lies outside its text, a layer is beyond the model's
            depth, or `language` is no code of ISO 639-1.
        ModelError
            If the model cannot be found, is not the one it claims to be, or cannot be loaded safely.
        """
        language_code(self.language)
        rows = checked_texts(texts)
        wanted = _checked_spans(rows, spans)
        backbone = self._backbone()
        first_rows: dict[str, int] = {}
        for i, text in enumerate(rows):
            first_rows.setdefault(text, i)
        spans_of: dict[str, dict[Span, int]] = {text: {} for text in first_rows}
        for text, own in zip(rows, wanted, strict=True):
            for span in own:
                spans_of[text].setdefault(span, len(spans_of[text]))
        tasks = self._tasks(first_rows, spans_of)

        width = backbone.n_dimensions + len(backbone.layers) * backbone.layer_width
        n_sentences = sum(len(task.sentences) for task in tasks)
        n_spans = sum(len(task.spans) for task in tasks)
        # Paragraphs, then sentences, then spans, each row a vector and its layers.
        out = np.empty((len(tasks) + n_sentences + n_spans, width), dtype=np.float32)
        sizes = np.zeros((2, len(tasks)), dtype=np.int64)
        self._fill(out, sizes, tasks, backbone, progress)

        place = {task.text: task for task in tasks}
        paragraphs = np.array([place[text].place for text in rows], dtype=np.int64)
        sentences = [place[text].sentences for text in rows]
        sentence_rows = [place[text].first_sentence + np.arange(len(place[text].sentences)) for text in rows]
        span_rows = [
            np.array([place[text].first_span + spans_of[text][span] for span in own], dtype=np.int64)
            for text, own in zip(rows, wanted, strict=True)
        ]
        self.n_split_ = int((sizes[1] > 1).sum())

        def parts(chosen: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            n_dimensions = backbone.n_dimensions
            shape = (len(chosen), len(backbone.layers), backbone.layer_width or n_dimensions)
            return out[chosen, :n_dimensions], out[chosen, n_dimensions:].reshape(shape)

        vectors, layers = parts(paragraphs)
        return Embeddings(
            texts=tuple(rows),
            vectors=vectors,
            layers=layers,
            sentences=_segments(parts, sentence_rows, sentences),
            spans=_segments(parts, span_rows, wanted),
            n_tokens=sizes[0, paragraphs],
            n_pieces=sizes[1, paragraphs],
        )

    def token_states(self, text: str) -> TokenStates:
        """Give the hidden states of a text's tokens at the chosen layers, all pieces of a long text together.

        A layer of `encode` is the mean of these states over all tokens, special ones too, brought to unit length, to
        about 1e-6: a text's states are computed in a shape of their own. The cache is neither read nor written.

        Parameters
        ----------
        text : str

        Returns
        -------
        TokenStates

        Raises
        ------
        InputError
            If the text is empty or `language` is no code of ISO 639-1.
        ModelError
            If the model does not average token states, so that a vector is no sum over tokens.

        Examples
        --------
        >>> encoder = Encoder()
        >>> found = encoder.token_states("They praised the plan.")
        >>> [found.text[a:b] for a, b in zip(found.start, found.end) if a >= 0]
        ['They', 'praised', 'the', 'plan', '.']
        >>> mean = found.states.mean(axis=0)
        >>> mean /= np.linalg.norm(mean, axis=-1, keepdims=True)
        >>> bool(np.allclose(mean, encoder.encode(["They praised the plan."]).layers[0], atol=1e-6))
        True
        """
        from research.corpus import split_sentences

        checked_texts([text])
        backbone = self._backbone()
        pieces = backbone.token_states(Job(0, text, split_sentences(text, language_code(self.language)), []))
        offsets, special, states = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        offsets[special] = -1
        return TokenStates(text, offsets[:, 0].copy(), offsets[:, 1].copy(), special, states)

    @property
    def counts_(self) -> dict[str, int]:
        """Texts embedded, taken from the cache and split by the last `encode`."""
        return {"n_embedded": self.n_embedded_, "n_from_cache": self.n_from_cache_, "n_split": self.n_split_}

    def load(self) -> Self:
        """Find, check and load the model now, and set the attributes that describe it.

        Returns
        -------
        Encoder

        Raises
        ------
        ModelError
            If the model is missing, damaged or not the one it claims to be.
        InputError
            If a layer is beyond the model's depth or the device cannot be used.
        """
        self._backbone()
        return self

    def _backbone(self) -> Backbone:
        layers = None if self.layers is None else tuple(self.layers)
        asked = (os.fspath(self.model), self.device, layers)
        if getattr(self, "_asked", None) != asked:
            folder = find_model(self.model)
            self.model_hash_ = model_hash(folder)
            self._loaded = Backbone(folder, self.model_hash_, self.device, layers)
            self._asked = asked
        self.n_dimensions_ = self._loaded.n_dimensions
        self.max_tokens_ = self._loaded.max_tokens
        self.layers_ = self._loaded.layers
        return self._loaded

    def __getstate__(self) -> dict[str, Any]:
        # A copy or a pickle finds and loads the model again where it is used.
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name not in ("_loaded", "_asked")}

    def _tasks(self, first_rows: dict[str, int], spans_of: dict[str, dict[Span, int]]) -> list[_Task]:
        from research.corpus import split_sentences

        tasks = []
        language = language_code(self.language)
        sentences = [split_sentences(text, language) for text in first_rows]
        at = len(first_rows)
        at_span = at + sum(len(own) for own in sentences)
        for place, ((text, row), own) in enumerate(zip(first_rows.items(), sentences, strict=True)):
            tasks.append(_Task(row, place, text, own, at, list(spans_of[text]), at_span))
            at += len(own)
            at_span += len(spans_of[text])
        return tasks

    def _fill(
        self,
        out: NDArray[np.float32],
        sizes: NDArray[np.int64],
        tasks: list[_Task],
        backbone: Backbone,
        progress: Progress | None,
    ) -> None:
        """Put every task's rows into `out`, from the cache where it has them, else from the model."""
        recipe = f"{self.model_hash_}\0float32\0{backbone.shape_rule}\0{backbone.layers}"
        self.n_embedded_ = self.n_from_cache_ = 0

        def report() -> None:
            if progress is not None:
                progress("embedding", self.n_embedded_ + self.n_from_cache_, len(tasks))

        def jobs(cache: VectorCache | None) -> Iterator[Job]:
            for some in _chunks(tasks, _TEXTS_A_LOOKUP):
                found = cache.read([key for task in some for key in _keys(recipe, task)]) if cache is not None else {}
                for task in some:
                    missing = _take_cached(out, sizes, task, found, recipe) if found else task.spans
                    if missing is None:
                        self.n_from_cache_ += 1
                    else:
                        yield Job(task.row, task.text, task.sentences, missing)
                report()

        places = {task.row: task for task in tasks}
        with VectorCache(self.cache) if self.cache is not None else nullcontext() as cache:
            for done in backbone.run(jobs(cache)):
                if cache is not None and done:
                    cache.write({key: row for job, block in done for key, row in _cache_rows(recipe, job, block)})
                for job, block in done:
                    task = places[job.index]
                    n = len(job.sentences)
                    sizes[:, task.place] = job.n_tokens, job.n_pieces
                    out[task.place] = block[0]
                    out[task.first_sentence : task.first_sentence + n] = block[1 : 1 + n]
                    for span, row in zip(job.spans, block[1 + n :], strict=True):
                        out[task.first_span + task.spans.index(span)] = row
                self.n_embedded_ += len(done)
                report()


def _keys(recipe: str, task: _Task) -> list[bytes]:
    """Give the key of the paragraph with its sentences, then those of its spans."""
    return [row_key(recipe, task.text, task.sentences, span) for span in (None, *task.spans)]


def _take_cached(
    out: NDArray[np.float32], sizes: NDArray[np.int64], task: _Task, found: dict[bytes, CachedRow], recipe: str
) -> list[Span] | None:
    """Copy what the cache has of a task; give the spans it lacks, or None if nothing lacks."""
    first, *others = _keys(recipe, task)
    n = len(task.sentences)
    missing = []
    for i, (span, key) in enumerate(zip(task.spans, others, strict=True)):
        row = found.get(key)
        if row is None or row.block.shape != (1, out.shape[1]):
            missing.append(span)
        else:
            out[task.first_span + i] = row.block[0]
    row = found.get(first)
    if row is None or row.block.shape != (1 + n, out.shape[1]):
        return missing
    out[task.place] = row.block[0]
    out[task.first_sentence : task.first_sentence + n] = row.block[1:]
    sizes[:, task.place] = row.n_tokens, row.n_pieces
    return missing or None


def _cache_rows(recipe: str, job: Job, block: NDArray[np.float32]) -> Iterator[tuple[bytes, CachedRow]]:
    n = 1 + len(job.sentences)
    yield row_key(recipe, job.text, job.sentences), CachedRow(block[:n], job.n_tokens, job.n_pieces)
    for span, row in zip(job.spans, block[n:], strict=True):
        yield row_key(recipe, job.text, job.sentences, span), CachedRow(row[None], job.n_tokens, job.n_pieces)


def _segments(
    parts: Callable[[NDArray[np.int64]], tuple[NDArray[np.float32], NDArray[np.float32]]],
    rows: list[NDArray[np.int64]],
    offsets: list[list[Span]],
) -> Segments:
    vectors, layers = parts(np.concatenate([np.zeros(0, np.int64), *rows]).astype(np.int64))
    flat = np.array([span for own in offsets for span in own], dtype=np.int64).reshape(-1, 2)
    return Segments(
        vectors=vectors,
        paragraph=np.repeat(np.arange(len(rows), dtype=np.int64), [len(own) for own in offsets]),
        start=flat[:, 0],
        end=flat[:, 1],
        layers=layers,
    )


def _chunks(tasks: list[_Task], size: int) -> Iterator[list[_Task]]:
    remaining = iter(tasks)
    while chunk := list(islice(remaining, size)):
        yield chunk


def checked_texts(texts: Any) -> list[str]:
    """Give texts, or the paragraphs of a corpus, as a list; refuse what is no text or is empty."""
    refuse_tables(texts)
    if hasattr(texts, "paragraphs"):
        texts = texts.paragraphs["text"]
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise InputError(f"texts is a {type(texts).__name__}; give a list of texts, a column of a table or a corpus.")
    rows = list(texts)
    for i, text in enumerate(rows):
        if not isinstance(text, str):
            raise InputError(f"Text {i} is a {type(text).__name__}, not a text; leave such rows out before embedding.")
        if not text.strip():
            raise InputError(f"Text {i} is empty or white space; leave such rows out before embedding.")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"Text {i} holds half a character at {error.start} (a lone surrogate); "
                "read its file with its own encoding."
            ) from error
    return rows


def _checked_spans(rows: list[str], spans: Sequence[Sequence[Span]] | None) -> list[list[Span]]:
    if spans is None:
        return [[] for _ in rows]
    if len(spans) != len(rows):
        raise InputError(f"There are {len(rows)} texts and spans for {len(spans)}; give one list of spans a text.")
    checked = [[(int(start), int(end)) for start, end in own] for own in spans]
    for i, (text, own) in enumerate(zip(rows, checked, strict=True)):
        for start, end in own:
            if not 0 <= start < end <= len(text):
                raise InputError(
                    f"Span ({start}, {end}) of text {i} does not lie in its {len(text)} characters; "
                    "give 0 <= start < end <= length."
                )
    return checked
