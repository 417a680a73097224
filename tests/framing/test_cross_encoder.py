"""A cross-encoder of the user's own as an axis, on tiny models made here: which class is read, and what it rests on."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from research.embedding import Encoder
from research.errors import InputError, ModelError
from research.framing import CodedTexts, CrossEncoderAxis, validity_card
from research.inference import estimate_groups
from tests.embedding.conftest import TEXTS, tiny_cross_encoder

POSITIVE = ["They praised the plan.", "A new era for the region!", "Growth."]
NEGATIVE = ["Critics doubt it.", "Costs rise.", "Debt."]
NLI = ("contradiction", "entailment", "neutral")
LONG = " ".join(TEXTS) + " " + " ".join(TEXTS[::-1])

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Give a maker of tiny cross-encoders."""

    def made(labels: tuple[str, ...] | int = NLI, padding_side: str = "right") -> Path:
        return tiny_cross_encoder(tmp_path_factory.mktemp("cross") / "model", labels, padding_side)

    return made


@pytest.fixture(scope="module")
def nli(make: Make) -> Path:
    """Give a model for natural language inference, untrained."""
    return make()


def axis(model: Any, **parameters: Any) -> CrossEncoderAxis:
    return CrossEncoderAxis(model, POSITIVE, NEGATIVE, **parameters)


