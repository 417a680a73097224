"""Cross-encoders: models that read a text and a statement at once and say whether the one bears out the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from research.embedding._backbone import batch_rows, padded_length, shape_rule, token_limit
from research.embedding._cache import CachedRow, row_key
from research.embedding._models import check_device, quiet
from research.embedding._pieces import split_text
from research.errors import InputError, ModelError

if TYPE_CHECKING:
    from research.embedding._cache import VectorCache

__all__ = ["Pair", "PairModel"]

Progress = Callable[[str, int, int], None]
Span = tuple[int, int]

_PAIRS_AT_ONCE = 256
_ENTAILMENT = "entail"  # what such a label begins with: entailment, ENTAILMENT, entails; not_entailment does not


class Pair(NamedTuple):
    """A text, with its sentences, and a statement that it may bear out."""

    text: str
    statement: str
    sentences: Sequence[Span]


class _Piece(NamedTuple):
    """What the model reads at once of a pair; `weight` is the number of the text's own tokens in it."""

    pair: int
    weight: int
    ids: list[int]
    types: list[int] | None


@lru_cache(maxsize=2)
def _load(folder: Path, digest: str, device: str) -> tuple[Any, Any]:
    """Load tokenizer and model, in float32, once a process; `digest` makes a changed folder load anew."""
    check_device(device)
    with quiet():
        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer

            safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
            tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
            model, told = AutoModelForSequenceClassification.from_pretrained(
                str(folder), use_safetensors=True, output_loading_info=True, **safe
            )
            model = model.float().eval().to(device)
        except Exception as error:
            raise ModelError(
                f"{folder} cannot be loaded as a cross-encoder on device {device} ({_reason(error)}); give a folder "
                "with safetensors weights of a sequence classifier that needs no code of its own."
            ) from error
    if told["missing_keys"]:
        # Transformers would fill them with random numbers, and every score would be noise.
        raise ModelError(
            f"{folder} holds no trained classifier (its weights lack {min(told['missing_keys'])}); give a "
            "cross-encoder, such as a model for natural language inference, and not an embedding model."
        )
    return tokenizer, model


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


