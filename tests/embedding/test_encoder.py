from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone

from research.embedding import Embeddings, Encoder
from research.errors import InputError, ModelError

from .conftest import TEXTS

LONG = " ".join(TEXTS) + " " + " and".join(["the plan"] * 30) + "."


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def same(a: Embeddings, b: Embeddings) -> bool:
    """Whether two results have the same bits throughout."""
    pairs = [(a.vectors, b.vectors), (a.layers, b.layers), (a.n_tokens, b.n_tokens), (a.n_pieces, b.n_pieces)]
    names = ("vectors", "layers", "start", "end", "paragraph")
    for one, other in ((a.sentences, b.sentences), (a.spans, b.spans)):
        pairs += [(getattr(one, name), getattr(other, name)) for name in names]
    return a.texts == b.texts and all(np.array_equal(x, y) for x, y in pairs)


def reference(folder: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu").encode(texts, batch_size=32, normalize_embeddings=True)


def test_paragraphs_equal_sentence_transformers(
    tiny: Path, tiny_dense: Path, tiny_cls: Path, tiny_static: Path
) -> None:
    for folder in (tiny, tiny_dense, tiny_cls, tiny_static):
        found = Encoder(folder).encode(TEXTS)
        np.testing.assert_allclose(found.vectors, reference(folder, TEXTS), atol=1e-5)


def test_bundled_model_equals_sentence_transformers() -> None:
    from research.embedding._models import find_model

    found = Encoder().encode(TEXTS)
    assert found.layers.shape == (6, 3, 384)
    np.testing.assert_allclose(found.vectors, reference(find_model("all-MiniLM-L6-v2"), TEXTS), atol=1e-5)
    np.testing.assert_allclose(found.layers[:, 2], found.vectors, atol=1e-5)  # layer 6 of 6 is what the model pools


def test_sentences_and_spans_are_means_of_their_token_states(tiny: Path) -> None:
    text = "The leaders met. They praised the plan."
    found = Encoder(tiny).encode([text], spans=[[(4, 11), (17, 29), (6, 9)]])
    from sentence_transformers import SentenceTransformer

    states = SentenceTransformer(str(tiny), device="cpu").encode([text], output_value="token_embeddings")[0].numpy()
    # [CLS] the leaders met . they praised the plan . [SEP]
    expected = [states[1:5].mean(0), states[5:10].mean(0), states[2], states[5:7].mean(0), states[2]]
    expected = [vector / np.linalg.norm(vector) for vector in expected]
    np.testing.assert_allclose(np.concatenate([found.sentences.vectors, found.spans.vectors]), expected, atol=1e-6)
    assert text[found.sentences.start[1] : found.sentences.end[1]] == "They praised the plan."
    assert found.n_tokens.tolist() == [9]


@pytest.mark.parametrize("kind", ["tiny", "tiny_dense"])
@pytest.mark.parametrize("text", [TEXTS[0], "  Growth.", LONG])
def test_layers_are_means_of_the_token_states(kind: str, text: str, request: pytest.FixtureRequest) -> None:
    encoder = Encoder(request.getfixturevalue(kind))
    whole = encoder.encode([text])
    found = encoder.token_states(text)
    assert found.states.shape == (len(found), 2, 32) and found.states.dtype == np.float32
    mean = found.states.mean(axis=0)
    np.testing.assert_allclose(mean / np.linalg.norm(mean, axis=-1, keepdims=True), whole.layers[0], atol=1e-6)
    assert (~found.special).sum() == whole.n_tokens[0]
    assert found.special.sum() == 2 * whole.n_pieces[0]
    assert (found.start[found.special] == -1).all()
    inner = [text[a:b].lower() for a, b in zip(found.start, found.end, strict=True) if a >= 0]
    assert "".join(inner) == "".join(text.lower().split())


def test_token_states_need_a_model_that_averages_them(tiny: Path, tiny_cls: Path, tiny_static: Path) -> None:
    for folder in (tiny_cls, tiny_static):
        with pytest.raises(ModelError, match="does not average"):
            Encoder(folder).token_states(TEXTS[0])
    with pytest.raises(InputError, match="empty"):
        Encoder(tiny).token_states(" ")
    assert Encoder(tiny, layers=()).token_states(TEXTS[0]).states.shape[1] == 0


def test_span_without_a_token_gets_its_sentence(tiny: Path) -> None:
    found = Encoder(tiny).encode(["The leaders met. They praised the plan."], spans=[[(20, 21), (16, 17)]])
    assert not np.array_equal(found.spans.vectors[0], found.sentences.vectors[1])  # inside a word: the word's token
    assert np.array_equal(found.spans.vectors[1], found.vectors[0])  # white space between sentences: the paragraph


@pytest.mark.parametrize("kind", ["tiny", "tiny_dense", "tiny_cls", "tiny_static"])
def test_every_vector_has_unit_length_and_every_sentence_is_there(kind: str, request: pytest.FixtureRequest) -> None:
    texts = [*TEXTS, LONG]
    found = Encoder(request.getfixturevalue(kind)).encode(texts, spans=[[(0, 3)]] * len(texts))
    for block in (found.vectors, found.sentences.vectors, found.spans.vectors, found.layers, found.sentences.layers):
        assert block.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(block, axis=-1), 1, atol=1e-5)
    for row, text in enumerate(texts):
        covered = set()
        for i in np.flatnonzero(found.sentences.paragraph == row):
            covered |= set(range(found.sentences.start[i], found.sentences.end[i]))
        assert {i for i, c in enumerate(text) if not c.isspace()} <= covered
    if kind == "tiny_static":
        assert found.layers.shape == (7, 0, 16)
    else:
        assert found.layers.shape == (7, 2, 32)