def by_hand(folder: Path, text: str, statement: str, place: int) -> float:
    """Give the softmax at one class, by transformers alone and without padding."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    read = AutoTokenizer.from_pretrained(folder)(text, statement, return_tensors="pt")
    with torch.inference_mode():
        logits = AutoModelForSequenceClassification.from_pretrained(folder).eval()(**read).logits[0]
    return float(torch.softmax(logits, -1)[place])


def relabelled(folder: Path, to: Path, labels: tuple[str, ...]) -> Path:
    """Copy a model and name its classes otherwise."""
    shutil.copytree(folder, to)
    config = json.loads((to / "config.json").read_text())
    config["id2label"] = {str(place): name for place, name in enumerate(labels)}
    config["label2id"] = {name: place for place, name in enumerate(labels)}
    (to / "config.json").write_text(json.dumps(config))
    return to


def test_p_is_the_softmax_at_the_class_called_entailment(nli: Path, tmp_path: Path) -> None:
    found = axis(nli).entailment(TEXTS)
    expected = [[by_hand(nli, text, said, 1) for said in POSITIVE + NEGATIVE] for text in TEXTS]
    assert np.allclose(found, expected, atol=1e-6)
    assert np.ptp(found) > 0.05
    other = relabelled(nli, tmp_path / "other", ("ENTAILMENT", "neutral", "contradiction"))
    assert np.isclose(axis(other).entailment(TEXTS[:1])[0, 0], by_hand(nli, TEXTS[0], POSITIVE[0], 0), atol=1e-6)


def test_swapped_labels_and_swapped_poles_turn_the_sign(make: Make, tmp_path: Path) -> None:
    two = make(("entailment", "not_entailment"))
    scores = axis(two).predict(TEXTS)
    swapped = relabelled(two, tmp_path / "swapped", ("not_entailment", "entailment"))
    assert np.allclose(axis(swapped).predict(TEXTS), -scores, atol=1e-6) and np.abs(scores).max() > 0.01
    assert np.array_equal(CrossEncoderAxis(two, NEGATIVE, POSITIVE).predict(TEXTS), -scores)
    poles = axis(two).predict_poles(TEXTS)
    assert np.array_equal(poles[:, 0] - poles[:, 1], scores) and poles.min() >= 0 and poles.max() <= 1


def test_a_reranker_reads_the_statement_first(make: Make) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = make(1)
    found = axis(folder).load()
    assert found.labels_ == ()
    read = AutoTokenizer.from_pretrained(folder)(POSITIVE[0], TEXTS[0], return_tensors="pt")
    with torch.inference_mode():
        logit = AutoModelForSequenceClassification.from_pretrained(folder).eval()(**read).logits[0, 0]
    assert np.isclose(found.entailment(TEXTS[:1])[0, 0], float(torch.sigmoid(logit)), atol=1e-6)


def test_bits_do_not_depend_on_company_order_or_cache(nli: Path, tmp_path: Path) -> None:
    texts = [*TEXTS, LONG, *[f"{text} {other}" for text in TEXTS for other in TEXTS[:3]]]
    whole = axis(nli).entailment(texts)
    assert np.array_equal(axis(nli).entailment(texts[::-1]), whole[::-1])
    assert np.array_equal(np.vstack([axis(nli).entailment([text]) for text in texts]), whole)
    assert np.array_equal(CrossEncoderAxis(nli, NEGATIVE[:1], POSITIVE[:1]).entailment(texts), whole[:, [3, 0]])
    cached = axis(nli, cache=tmp_path / "vectors.sqlite")
    seen: list[tuple[str, int, int]] = []
    cached.entailment(texts[::2], progress=lambda *told: seen.append(told))
    assert seen[-1][0] == "cross-encoder" and seen[-1][1] == seen[-1][2] == cached.n_scored_
    assert np.array_equal(cached.entailment(texts), whole) and cached.n_from_cache_ > 0 and cached.n_scored_ > 0
    assert np.array_equal(cached.entailment(texts + texts)[: len(texts)], whole) and cached.n_scored_ == 0
    shorter = axis(nli, cache=tmp_path / "vectors.sqlite", max_length=32)
    assert not np.array_equal(shorter.entailment([LONG]), whole[6:7]) and shorter.n_from_cache_ == 0


def test_padding_on_the_left_is_masked(make: Make) -> None:
    left = make(padding_side="left")
    found = axis(left).entailment(TEXTS)
    assert np.array_equal(found[::-1], axis(left).entailment(TEXTS[::-1])) and np.ptp(found) > 0.05


def test_what_sentence_transformers_says_and_saves(nli: Path, tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    theirs = CrossEncoder(str(nli), device="cpu", local_files_only=True)
    found = axis(nli).entailment(TEXTS)
    expected = theirs.predict([(text, POSITIVE[0]) for text in TEXTS], apply_softmax=True)[:, 1]
    assert np.allclose(found[:, 0], expected, atol=1e-5)
    theirs.save_pretrained(str(tmp_path / "saved"))
    assert np.array_equal(axis(tmp_path / "saved").entailment(TEXTS), found)


def test_a_long_text_is_the_mean_of_its_pieces_by_tokens(nli: Path) -> None:
    sentences = [f"{text} The leaders met, they praised the plan and the treaty." for text in TEXTS[2:4]]
    text = " ".join(sentences)
    small = CrossEncoderAxis(nli, ["Growth.", "Costs rise."], ["Debt."], max_length=34)
    found = small.entailment([text])
    assert small.n_split_ == 3
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(nli)
    from research.corpus import split_sentences
    from research.embedding._pieces import split_text

    def count(texts: list[str]) -> list[int]:
        return [len(tokenizer(each, "Growth.")["input_ids"]) for each in texts]

    cuts = split_text(text, split_sentences(text, "en"), 34, count)
    pieces = [text[a:b] for a, b in cuts]
    weights = [len(tokenizer(piece, add_special_tokens=False)["input_ids"]) for piece in pieces]
    assert len(pieces) > 1
    expected = np.average([by_hand(nli, piece, "Growth.", 1) for piece in pieces], weights=weights)
    assert np.isclose(found[0, 0], expected, atol=1e-6)
    # The last words count: nothing is cut off.
    assert not np.array_equal(small.entailment([f"{text} Exports fell."]), found)


def test_the_interval_is_over_statements(nli: Path) -> None:
    made = axis(nli)
    scores, ends, draws = made.predict(TEXTS), made.predict_interval(TEXTS), made.predict_draws(TEXTS)
    assert draws.shape == (2000, 6) and ends.shape == (6, 2)
    assert (ends[:, 0] <= scores).all() and (scores <= ends[:, 1]).all() and (np.abs(ends) <= 1).all()
    found = made.entailment(TEXTS)
    # The variance of the draws is the unbiased one of a difference of means.
    expected = found[:, :3].var(axis=1, ddof=1) / 3 + found[:, 3:].var(axis=1, ddof=1) / 3
    assert np.allclose(draws.var(axis=0), expected, rtol=0.1)
    assert np.allclose(draws.mean(axis=0), scores, atol=0.02)
    assert np.array_equal(made.predict_draws(TEXTS[1:3], 50), made.predict_draws(TEXTS, 50)[:, 1:3])
    wider = made.predict_interval(TEXTS, confidence=0.99)
    assert (wider[:, 0] <= ends[:, 0]).all() and (wider[:, 1] >= ends[:, 1]).all()
    table = made.assess(TEXTS)
    assert table.columns[:3] == ["framing", "framing_low", "framing_high"]
    assert np.array_equal(table["framing"].to_numpy(), scores)
    with pytest.raises(InputError, match="`negative` has 1 statement; an interval over wordings needs at least 2"):
        CrossEncoderAxis(nli, POSITIVE, NEGATIVE[:1]).predict_interval(TEXTS)
    with pytest.raises(InputError, match="`confidence` is 95; it must lie between 0 and 1"):
        made.predict_interval(TEXTS, confidence=95)


def test_a_target_stands_in_its_place(nli: Path) -> None:
    stance = CrossEncoderAxis(nli, ["They praised {target}.", "{target} said so."], ["Critics doubt {target}."])
    plan = stance.predict(TEXTS, target="the plan")
    literal = CrossEncoderAxis(nli, ["They praised the plan.", "the plan said so."], ["Critics doubt the plan."])
    assert np.array_equal(plan, literal.predict(TEXTS))
    other = stance.predict(TEXTS, target=["the plan", *["trade"] * 5])
    assert other[0] == plan[0] and np.array_equal(other[1:], stance.predict(TEXTS, target="trade")[1:])
    # Braces of a name are letters like others.
    assert np.isfinite(stance.predict(TEXTS[:1], target="{0.__class__}")).all()
    for target, said in (
        (None, "a statement holds {target} and `target` is not given"),
        (["trade"], "there are 6 texts and 1 targets"),
        (" ", "a target is empty or no text"),
    ):
        with pytest.raises(InputError, match=said):
            stance.predict(TEXTS, target=target)
    with pytest.raises(InputError, match="`target` is given and no statement holds"):
        axis(nli).predict(TEXTS, target="trade")


@pytest.mark.parametrize(
    ("positive", "negative", "said"),
    [
        ("They praised it.", NEGATIVE, "`positive` is 'They praised it.'; give a list of statements"),
        (POSITIVE, [], "`negative` is empty; give a list of statements"),
        (POSITIVE, [" "], "`negative` holds ' '; a statement is a text that is not empty"),
        (POSITIVE, [3], "`negative` holds 3; a statement"),
        (POSITIVE, POSITIVE[:1], "the statement 'They praised the plan.' comes twice"),
        ([f"{LONG} {LONG}"], NEGATIVE, "of the 64 tokens that are read at once"),
    ],
)
def test_wrong_statements_are_refused(nli: Path, positive: Any, negative: Any, said: str) -> None:
    with pytest.raises(InputError) as error:
        CrossEncoderAxis(nli, positive, negative).predict(TEXTS)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_wrong_models_are_refused(nli: Path, make: Make, tmp_path: Path) -> None:
    def refused(model: Path | str, kind: type[Exception] = ModelError, **parameters: Any) -> str:
        with pytest.raises(kind) as error:
            axis(model, **parameters).predict(TEXTS)
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "names the classes LABEL_0, LABEL_1, LABEL_2 in `id2label`" in refused(make(3))
    assert "exactly one must begin with `entail`" in refused(make(("entailment", "entails", "other")))
    assert "does not exist" in refused(tmp_path / "none")
    assert "cannot be fetched" in refused("no-such-model")
    assert "the model in" in refused(nli, InputError, max_length=65) and "reads at most 64 tokens" in refused(
        nli, InputError, max_length=65
    )
    assert "holds no trained classifier" in refused("all-MiniLM-L6-v2")
    shutil.copytree(nli, tmp_path / "pickled")
    (tmp_path / "pickled/model.safetensors").rename(tmp_path / "pickled/pytorch_model.bin")
    assert "holds pickled weights" in refused(tmp_path / "pickled")
    shutil.copytree(nli, tmp_path / "damaged")
    (tmp_path / "damaged/model.safetensors").write_bytes(b"nothing")
    assert "cannot be loaded as a cross-encoder" in refused(tmp_path / "damaged")
    shutil.copytree(nli, tmp_path / "code")
    config = json.loads((tmp_path / "code/config.json").read_text())
    config |= {
        "model_type": "own",
        "auto_map": {"AutoConfig": "own.Own", "AutoModelForSequenceClassification": "own.M"},
    }
    (tmp_path / "code/config.json").write_text(json.dumps(config))
    (tmp_path / "code/own.py").write_text("raise SystemExit('own code ran')")
    assert "needs no code of its own" in refused(tmp_path / "code")


def test_a_function_may_stand_in_for_a_model() -> None:
    made = axis(lambda pairs: [float(said.split()[-1] in text) for text, said in pairs])
    scores = made.predict(["They praised the plan.", "Costs rise.", "Costs rise."])
    assert scores.tolist() == [1 / 3, -1 / 3, -1 / 3] and made.n_scored_ == 12 and made.model_hash_ is None
    assert made.predict([]).shape == (0,) and made.predict_draws([], 4).shape == (4, 0)
    with pytest.raises(InputError, match="cannot be saved"):
        made.to_state()
    with pytest.raises(InputError, match="must give each pair one number from 0 to 1"):
        axis(lambda pairs: [2.0 for _ in pairs]).predict(TEXTS)


def test_it_is_an_estimator_that_can_be_copied_and_saved(nli: Path, tmp_path: Path) -> None:
    made = axis(str(nli), max_length=48).load()
    assert made.labels_ == NLI and made.max_tokens_ == 48
    scores = made.predict(TEXTS)
    for copy in (clone(made), pickle.loads(pickle.dumps(made))):
        assert np.array_equal(copy.predict(TEXTS), scores)
    arrays, meta = made.to_state()
    meta = json.loads(json.dumps(meta))
    again = CrossEncoderAxis.from_state(arrays, meta)
    assert np.array_equal(again.predict(TEXTS), scores)
    with pytest.raises(ModelError, match="has version 0; this release reads 1"):
        CrossEncoderAxis.from_state(arrays, {**meta, "version": 0})
    with pytest.raises(ModelError, match="lacks 'parameters'"):
        CrossEncoderAxis.from_state(arrays, {"version": 1})
    moved = CrossEncoderAxis.from_state(arrays, meta)
    moved.set_params(model=relabelled(nli, tmp_path / "moved", ("entailment", "neutral", "contradiction")))
    with pytest.raises(ModelError, match="the axis was saved with a model of hash"):
        moved.predict(TEXTS)


def test_groups_and_the_validity_card_take_it(nli: Path) -> None:
    import polars as pl

    made = axis(nli)
    texts = [*TEXTS, "Trade talks ended.", "Debt costs rise."]
    embeddings = Encoder().encode(texts)
    assert np.array_equal(made.predict(embeddings), made.predict(texts))
    documents = [f"d{row % 4}" for row in range(8)]
    paragraphs = pl.DataFrame(
        {
            "paragraph_id": [f"{name}:{row}" for row, name in enumerate(documents)],
            "document_id": documents,
            "outlet": ["x", "x", "y", "y"] * 2,
            "position": [row // 4 for row in range(8)],
            "n_printed": [1] * 8,
            "duplicate_of": [None] * 8,
            "theme": ["trade"] * 8,
            "framing": made.predict(texts),
        },
        schema_overrides={"duplicate_of": pl.String},
    )
    found = estimate_groups(paragraphs, framing_draws=made.predict_draws(texts, 200))
    row = found.filter(pl.col("quantity") == "framing", pl.col("group_by") == "document").row(0, named=True)
    assert row["low"] <= row["estimate"] <= row["high"]
    coded = CodedTexts(np.arange(8), np.tile([-1.0, 1.0], 4), 0.8, 2)
    card = validity_card(made, embeddings, documents, labels=coded, others={"valence": np.arange(8.0)}, n_resamples=20)
    checks = card["check"].to_list()
    assert not any(check.startswith("anchors") for check in checks)
    assert "texts: correlation with valence" in checks and "labels: Spearman" in checks
    alone = validity_card(made, embeddings, documents, n_resamples=20)
    assert "how a model reads these texts is not known" in alone.filter(pl.col("check") == "labels: none")["note"][0]