class PairModel:
    """A loaded cross-encoder, and how a pair becomes one number.

    A model for natural language inference reads (text, statement) and gives the softmax of its classes at the one
    called entailment. A model of one output (a reranker) reads (statement, text), as it was trained on query and
    passage, and gives the sigmoid of that output.

    Everything is computed in float32 and in fixed shapes, as `Backbone` does, so that a pair's number has the same bits
    whatever the other pairs are.

    Parameters
    ----------
    folder : Path
        As `find_model` gives it.
    digest : str
        Its `model_hash`.
    device : str
    max_tokens : int or None
        Tokens read at once, both texts and special ones counted; None for what the model can.

    Attributes
    ----------
    labels : tuple of str
        Names of the model's classes; empty where it has one output.
    max_tokens : int
    n_scored, n_from_cache, n_split : int
        Pairs of the last `score` that went through the model, that the cache had, and, of the former, that were split.

    Raises
    ------
    ModelError
        If the folder holds no such model, none of its classes is entailment, or it cannot read a pair.
    InputError
        If `max_tokens` is more than the model reads.
    """

    def __init__(self, folder: Path, digest: str, device: str, max_tokens: int | None) -> None:
        self._tokenizer, self._model = _load(folder, digest, device)
        self._device = device
        config = self._model.config
        names = [str(config.id2label[place]) for place in range(int(config.num_labels))]
        self.labels = tuple(names) if len(names) > 1 else ()
        found = [place for place, name in enumerate(names) if name.lower().startswith(_ENTAILMENT)]
        if self.labels and len(found) != 1:
            raise ModelError(
                f"{folder}/config.json names the classes {', '.join(names)} in `id2label`; exactly one must begin with "
                "`entail`, so give a model for natural language inference, or write the true names there."
            )
        self._entailment = found[0] if self.labels else None
        limit = token_limit(self._tokenizer.model_max_length, config)
        if max_tokens is not None and max_tokens > limit:
            raise InputError(f"`max_length` is {max_tokens}; the model in {folder} reads at most {limit} tokens")
        self.max_tokens = limit if max_tokens is None else max_tokens
        self._recipe = f"pair\0{digest}\0float32\0{shape_rule(device)}\0{self.max_tokens}"
        self.n_scored = self.n_from_cache = self.n_split = 0
        try:
            self._run([self._read([("a", "b")])[0]])
        except Exception as error:
            raise ModelError(
                f"the model in {folder} cannot read a pair of texts ({_reason(error)}); give one that was trained as a "
                "cross-encoder."
            ) from error

    def score(
        self, pairs: Sequence[Pair], cache: VectorCache | None = None, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Give how far each text bears out its statement, in [0, 1], shape (n_pairs,).

        A text that does not fit beside its statement is split at sentence ends, and its pieces' numbers are averaged
        by their tokens.

        Raises
        ------
        InputError
            If a statement takes more than half of the tokens that the model reads at once.
        ModelError
            If the model gives what is no number.
        """
        self.n_scored = self.n_from_cache = self.n_split = 0
        found = np.empty(len(pairs), dtype=np.float32)
        room = self._room(sorted({pair.statement for pair in pairs}))
        # Pairs of about one length share their batches.
        order = sorted(range(len(pairs)), key=lambda row: len(pairs[row].text) + len(pairs[row].statement))
        for first in range(0, len(order), _PAIRS_AT_ONCE):
            some = order[first : first + _PAIRS_AT_ONCE]
            keys = {row: self._key(pairs[row]) for row in some}
            known = cache.read(list(keys.values())) if cache is not None else {}
            missing = []
            for row in some:
                held = known.get(keys[row])
                if held is not None and held.block.shape == (1, 1):
                    found[row] = held.block[0, 0]
                else:
                    missing.append(row)
            numbers = self._score([pairs[row] for row in missing], room)
            found[missing] = [number for number, _, _ in numbers]
            if cache is not None and missing:
                cache.write(
                    {
                        keys[row]: CachedRow(np.full((1, 1), number, dtype=np.float32), n_tokens, n_pieces)
                        for row, (number, n_tokens, n_pieces) in zip(missing, numbers, strict=True)
                    }
                )
            self.n_scored += len(missing)
            self.n_from_cache += len(some) - len(missing)
            self.n_split += sum(n_pieces > 1 for _, _, n_pieces in numbers)
            if progress is not None:
                progress("cross-encoder", first + len(some), len(order))
        return found

    def _key(self, pair: Pair) -> bytes:
        return row_key(f"{self._recipe}\0{len(pair.statement)}\0{pair.statement}", pair.text, pair.sentences)

    def _room(self, statements: list[str]) -> dict[str, int]:
        """Give how many tokens each statement takes with the special ones, and refuse what leaves no room."""
        read = self._read([("", statement) for statement in statements]) if statements else []
        taken = {statement: len(piece.ids) for statement, piece in zip(statements, read, strict=True)}
        for statement, n_tokens in taken.items():
            if 2 * n_tokens > self.max_tokens:
                raise InputError(
                    f"the statement {statement[:40]!r} takes {n_tokens} of the {self.max_tokens} tokens that are read "
                    "at once; write one that leaves half of them to the text"
                )
        return taken

    def _read(self, pairs: Sequence[tuple[str, str]]) -> list[_Piece]:
        """Tokenise pairs; `pair` is the place of each, `weight` all of its tokens."""
        # A reranker was trained on a query and then a passage.
        ordered = pairs if self.labels else [(second, first) for first, second in pairs]
        read = self._tokenizer(
            [first for first, _ in ordered],
            [second for _, second in ordered],
            truncation=False,
            padding=False,
            return_attention_mask=False,
            verbose=False,
        )
        types = read.get("token_type_ids") or [None] * len(pairs)
        return [
            _Piece(place, len(ids), list(ids), of)
            for place, (ids, of) in enumerate(zip(read["input_ids"], types, strict=True))
        ]

    def _score(self, pairs: list[Pair], room: Mapping[str, int]) -> list[tuple[float, int, int]]:
        """Give each pair's number, the tokens of its text and the pieces it was read in."""
        if not pairs:
            return []
        pieces: list[_Piece] = []
        for whole in self._read([pair[:2] for pair in pairs]):
            pair = pairs[whole.pair]
            cuts = [whole] if len(whole.ids) <= self.max_tokens else self._split(pair)
            taken = room[pair.statement]
            pieces += [cut._replace(pair=whole.pair, weight=max(1, cut.weight - taken)) for cut in cuts]
        queues: dict[int, list[int]] = {}
        for row, piece in enumerate(pieces):
            queues.setdefault(padded_length(len(piece.ids), self.max_tokens), []).append(row)
        values = np.empty(len(pieces))
        for length, queue in sorted(queues.items()):
            rows = batch_rows(length)
            for first in range(0, len(queue), rows):
                some = queue[first : first + rows]
                values[some] = self._run([pieces[row] for row in some])
        owner = np.array([piece.pair for piece in pieces])
        weight = np.array([piece.weight for piece in pieces], dtype=np.float64)
        n_tokens, n_pieces = np.bincount(owner, weights=weight), np.bincount(owner)
        means = np.bincount(owner, weights=weight * values) / n_tokens
        return list(zip(means.tolist(), n_tokens.astype(int).tolist(), n_pieces.tolist(), strict=True))

    def _split(self, pair: Pair) -> list[_Piece]:
        def count(texts: list[str]) -> list[int]:
            return [len(piece.ids) for piece in self._read([(text, pair.statement) for text in texts])] if texts else []

        cuts = split_text(pair.text, pair.sentences, self.max_tokens, count)
        return self._read([(pair.text[a:b], pair.statement) for a, b in cuts])

    def _run(self, batch: list[_Piece]) -> NDArray[np.float64]:
        """Run pieces of one padded length as one batch of fixed shape; give each piece's number in [0, 1]."""
        import torch
        from scipy.special import expit

        length = padded_length(max(len(piece.ids) for piece in batch), self.max_tokens)
        # Copies of a piece fill the batch: some models refuse a row without an end of text.
        filled = [*batch, *[batch[0]] * (batch_rows(length) - len(batch))]
        tokenizer = self._tokenizer
        ids = np.full((len(filled), length), tokenizer.pad_token_id or 0, dtype=np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, piece in enumerate(filled):
            begin = length - len(piece.ids) if tokenizer.padding_side == "left" else 0
            here = slice(begin, begin + len(piece.ids))
            ids[row, here], mask[row, here] = piece.ids, 1
            if piece.types is not None:
                types[row, here] = piece.types
        features = {"input_ids": ids, "attention_mask": mask}
        if batch[0].types is not None:
            features["token_type_ids"] = types
        with torch.inference_mode():
            output = self._model(**{name: torch.from_numpy(each).to(self._device) for name, each in features.items()})
        logits = output.logits[: len(batch)].cpu().numpy().astype(np.float64)
        if not np.isfinite(logits).all():
            raise ModelError("the cross-encoder gives NaN or infinite scores; get its weights anew, or use another")
        if self._entailment is None:
            number: NDArray[np.float64] = expit(logits[:, 0])
            return number
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        number = odds[:, self._entailment] / odds.sum(axis=1)
        return number
