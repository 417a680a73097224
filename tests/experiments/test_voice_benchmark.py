"""The draw of paragraphs for both voices, their labels, and the experiment's config."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments import _own_voice_sample
from experiments._news_labels import CODERS, read_table
from experiments._own_voice_sample import draw_own_voice
from experiments._stance_corpora import stances_of
from experiments.voice_benchmark import Settings, _labelled, _read, _unquoted
from research import Encoder
from research.errors import InputError
from research.stance import StanceScorer
from research.study import load_config

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "configs/labels"


def test_the_labels_of_both_voices_agree_and_differ_where_others_speak() -> None:
    sample = read_table(LABELS / "news_own_voice/sample.csv")
    assert sample["part"].value_counts(sort=True)["count"].to_list() == [600, 200]
    (every, alpha), (own, alpha_own) = (
        stances_of(LABELS / "news_own_voice", sample, column) for column in ("stance", "own")
    )
    assert len(every) == len(own) == 1600 and min(alpha, alpha_own) > 0.9
    assert 0.1 < np.mean(every != own) < 0.25
    assert np.mean(own == 0) > np.mean(every == 0) + 0.1


def test_no_article_taught_stance() -> None:
    def articles(folder: str) -> set[str]:
        table = read_table(LABELS / folder / "sample.csv")
        return {name.partition(":")[0] for name in table[table.columns[0]]}

    drawn = articles("news_own_voice")
    assert len(drawn) == 800
    config = (ROOT / "configs/experiments/teach_stance.yaml").read_text(encoding="utf-8")
    taught = [folder.name for folder in LABELS.iterdir() if folder.is_dir() and f"labels/{folder.name}" in config]
    assert len(taught) == 7
    assert not drawn & set().union(*(articles(name) for name in taught if name != "world_press"))


def test_the_parts_have_no_article_in_common(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    end = (
        "and so it went on for weeks, as those who had been there from the first day on told the paper without an end."
    )
    texts = (
        f"Congress praised a deal with France on day {{0}}, {end}",
        f"Congress met on day {{0}} in France, a deal {end}",
    )
    articles = [
        {"id": f"a{at}", "outlet": "o", "topic": "t", "title": "T", "text": texts[at % 4 == 0].format(at)}
        for at in range(60)
    ]
    monkeypatch.setattr(_own_voice_sample, "read_articles", lambda _: articles)
    monkeypatch.setattr(_own_voice_sample, "read_newsmtsc", lambda _: type("None_", (), {"texts": []}))
    monkeypatch.setattr(_own_voice_sample, "_BEFORE", ("before.csv",))
    pl.DataFrame({"paragraph_id": ["a1:0", "a2:0"]}).write_csv(tmp_path / "before.csv")
    (tmp_path / "things.yaml").write_text("policies: deal, pact\n", encoding="utf-8")
    first, second = (
        [each.paragraph.article for each in part] for part in draw_own_voice(tmp_path, tmp_path, sizes=(16, 8))
    )
    assert len(first) == 16 and len(second) == 8
    assert len({*first, *second, "a1", "a2"}) == 26


def test_each_target_is_labelled_in_its_own_paragraph_and_voice() -> None:
    texts = ["Critics say that Russia is a reckless and brutal liar.", "India is a brave, wise and generous neighbour."]
    units = [(0, "Russia"), (1, "India"), (1, "Russia")]
    scorer, encoder = StanceScorer.from_anchors("stance", Encoder().load(), n_bootstrap=1), Encoder().load()
    read = {voice: _read(texts, units, voice, encoder, lambda *_: None) for voice in ("all", "own")}
    found = {voice: _labelled(*each, scorer).tolist() for voice, each in read.items()}
    assert found == {"all": [-1, 1, 0], "own": [0, 1, 0]}
    assert _unquoted(*read["all"], scorer).tolist() == found["all"]
    quoted = ['They came. "Russia is a reckless and brutal liar", he said.']
    assert _unquoted(*_read(quoted, [(0, "Russia")], "all", encoder, lambda *_: None), scorer).tolist() == [0]


def test_a_paragraph_with_too_few_stances_is_refused(tmp_path: Path) -> None:
    sample = pl.DataFrame({"paragraph_id": ["a:0"], "targets": ["x;y"]})
    for name in CODERS:
        (tmp_path / name).write_text("paragraph_id,stance,own\na:0,0;0,0\n", encoding="utf-8")
    with pytest.raises(InputError, match="more or fewer stances than targets"):
        stances_of(tmp_path, sample, "own")


def test_the_config_names_what_the_settings_have() -> None:
    loaded = load_config(ROOT / "configs/experiments/voice_benchmark.yaml", Settings)
    assert loaded.path(loaded.values.labels).is_dir()
