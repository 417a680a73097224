"""From texts to pooled vectors: the one place that runs a model, in shapes that make its bits repeatable.

The bits of a matrix product depend on its shape. So a text is padded to the next of a few lengths, batches always have
the same number of rows, dummy rows fill the last one, and sums run over one text's tokens at a time: what a text gets
does not depend on the texts around it, on the order or on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from research.embedding._models import load_model
from research.embedding._pieces import split_text
from research.errors import InputError, ModelError

__all__ = ["Backbone", "Job", "batch_rows", "padded_length", "shape_rule", "token_limit"]

_ROWS = 16
_LENGTHS = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
_ROWS_X_LENGTH = _ROWS * 512  # longer texts go in smaller batches, which bounds the memory
_JOBS_TOKENISED_AT_ONCE = 256
_FAR_TOO_LONG = 1_000_000  # what tokenizers say when they know no limit
_NO_OFFSETS = np.zeros((0, 2), dtype=np.int64)
_NO_MARKS = np.zeros(0, dtype=bool)

# Of one piece: each token's characters in the text, whether the model added it, its states (n_tokens, n_layers, width).
TokensOfPiece = tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float32]]


@dataclass
class Job:
    """A text to embed, with the stretches of it that want a vector of their own.

    Attributes
    ----------
    index : int
        The caller's number for the text.
    text : str
    sentences, spans : list of (start, end)
    """

    index: int
    text: str
    sentences: list[tuple[int, int]]
    spans: list[tuple[int, int]]
    n_tokens: int = 0
    n_pieces: int = 1
    # A piece's part of the sums, kept by piece: adding in the pieces' order keeps the bits, whatever ran first.
    parts: dict[int, tuple[_Piece, NDArray[np.float32]]] = field(default_factory=dict)
    n_parts: int = 0

    @property
    def segments(self) -> list[tuple[int, int]]:
        """The sentences, then the spans."""
        return [*self.sentences, *self.spans]


@dataclass
class _Piece:
    """What the model reads at once, and which of its tokens (`ranges`) count toward which `rows` of the job's block.

    `offsets` are the tokens' characters in the job's text, empty where the model does not average token states.
    """

    job: Job
    order: int
    text: str
    ids: list[int]
    length: int
    rows: NDArray[np.int64]
    ranges: NDArray[np.int64]
    offsets: NDArray[np.int64]
    special: NDArray[np.bool_]


class Backbone:
    """A loaded model, and how its token states become vectors.

    Parameters
    ----------
    folder : Path
    digest : str
        The folder's model hash.
    device : str
    layers : tuple of int or None
        As in `Encoder`.

    Attributes
    ----------
    layers : tuple of int
    max_tokens : int or None
        Tokens read at once, special ones counted; None for no limit.
    n_dimensions, layer_width : int
        Numbers in a vector and in a layer's; most models have as many in both.
    shape_rule : str
        What else decides the bits: shapes, device, and the library that computes.
    """

    def __init__(self, folder: Path, digest: str, device: str, layers: tuple[int, ...] | None) -> None:
        self._model = load_model(folder, digest, device)
        self._prompt = self._model.prompts.get(self._model.default_prompt_name) or ""
        first = self._model[0]
        # A model that wraps its texts in a chat is run by its own preprocessing.
        self._transformer = (
            _kind(first) == "Transformer"
            and "message" not in getattr(first, "modality_config", {})
            and first.tokenizer is not None
        )
        self.max_tokens = self._find_limit()
        self._limit = self.max_tokens or 1
        if self._transformer:
            first.auto_model.config.output_hidden_states = True
        features = self._features("a")
        self._prompt_length = features.get("prompt_length")
        output = self._run(features)
        self.n_dimensions = int(output["sentence_embedding"].shape[-1])
        hidden: Any = output.get("all_layer_embeddings", ()) if self._transformer else ()
        self.layers = _checked_layers(layers, max(0, len(hidden) - 1), folder)
        self.layer_width = int(hidden[-1].shape[-1]) if self.layers else 0
        self._pools_tokens = self._transformer and not self._prompt and self._pools_mean() and first.tokenizer.is_fast
        self.shape_rule = shape_rule(device)

    def _find_limit(self) -> int | None:
        limit = self._model.max_seq_length
        if not self._transformer:
            if _is_limit(limit):
                raise ModelError(
                    f"The model's first module, {type(self._model[0]).__name__}, cuts texts after {limit} tokens "
                    "without telling where; use a model with a plain text transformer or a static embedding."
                )
            return None
        return token_limit(limit, self._model[0].auto_model.config)

    def _pools_mean(self) -> bool:
        """Whether a vector is the mean of token states, followed by nothing but what works on any vector."""
        modules = list(self._model)
        return (
            len(modules) > 1
            and _kind(modules[1]) == "Pooling"
            and modules[1].pooling_mode == "mean"
            and all(
                _kind(module) in ("Dense", "Normalize")
                and module.module_input_name == module.module_output_name == "sentence_embedding"
                for module in modules[2:]
            )
        )

    def run(self, jobs: Iterable[Job]) -> Iterator[list[tuple[Job, NDArray[np.float32]]]]:
        """Embed the jobs; after each batch, give those that it completed with their blocks.

        Yields
        ------
        list of (Job, ndarray of float32, shape (1 + n_segments, n_dimensions + n_layers * layer_width))
            The text itself, then its segments; the vector, then the layers, each of unit length.
        """
        jobs = iter(jobs)
        queues: dict[int, list[_Piece]] = {}
        while group := list(islice(jobs, _JOBS_TOKENISED_AT_ONCE)):
            for piece in self._pieces(group):
                queue = queues.setdefault(piece.length, [])
                queue.append(piece)
                if len(queue) == self._rows(piece.length):
                    yield self._finish(queue, piece.length)
                    queue.clear()
        for length, queue in sorted(queues.items()):
            if queue:
                yield self._finish(queue, length)

    def _length(self, n_tokens: int) -> int:
        return padded_length(n_tokens, self._limit)

    def _rows(self, length: int) -> int:
        return batch_rows(length) if self._transformer else 1

    def _tokenize(self, texts: list[str]) -> list[tuple[list[int], list[int], list[tuple[int, int]]]]:
        """Give the token ids, the marks of special tokens, and the character offsets (where needed) of texts."""
        if not texts:
            return []
        encoded = self._model.tokenizer(
            [self._prompt + text for text in texts],
            truncation=False,
            padding=False,
            return_offsets_mapping=self._pools_tokens,
            return_special_tokens_mask=True,
            return_attention_mask=False,
            verbose=False,
        )
        offsets = encoded["offset_mapping"] if self._pools_tokens else [[]] * len(texts)
        return list(zip(encoded["input_ids"], encoded["special_tokens_mask"], offsets, strict=True))

    def _count(self, texts: list[str]) -> list[int]:
        return [len(ids) for ids, _, _ in self._tokenize(texts)]

    def _pieces(self, jobs: list[Job]) -> Iterator[_Piece]:
        """Make the pieces of jobs: of a text alone if token states are pooled, else also of each segment's text."""
        stretches = [[(0, len(job.text)), *([] if self._pools_tokens else job.segments)] for job in jobs]
        if not self._transformer:
            for job, parts in zip(jobs, stretches, strict=True):
                job.n_tokens, job.n_parts = self._static_count(job.text), len(parts)
                for row, (start, end) in enumerate(parts):
                    rows, ranges = np.array([row]), np.array([[0, 1]])
                    yield _Piece(job, row, job.text[start:end], [], 1, rows, ranges, _NO_OFFSETS, _NO_MARKS)
            return
        prompt_tokens = sum(1 - mark for mark in self._tokenize([""])[0][1])
        flat = [job.text[start:end] for job, parts in zip(jobs, stretches, strict=True) for start, end in parts]
        encoded = iter(self._tokenize(flat))
        for job, parts in zip(jobs, stretches, strict=True):
            pieces: list[_Piece] = []
            for row, (start, end) in enumerate(parts):
                whole = next(encoded)
                cuts, cut_tokens = [(start, end)], [whole]
                if len(whole[0]) > self._limit:
                    inside = [(a - start, b - start) for a, b in job.sentences if start <= a and b <= end]
                    split = split_text(job.text[start:end], inside, self._limit, self._count)
                    cuts = [(start + a, start + b) for a, b in split]
                    cut_tokens = self._tokenize([job.text[a:b] for a, b in cuts])
                if row == 0:
                    job.n_tokens, job.n_pieces = sum(1 - mark for mark in whole[1]) - prompt_tokens, len(cuts)
                # The pieces of a split text share one shape, so that they run together and it is done soon.
                length = self._length(max(len(ids) for ids, _, _ in cut_tokens))
                for (a, b), (ids, special, offsets) in zip(cuts, cut_tokens, strict=True):
                    rows, ranges = np.array([row]), np.array([[0, len(ids)]])
                    places, marks = _NO_OFFSETS, np.asarray(special, dtype=bool)
                    if self._pools_tokens:
                        places = np.asarray(offsets, dtype=np.int64).reshape(-1, 2) + a
                        rows, ranges = _token_ranges(places, marks, job.segments)
                    pieces.append(_Piece(job, len(pieces), job.text[a:b], ids, length, rows, ranges, places, marks))
            job.n_parts = len(pieces)
            yield from pieces

    def _static_count(self, text: str) -> int:
        tokenizer: Any = getattr(self._model[0], "tokenizer", None)
        if hasattr(tokenizer, "encode_batch"):
            return len(tokenizer.encode(text, add_special_tokens=False).ids)
        return len(text.split())

    def _finish(self, batch: list[_Piece], length: int) -> list[tuple[Job, NDArray[np.float32]]]:
        run = self._batch_of_tokens if self._transformer else self._batch_of_texts
        done: list[tuple[Job, NDArray[np.float32]]] = []
        for piece, sums in zip(batch, run(batch, length), strict=True):
            piece.job.parts[piece.order] = (piece, sums)
            if len(piece.job.parts) == piece.job.n_parts:
                done.append((piece.job, self._block(piece.job)))
                piece.job.parts.clear()
        return done

    def token_states(self, job: Job) -> list[TokensOfPiece]:
        """Give the hidden states of every token that a text's pooled layers are the means of, piece by piece.

        Raises
        ------
        ModelError
            If the model does not average token states.
        """
        if not self._pools_tokens:
            raise ModelError(
                "The model does not average the states of its tokens, so a text's vector is no sum over them; use a "
                "model with mean pooling and without a prompt, such as all-MiniLM-L6-v2."
            )
        pieces = list(self._pieces([job]))
        rows = self._rows(pieces[0].length)  # the pieces of one text share one length
        found = []
        for first in range(0, len(pieces), rows):
            batch = pieces[first : first + rows]
            # As many rows as pieces, since no other text shares the batch: one row costs a sixteenth of a full batch.
            states, _ = self._states(batch, batch[0].length, len(batch))
            for piece, own in zip(batch, states, strict=True):
                # The pooled state comes first; the layers follow it.
                layers = own[:, own.shape[1] - len(self.layers) * self.layer_width :]
                shape = (len(own), len(self.layers), self.layer_width)
                found.append((piece.offsets, piece.special, layers.reshape(shape)))
        return found

    def _batch_of_tokens(self, batch: list[_Piece], length: int) -> list[NDArray[np.float32]]:
        """Run one batch of fixed shape; give, for each piece, the sums over its ranges: vector, then layers."""
        states, output = self._states(batch, length, self._rows(length))
        sums = []
        for row, (piece, own) in enumerate(zip(batch, states, strict=True)):
            part = np.stack([own[a:b].sum(axis=0) for a, b in piece.ranges])
            if not self._pools_tokens:
                vector = output["sentence_embedding"][row].cpu().numpy() * np.float32(len(piece.ids))
                part = np.concatenate([vector[None], part], axis=1)
            sums.append(part)
        return sums

    def _states(self, batch: list[_Piece], length: int, rows: int) -> tuple[list[NDArray[np.float32]], dict[str, Any]]:
        """Run one batch in the given shape; give the states of each piece's tokens, and the model's whole output.

        One long row a token: the state that the model pools (where it pools tokens), then the layers.
        """
        import torch

        tokenizer = self._model.tokenizer
        ids = np.full((rows, length), tokenizer.pad_token_id or 0, dtype=np.int64)
        mask = np.zeros((rows, length), dtype=np.int64)
        left = tokenizer.padding_side == "left"
        begins = [length - len(piece.ids) if left else 0 for piece in batch]
        for row, (piece, begin) in enumerate(zip(batch, begins, strict=True)):
            ids[row, begin : begin + len(piece.ids)] = piece.ids
            mask[row, begin : begin + len(piece.ids)] = 1
        mask[len(batch) :, -1 if left else 0] = 1  # a row in which nothing is attended to would be not-a-number
        features: dict[str, Any] = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        if "token_type_ids" in tokenizer.model_input_names:
            features["token_type_ids"] = torch.zeros((rows, length), dtype=torch.long)
        features["modality"] = "text"
        if self._prompt_length is not None:
            features["prompt_length"] = self._prompt_length
        output = self._run(features, n_modules=1 if self._pools_tokens else None)
        hidden = [output["all_layer_embeddings"][layer] for layer in self.layers]
        if self._pools_tokens:
            hidden = [output["token_embeddings"], *hidden]
        # One long row a token: a slice of it sums all layers at once, in an order that is the slice's alone.
        states = torch.cat(hidden, dim=-1).cpu().numpy() if hidden else np.zeros((rows, length, 0), np.float32)
        own = [
            states[row, begin : begin + len(piece.ids)]
            for row, (piece, begin) in enumerate(zip(batch, begins, strict=True))
        ]
        return own, output

    def _batch_of_texts(self, batch: list[_Piece], length: int) -> list[NDArray[np.float32]]:
        """Run pieces by the model's own preprocessing, one at a time so that none depends on its neighbours."""
        outputs = [self._run(self._features(piece.text)) for piece in batch]
        return [output["sentence_embedding"].cpu().numpy() for output in outputs]

    def _features(self, text: str) -> dict[str, Any]:
        return dict(self._model.preprocess([text], prompt=self._prompt or None))

    def _run(self, features: dict[str, Any], n_modules: int | None = None) -> dict[str, Any]:
        import torch

        device = self._model.device
        features = {name: value.to(device) if hasattr(value, "to") else value for name, value in features.items()}
        with torch.inference_mode():
            for module in list(self._model)[:n_modules]:
                features = module(features)
        return features

    def _block(self, job: Job) -> NDArray[np.float32]:
        """Turn a job's sums into unit vectors, and give segments without tokens what stands for them."""
        n_rows = 1 + len(job.segments)
        sums = np.zeros((n_rows, job.parts[0][1].shape[1]), dtype=np.float32)
        counts = np.zeros(n_rows, dtype=np.int64)
        for order in range(job.n_parts):
            piece, part = job.parts[order]
            sums[piece.rows] += part
            counts[piece.rows] += piece.ranges[:, 1] - piece.ranges[:, 0]
        block = sums / np.maximum(counts, 1).astype(np.float32)[:, None]
        if self._pools_tokens:
            block = self._after_pooling(block)
        edges = [0, *range(self.n_dimensions, block.shape[1] + 1, self.layer_width or 1)]
        for a, b in pairwise(edges):
            norms = np.sqrt((block[:, a:b] * block[:, a:b]).sum(axis=1))
            counts[norms == 0] = 0
            block[:, a:b] /= np.where(norms == 0, np.float32(1), norms)[:, None]
        empty = counts == 0
        if empty[0]:
            raise InputError(
                f"Text {job.index} ({job.text[:40]!r}) has no token that the model knows; leave it out or use a model "
                "of its language."
            )
        for row in np.flatnonzero(empty):
            block[row] = block[self._stand_in(job, int(row), empty)]
        return block

    @staticmethod
    def _stand_in(job: Job, row: int, empty: NDArray[np.bool_]) -> int:
        """Give the row of the sentence that holds a segment, or of the paragraph."""
        start = job.segments[row - 1][0]
        for i, (a, b) in enumerate(job.sentences):
            if a <= start < b and not empty[1 + i]:
                return 1 + i
        return 0

    def _after_pooling(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Put the vectors through the modules after pooling, one by one so that each runs in the same shape."""
        import torch

        modules = list(self._model)[2:]
        if not any(_kind(module) == "Dense" for module in modules):
            return means  # nothing but normalisation, which follows in any case
        width = means.shape[1] - len(self.layers) * self.layer_width
        vectors = []
        for mean in means[:, :width]:
            features = {"sentence_embedding": torch.from_numpy(mean[None].copy()).to(self._model.device)}
            with torch.inference_mode():
                for module in modules:
                    features = module(features)
            vectors.append(features["sentence_embedding"][0].cpu().numpy())
        return np.concatenate([np.stack(vectors), means[:, width:]], axis=1)


def padded_length(n_tokens: int, limit: int) -> int:
    """Give the length that a text of so many tokens is padded to."""
    return next((length for length in _LENGTHS if n_tokens <= length < limit), limit)


def batch_rows(length: int) -> int:
    """Give how many texts of a padded length run at once."""
    return max(1, min(_ROWS, _ROWS_X_LENGTH // length))


def shape_rule(device: str) -> str:
    """Say what else decides the bits besides model and text: shapes, device, and the library that computes."""
    import torch

    kind = torch.device(device).type
    # Other instructions or another library give other last bits, which one result must not mix.
    kernels = torch.backends.cpu.get_cpu_capability()
    if kind == "cuda":
        kernels = torch.cuda.get_device_name(device)
    return f"{_ROWS} rows of {_LENGTHS} on {kind} {kernels}, torch {torch.__version__}"


def token_limit(told: int | None, config: Any) -> int:
    """Give how many tokens a transformer reads at once, from what its tokenizer tells and what its config says."""
    positions = getattr(config, "max_position_embeddings", None) or _LENGTHS[-1]
    # Where the tokenizer knows no limit: some models keep two positions for themselves (RoBERTa's padding offset).
    return int(min(told, positions, _LENGTHS[-1]) if _is_limit(told) else min(positions - 2, _LENGTHS[-1]))


def _is_limit(told: int | None) -> TypeGuard[int]:
    return told is not None and told <= _FAR_TOO_LONG


def _kind(module: Any) -> str:
    # By name: the modules' home in the library moves between its versions, the names stay.
    return type(module).__name__


def _token_ranges(
    offsets: NDArray[np.int64], special: NDArray[np.bool_], segments: list[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the tokens of a piece that overlap each segment.

    Returns
    -------
    rows : ndarray of int64
        0 for the piece as a whole, special tokens and all, as the model pools it; then 1 + the number of each segment
        that has tokens here.
    ranges : ndarray of int64, shape (n_rows, 2)
        First token and one past the last.
    """
    body = np.flatnonzero(~special)
    whole = np.array([[0, len(special)]])
    if len(body) == 0 or not segments:
        return np.zeros(1, np.int64), whole
    low, high = int(body[0]), int(body[-1]) + 1
    wanted = np.asarray(segments, dtype=np.int64)
    # Offsets never go back within a text, so the overlapping tokens are one run.
    starts = np.maximum.accumulate(offsets[low:high, 0])
    ends = np.maximum.accumulate(offsets[low:high, 1])
    first = low + np.searchsorted(ends, wanted[:, 0], side="right")
    last = low + np.searchsorted(starts, wanted[:, 1], side="left")
    here = np.flatnonzero(last > first)
    rows = np.concatenate([[0], 1 + here])
    return rows, np.concatenate([whole, np.stack([first[here], last[here]], axis=1)])


def _checked_layers(layers: tuple[int, ...] | None, depth: int, folder: Path) -> tuple[int, ...]:
    if layers is None:
        return tuple(sorted({-(-depth // 2), -(-2 * depth // 3), depth})) if depth else ()
    wrong = [layer for layer in layers if not 1 <= layer <= depth]
    if wrong:
        allowed = f"layers are numbered 1 to {depth}" if depth else "it has no hidden layers, so only () is allowed"
        raise InputError(f"Layer {wrong[0]} is not one of the model in {folder}: {allowed}.")
    return tuple(int(layer) for layer in layers)