@pytest.mark.parametrize("kind", ["tiny", "tiny_dense", "tiny_cls", "tiny_static"])
def test_bits_do_not_depend_on_neighbours_order_or_threads(
    kind: str, request: pytest.FixtureRequest, threads: None
) -> None:
    encoder = Encoder(request.getfixturevalue(kind))
    words = ("growth", "trade", "debt", "talks")
    texts = [*TEXTS, LONG, *(f"{text} {word} {word}" for text in TEXTS for word in words)]
    spans = [[(0, 3), (2, 5)] for _ in texts]
    torch.set_num_threads(1)
    together = encoder.encode(texts, spans)
    order = np.random.default_rng(0).permutation(len(texts))
    torch.set_num_threads(2)
    assert same(together.take(order), encoder.encode([texts[i] for i in order], [spans[i] for i in order]))
    for row in (0, 6, 9):
        assert same(together.take([row]), encoder.encode([texts[row]], [spans[row]]))


@pytest.mark.parametrize("kind", ["tiny", "tiny_cls", "tiny_static"])
def test_a_half_filled_cache_changes_no_bit(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    folder = request.getfixturevalue(kind)
    texts = [*TEXTS, LONG]
    spans = [[(0, 3)], [], [(4, 9), (0, 2)], [], [], [(0, 3)], [(5, 30)]]
    bare = Encoder(folder).encode(texts, spans)
    cached = Encoder(folder, cache=tmp_path / "c.sqlite")
    cached.encode(texts[1:4], [[(2, 6)], [], []])
    assert same(bare, cached.encode(texts, spans))
    # Texts 1 and 3 were there whole; 2 lacked its spans.
    assert cached.counts_ == {"n_embedded": 5, "n_from_cache": 2, "n_split": 0 if kind == "tiny_static" else 1}
    assert same(bare, cached.encode(texts, spans))
    assert (cached.n_embedded_, cached.n_from_cache_) == (0, 7)


def test_an_interrupted_run_keeps_its_batches(tiny: Path, tmp_path: Path) -> None:
    texts = [f"{text} {word}" for text in TEXTS for word in ("growth", "trade", "debt", "talks", "summit", "era")]

    def stop(label: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    encoder = Encoder(tiny, cache=tmp_path / "c.sqlite")
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(texts, progress=stop)
    found = encoder.encode(texts)
    assert encoder.n_from_cache_ >= 16
    assert same(found, Encoder(tiny).encode(texts))


def test_another_layer_or_model_is_another_entry(tiny: Path, tiny_cls: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    Encoder(tiny, cache=path).encode(TEXTS)
    for other in (Encoder(tiny, layers=(1,), cache=path), Encoder(tiny_cls, cache=path)):
        other.encode(TEXTS)
        assert other.n_from_cache_ == 0


def test_a_long_text_is_split_and_nothing_is_cut(tiny: Path) -> None:
    from sentence_transformers import SentenceTransformer

    sentences = [
        "The leaders met and praised the plan of trade and growth.",
        "Talks ended without a treaty, but costs rise.",
    ]
    text = " ".join([*sentences, *sentences])
    encoder = Encoder(tiny)
    found = encoder.encode([text])
    assert (found.n_pieces[0], encoder.n_split_) == (2, 1)  # two sentences of 12 and 10 tokens need 24 with the marks
    model = SentenceTransformer(str(tiny), device="cpu")
    states = model.encode([" ".join(sentences)], output_value="token_embeddings")[0].numpy()
    mean = states.mean(0)
    np.testing.assert_allclose(found.vectors[0], mean / np.linalg.norm(mean), atol=1e-5)
    changed = encoder.encode([text[:-6] + "fell."])
    assert not np.array_equal(found.vectors, changed.vectors)  # the last word counts
    assert len(np.unique(found.sentences.vectors.round(5), axis=0)) == 2


def test_a_sentence_over_the_limit_spans_its_pieces(tiny: Path) -> None:
    text = "and".join([" the plan "] * 30).strip() + "."
    found = Encoder(tiny).encode([text, "w" * 90])
    assert found.n_pieces[0] >= 4 and found.n_pieces[1] >= 4
    assert found.n_tokens.tolist() == [90, 90]
    assert found.sentences.vectors[0] @ found.vectors[0] > 0.9


def test_identical_texts_are_embedded_once_and_keep_their_own_spans(tiny: Path) -> None:
    encoder = Encoder(tiny)
    found = encoder.encode([TEXTS[0], TEXTS[1], TEXTS[0]], spans=[[(4, 11)], [], [(0, 3), (4, 11)]])
    assert encoder.n_embedded_ == 2
    assert np.array_equal(found.vectors[0], found.vectors[2])
    assert found.spans.paragraph.tolist() == [0, 2, 2] and found.spans.start.tolist() == [4, 0, 4]
    assert np.array_equal(found.spans.vectors[0], found.spans.vectors[2])


def test_no_texts_give_empty_arrays(tiny: Path) -> None:
    found = Encoder(tiny).encode([])
    assert found.vectors.shape == (0, 32) and found.layers.shape == (0, 2, 32) and len(found.sentences) == 0


@pytest.mark.parametrize(
    ("texts", "spans", "said"),
    [
        (["Growth.", " \n"], None, "Text 1 is empty"),
        (["Growth.", None], None, "Text 1 is a NoneType"),
        ("Growth.", None, "give a list of texts"),
        (["Growth.", "a\ud800"], None, "Text 1 holds half a character"),
        (["Growth."], [[(0, 9)]], r"Span \(0, 9\) of text 0"),
        (["Growth."], [[(3, 3)]], r"Span \(3, 3\) of text 0"),
        (["Growth."], [[], []], "one list of spans a text"),
    ],
)
def test_unusable_input_is_named(tiny: Path, texts: list[str], spans: list[list[tuple[int, int]]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Encoder(tiny).encode(texts, spans)


def test_a_corpus_gives_its_paragraphs(tiny: Path) -> None:
    import polars as pl

    corpus = SimpleNamespace(paragraphs=pl.DataFrame({"paragraph_id": ["a:0", "a:1"], "text": TEXTS[:2]}))
    encoder = Encoder(tiny)
    assert same(encoder.encode(corpus), encoder.encode(corpus.paragraphs["text"]))
    assert encoder.encode(corpus).texts == tuple(TEXTS[:2])


def test_progress_counts_distinct_texts_to_the_end(tiny: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    Encoder(tiny).encode([*TEXTS, TEXTS[0]], progress=lambda *state: seen.append(state))
    assert seen[-1] == ("embedding", 6, 6) and [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_layers(tiny: Path, tiny_cls: Path, tiny_static: Path) -> None:
    for folder in (tiny, tiny_cls):
        assert Encoder(folder, layers=()).encode(TEXTS).layers.shape == (6, 0, 32)
    encoder = Encoder(tiny, layers=[2])
    np.testing.assert_allclose(encoder.encode(TEXTS).layers[:, 0], encoder.encode(TEXTS).vectors, atol=1e-6)
    with pytest.raises(InputError, match=r"Layer 3 .* 1 to 2"):
        Encoder(tiny, layers=(3,)).encode(TEXTS)
    with pytest.raises(InputError, match="no hidden layers"):
        Encoder(tiny_static, layers=(1,)).encode(TEXTS)


def test_it_is_a_scikit_learn_estimator(tiny: Path) -> None:
    # It has no fit, so scikit-learn's checks do not apply; what they ask of the constructor does.
    encoder = Encoder(tiny, layers=[1])
    before = encoder.encode(TEXTS)
    assert encoder.get_params()["layers"] == [1]
    copy = clone(encoder)
    assert not hasattr(copy, "model_hash_")
    restored = pickle.loads(pickle.dumps(encoder))
    assert len(pickle.dumps(encoder)) < 2000  # the weights stay behind
    assert same(before, copy.encode(TEXTS)) and same(before, restored.encode(TEXTS))
    encoder.set_params(layers=(2,))
    assert encoder.encode(TEXTS).layers.shape == (6, 1, 32) and encoder.layers_ == (2,)


def test_the_bundled_model_is_quiet_and_needs_no_network() -> None:
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from research.embedding import Encoder\n"
        "Encoder().encode(['The leaders met. ' * 100])\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=100)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("table", [pl.DataFrame({"text": TEXTS}), pd.DataFrame({"text": TEXTS}), {"text": TEXTS}])
def test_a_whole_table_is_no_list_of_texts_and_its_column_is(tiny: Path, table: Any) -> None:
    with pytest.raises(InputError, match=r"a whole table; give one of its columns, for example df\[\"text\"\]"):
        Encoder(tiny).encode(table)
    assert same(Encoder(tiny).encode(table["text"]), Encoder(tiny).encode(TEXTS))


def test_a_language_is_a_code_in_letters_of_either_size(tiny: Path) -> None:
    text = ["Mr. Lee met Gov. Smith."]
    assert len(Encoder(tiny, language="EN").encode(text).sentences) == 1
    with pytest.raises(InputError, match=r"`language` is 'english'; .* \(did you mean `en`\?\)"):
        Encoder(tiny, language="english").encode(text)


def test_a_device_that_is_not_there_is_not_blamed_on_the_model(tiny: Path) -> None:
    with pytest.raises(InputError, match=r"`device` is 'nowhere', which cannot be used here .*; give .cpu") as caught:
        Encoder(tiny, device="nowhere").encode(TEXTS)
    assert "safetensors" not in str(caught.value)
