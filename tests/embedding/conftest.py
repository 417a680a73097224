"""Tiny models, made here and nowhere else: a BERT that averages, one that takes its first token, a static one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

WORDS = [
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
    "leaders",
    "met",
    "they",
    "praised",
    "plan",
    "trade",
    "growth",
    "talks",
    "summit",
    "ended",
    "without",
    "treaty",
    "analysts",
    "warned",
    "that",
    "debt",
    "costs",
    "would",
    "rise",
    "while",
    "exports",
    "fell",
    "president",
    "said",
    "this",
    "new",
    "era",
    "for",
    "region",
    "but",
    "critics",
    "doubt",
    "it",
    ".",
    ",",
    ";",
    ":",
    "!",
    "?",
    '"',
    "'",
    "-",
    "(",
    ")",
]
TEXTS = [
    "The leaders met. They praised the plan.",
    "Talks ended without a treaty.",
    "Analysts warned that debt costs would rise while exports fell, but critics doubt it.",
    "The president said this: a new era for the region!",
    "Growth.",
    "The summit ended. Exports fell. Costs rise. Critics doubt the plan and the treaty of the region.",
]


def _vocabulary(folder: Path) -> int:
    """Write a vocabulary and give its size."""
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters, *(f"##{x}" for x in letters)]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocab)) + "\n", encoding="utf-8")
    return len(dict.fromkeys(vocab))


def tiny_cross_encoder(folder: Path, labels: tuple[str, ...] | int, padding_side: str = "right") -> Path:
    """Make an untrained BERT that reads pairs, 64 tokens at once: classes by name, or a number of unnamed ones."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    size = _vocabulary(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.3,  # far from 0, so that pairs differ
        **({"num_labels": labels} if isinstance(labels, int) else {"id2label": dict(enumerate(labels))}),
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64, padding_side=padding_side)
    tokenizer.save_pretrained(folder)
    return folder


def _backbone(folder: Path, seed: int) -> Any:
    import torch
    from sentence_transformers.sentence_transformer.modules import Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    size = _vocabulary(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=24).save_pretrained(folder)
    return Transformer(str(folder), max_seq_length=24)


def _saved(modules: list[Any], folder: Path) -> Path:
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(modules=modules, device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a mean-pooling BERT of two layers, 32 dimensions, 24 tokens at once."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    folder = tmp_path_factory.mktemp("tiny")
    return _saved([_backbone(folder / "bert", 0), Pooling(32, "mean"), Normalize()], folder / "model")


@pytest.fixture(scope="session")
def tiny_dense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the same with a dense layer from 32 to 8 dimensions after the pooling, and no normalisation."""
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling

    folder = tmp_path_factory.mktemp("dense")
    return _saved([_backbone(folder / "bert", 0), Pooling(32, "mean"), Dense(32, 8)], folder / "model")


@pytest.fixture(scope="session")
def tiny_cls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the same, but a text's vector is its first token's state."""
    from sentence_transformers.sentence_transformer.modules import Pooling

    folder = tmp_path_factory.mktemp("cls")
    return _saved([_backbone(folder / "bert", 0), Pooling(32, "cls")], folder / "model")


@pytest.fixture(scope="session")
def tiny_static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a static embedding of 16 dimensions: no transformer, no layers, no limit."""
    import numpy as np
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(["[UNK]", *WORDS])}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(0).normal(size=(1 + len(WORDS), 16)).astype(np.float32)
    return _saved([StaticEmbedding(tokenizer, embedding_weights=weights)], tmp_path_factory.mktemp("static") / "model")
