"""The stance benchmark: which rows it reads, what it refuses, and how it counts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from experiments import _stance_corpora as corpora
from experiments._foreign_sample import mentions_of
from experiments._named_sample import draw_named
from experiments._news_labels import hashes_of
from experiments._news_sample import draw_mentions, read_articles, text_hash
from experiments._other_names import Lesson
from experiments._stance_corpora import (
    LabelledMentions,
    opposed_pairs,
    read_newsmtsc,
    read_paragraph_mentions,
    read_sentence_mentions,
    refuse_shared,
    without_repeats,
)
from experiments._stance_methods import from_lesson, macro_f1_of, sentence_vectors, two_steps
from experiments._stance_seeds import _gap
from experiments.stance_benchmark import Settings, _right
from experiments.teach_stance import Settings as Teaching
from research.embedding import Embeddings, Segments
from research.errors import InputError
from research.stance import mark_mentions
from research.study import load_config

ROOT = Path(__file__).resolve().parents[2]


def write(path: Path, rows: list[dict]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    articles = [
        {
            "id": f"a{number}", "outlet": "o", "topic": "t", "date": "2020-01-01", "title": "T", "lean": "l",
            "text": f"After {number} long days of talks the admirable Congress praised Washington for great success.\n"
            f"For {number} weeks the reckless Senate blamed Congress for the terrible failure of its own plans.",
        }
        for number in range(14)
    ]  # fmt: skip
    write(tmp_path / "allsides_news.jsonl.gz", articles)
    rows = [
        ("One_two_3_4_x", "Ann beat Bob.", 0, 3, "positive", "train"),
        ("One_two_3_4_y", "Ann beat Bob.", 9, 12, "negative", "train"),
        ("Other_t_1_1_x", "Ann slept.", 0, 3, "neutral", "rw_dev"),
    ]
    write(
        tmp_path / "newsmtsc.jsonl.gz",
        [
            {"gid": g, "text": t, "start": a, "end": b, "label": label, "split": s, "target": t[a:b]}
            for g, t, a, b, label, s in rows
        ],
    )
    return tmp_path


def label(folder: Path, data: Path, coder_b=None, digest=None) -> Path:
    drawn = draw_mentions(read_articles(data), n=1600)
    folder.mkdir()
    lines = [f"{m.mention_id},{m.topic},{digest or text_hash(m.text)}" for m in drawn]
    (folder / "sample.csv").write_text("\n".join(["mention_id,topic,text_hash", *lines]) + "\n")
    values = np.resize([1, 0, -1, 0], len(drawn))
    for name, given in (("coder_a", values), ("coder_b", values if coder_b is None else coder_b(values))):
        lines = [f"{m.mention_id},{value}" for m, value in zip(drawn, given, strict=False)]
        (folder / f"{name}.csv").write_text("\n".join(["mention_id,stance", *lines]) + "\n")
    return folder


def test_labels_are_joined_to_the_mentions_that_were_drawn(data: Path, tmp_path: Path) -> None:
    found = read_sentence_mentions(data, label(tmp_path / "labels", data))
    assert len(found) > 10 and found.alpha == 1.0
    assert found.y[:4].tolist() == [1.0, 0.0, -1.0, 0.0]
    assert set(found.documents) <= {f"a{number}" for number in range(14)}
    assert all(text[a:b][0].isupper() for text, (a, b) in zip(found.texts, found.positions, strict=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coder_b": lambda values: -values}, "refused as gold"),
        ({"coder_b": lambda values: values[:-1]}, "has no label"),
        ({"digest": "0" * 16}, "another text than the one that was labelled"),
    ],
)
def test_labels_that_are_no_gold_are_refused(data: Path, tmp_path: Path, change, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_sentence_mentions(data, label(tmp_path / "labels", data, **change))


def test_missing_files_are_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sample\.csv: no such file; the key must name"):
        read_sentence_mentions(data, tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"newsmtsc\.jsonl\.gz: no such file; key `data`"):
        read_newsmtsc(tmp_path / "nowhere")


def test_a_headline_is_a_kind_of_text_of_its_own(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    lines = [f"a{at}:title:0:0-1,t,{text_hash('T')}" for at in range(2)]
    (folder / "sample.csv").write_text("\n".join(["mention_id,topic,text_hash", *lines]))
    for name in ("coder_a", "coder_b"):
        (folder / f"{name}.csv").write_text("mention_id,stance\na0:title:0:0-1,1\na1:title:0:0-1,0\n")
    found = read_sentence_mentions(data, folder)
    assert found.split == ["headlines"] * 2 and found.texts == ["T", "T"] and found.positions == [(0, 1)] * 2
    assert set(hashes_of([folder / "sample.csv", data / "newsmtsc.jsonl.gz"])) == {
        "labels/labels/sample.csv",
        f"labels/{data.name}/newsmtsc.jsonl.gz",
    }
    with pytest.raises(InputError, match="folders of labels must have names of their own"):
        hashes_of([folder / "sample.csv", tmp_path / "other/labels/sample.csv"])


def mentions_with(texts: list[str], documents: list[str], y: list[float]) -> LabelledMentions:
    return LabelledMentions(texts, [(0, 1)] * len(texts), documents, np.array(y), ["x"] * len(texts), None, [])


def test_a_mention_that_comes_twice_counts_once_and_its_text_as_of_one_article() -> None:
    found, rows = without_repeats(mentions_with(["A b.", "C d.", "A b."], ["a", "b", "c"], [1.0, 0.0, -0.5]))
    assert rows.tolist() == [0, 1] and found.y.tolist() == [0.25, 0.0] and found.documents == ["a", "b"]
    twice = mentions_with(["A b.", "A b."], ["a", "c"], [1.0, 0.0])
    twice.positions[1] = (2, 3)
    found, rows = without_repeats(twice)
    assert rows.tolist() == [0, 1] and found.documents == ["a", "a"]


def test_labels_of_texts_that_judge_them_are_refused() -> None:
    news = mentions_with(["Ann  beat Bob, and won."], ["n"], [0.0])
    for text in ("So: Ann beat Bob, and won.", "Ann beat Bob,", "Ann beat Bob, and won."):
        with pytest.raises(InputError, match="is a text both of our labels and of NewsMTSC"):
            refuse_shared(mentions_with([text], ["a"], [0.0]), news)
    refuse_shared(mentions_with(["Bob beat Ann."], ["a"], [0.0]), news)


def test_articles_and_opposed_targets(data: Path) -> None:
    news = read_newsmtsc(data)
    assert news.documents == ["One_two_3", "One_two_3", "Other_t_1"] and news.classes.tolist() == [1, -1, 0]
    assert opposed_pairs(news, np.arange(3)) == [(0, 1, "One_two_3")]
    assert opposed_pairs(news, np.array([0, 2])) == []
    halves = corpora.LabelledMentions([], [], [], np.array([0.5, -0.5, 1.0]), [], None, [])
    assert halves.classes.tolist() == [0, 0, 1]


def test_macro_f1_from_counts_is_scikit_learns() -> None:
    generator = np.random.default_rng(0)
    truth, guess = generator.integers(-1, 2, 200), generator.integers(-1, 2, 200)
    assert macro_f1_of(truth, guess) == pytest.approx(f1_score(truth, guess, average="macro"))
    assert macro_f1_of(truth, np.zeros(200, dtype=np.int64)) == pytest.approx(
        f1_score(truth, np.zeros(200), average="macro", zero_division=0.0)
    )
    assert _right(np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])).tolist() == [1.0, 0.5, 0.0]


def test_the_two_steps_tell_apart_what_they_were_made_for() -> None:
    y = np.tile([-1.0, 0.0, 1.0], 20)
    X = np.stack([y, y**2], axis=1) + 0.1 * np.random.default_rng(0).normal(size=(60, 2))
    labels, score = two_steps(X, y, [str(row // 3) for row in range(60)], np.array([[1.0, 1], [0, 0], [-1, 1]]))
    assert labels.tolist() == [1, 0, -1] and score[0] > 0.5 > -0.5 > score[2]


def test_a_mention_has_the_vector_of_its_own_sentence() -> None:
    none, one = np.zeros(0, np.int64), np.ones(1, np.int64)
    flat = np.zeros((0, 2), np.float32)
    text, starts, ends = ("A b. C d.",), np.array([0, 5]), np.array([4, 9])
    sentences = Segments(np.eye(2, dtype=np.float32), 0 * starts, starts, ends, np.zeros((2, 0, 2), np.float32))
    spans = Segments(flat, none, none, none, flat[:, None][:, :0])
    vectors, layers = np.zeros((1, 2), np.float32), np.zeros((1, 0, 2), np.float32)
    embeddings = Embeddings(text, vectors, layers, sentences, spans, one, one)
    assert sentence_vectors(embeddings, mark_mentions(text, [(7, 8)])).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(("name", "settings"), [("stance_benchmark", Settings), ("teach_stance", Teaching)])
def test_the_configurations_are_ones_that_the_experiments_take(name: str, settings) -> None:
    loaded = load_config(ROOT / f"configs/experiments/{name}.yaml", settings)
    folders = (*loaded.values.sentences, *loaded.values.paragraphs, loaded.values.press)
    assert all(loaded.path(each).is_dir() for each in folders)


def test_a_lesson_teaches_without_anchors_and_what_was_made_has_no_say_in_the_shares() -> None:
    y = np.tile([-1.0, 0.0, 1.0], 40)
    X = np.stack([y, y**2, np.zeros(120)], axis=1) + 0.1 * np.random.default_rng(0).normal(size=(120, 3))
    n = np.arange(120)
    mentions = LabelledMentions([f"{i}" for i in n], [(0, 1)] * 120, [f"{i // 3}" for i in n], y, ["x"] * 120, None, [])
    plain = from_lesson(X, Lesson(mentions, np.ones(120), np.ones(120)), 0)
    assert (plain(X).argmax(axis=1) - 1 == y).all()
    # The same mentions again, made and all called neutral: they teach, and judge nothing.
    both = mentions.take(np.concatenate([n, n]))
    both.y[120:] = 0.0
    taught = from_lesson(np.vstack([X, X]), Lesson(both, np.full(240, 0.5), np.repeat([1.0, 0.0], 120)), 0)
    assert (taught(X).argmax(axis=1) - 1 == y).mean() > 0.9


def test_named_paragraphs_have_two_targets_whose_mentions_lie_apart(data: Path) -> None:
    end = "and it went on for weeks without any end in sight while all of them waited for a word, Russian papers said."
    articles = [
        {**row, "text": f"In talks that failed, {row['id']} said Congress of all praised Russia’s wish, {end}"}
        for row in read_articles(data)
    ]
    drawn = draw_named(articles, used={"a0"}, texts=["a1 said"], n=8)
    assert len(drawn) == 6  # three quarters of n have a word of praise or blame, and no paragraph is without one
    assert {each.paragraph.article for each in drawn}.isdisjoint({"a0", "a1"})
    # "Russian" is an alias of Russia, so the two never come together.
    assert {each.targets for each in drawn} <= {("Congress", "Russia"), ("Congress", "Russian")}
    assert drawn == draw_named(articles, used={"a0"}, texts=["a1 said"], n=8)
    assert mentions_of("Russia", "Russia’s talks, Russian papers") == [(0, 6), (16, 23)]
    assert mentions_of("Ann", "Ann’s plan, Anne and Ann") == [(0, 3), (21, 24)]


def test_a_paragraph_lends_its_label_to_every_mention(data: Path, tmp_path: Path) -> None:
    [row] = [row for row in read_articles(data) if row["id"] == "a0"]
    line = row["text"].split("\n")[1]
    sample = f"paragraph_id,targets,text_hash\na0:1,Congress;Senate,{text_hash(line)}\n"
    (tmp_path / "sample.csv").write_text(sample)
    for name, value in (("coder_a", "-1;1"), ("coder_b", "0;1")):
        (tmp_path / f"{name}.csv").write_text(f"paragraph_id,stance\na0:1,{value}\n")
    found = read_paragraph_mentions(data, tmp_path)
    assert [line[a:b] for a, b in found.positions] == ["Congress", "Senate"]
    assert found.y.tolist() == [-0.5, 1.0] and found.documents == ["a0", "a0"]
    (tmp_path / "coder_b.csv").write_text("paragraph_id,stance\na0:1,1\n")
    with pytest.raises(InputError, match="more or fewer stances than targets"):
        read_paragraph_mentions(data, tmp_path)


def test_the_gap_between_two_answers_is_that_of_their_macro_f1() -> None:
    truth = ["favor", "neutral", "absent", "favor"]
    first, second = ["favor", "neutral", "absent", "neutral"], ["neutral", "neutral", "absent", "neutral"]
    labels = sorted(set(truth))
    expected = f1_score(truth, first, average="macro") - f1_score(truth, second, average="macro", zero_division=0.0)
    assert _gap(truth, first, second, labels)(np.arange(4)) == pytest.approx(expected)
    assert _gap(truth, first, second, labels)(np.array([1, 1, 2])) == 0.0
