"""Weights that ship are taken only where they fit, and never when they are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from research._taught import read_taught, write_taught
from research.errors import ModelError


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    path = tmp_path / "voice.yaml"
    path.write_text("name: voice\n", encoding="utf-8")
    write_taught(path, {"weights": np.arange(6.0).reshape(2, 3)}, {"version": 1}, {"n_texts": 3}, "abc", (3, 4))
    return path


def test_what_was_written_comes_back(anchors: Path) -> None:
    found, reason = read_taught(anchors, "abc", (3, 4))
    assert reason is None and found is not None
    assert found.arrays["weights"].tolist() == [[0, 1, 2], [3, 4, 5]] and found.arrays["weights"].dtype == np.float32
    assert found.state == {"version": 1} and found.facts == {"n_texts": 3}


def test_another_encoder_other_layers_or_changed_anchors_get_the_anchors_alone(anchors: Path) -> None:
    for model, layers in (("abd", (3, 4)), ("abc", (3,))):
        found, reason = read_taught(anchors, model, layers)
        assert found is None and reason is not None and "another embedding model or other layers" in reason
    anchors.write_text("name: voice\n# changed\n", encoding="utf-8")
    found, reason = read_taught(anchors, "abc", (3, 4))
    assert found is None and reason is not None and "was changed" in reason


def test_an_axis_without_weights_says_nothing(tmp_path: Path) -> None:
    assert read_taught(tmp_path / "own.yaml", "abc", (3, 4)) == (None, None)


def test_damage_is_refused(anchors: Path) -> None:
    arrays = anchors.with_suffix(".safetensors")
    content = bytearray(arrays.read_bytes())
    content[-1] ^= 1
    arrays.write_bytes(bytes(content))
    with pytest.raises(ModelError, match=r"not the file that voice\.json names"):
        read_taught(anchors, "abc", (3, 4))
    record = anchors.with_suffix(".json")
    about = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**about, "version": 9}), encoding="utf-8")
    with pytest.raises(ModelError, match="version 9"):
        read_taught(anchors, "abc", (3, 4))
    record.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="damaged"):
        read_taught(anchors, "abc", (3, 4))


def test_a_json_file_of_ones_own_beside_ones_own_axis_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"written by": "an editor"}', encoding="utf-8")
    assert read_taught(tmp_path / "own.yaml", "abc", (3, 4)) == (None, None)
    (tmp_path / "own.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match=r"own\.json: damaged .*; teach the axis anew, or remove both files"):
        read_taught(tmp_path / "own.yaml", "abc", (3, 4))


def test_what_to_do_of_damage_depends_on_whose_axis_it_is(anchors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anchors.with_suffix(".safetensors").unlink()
    with pytest.raises(ModelError) as own:
        read_taught(anchors, "abc", (3, 4))
    assert "teach the axis anew" in str(own.value) and "install" not in str(own.value)
    monkeypatch.setattr("research._shipped._folder", lambda kind: anchors.parent)
    with pytest.raises(ModelError, match="install the package again"):
        read_taught(anchors, "abc", (3, 4))
    anchors.with_suffix(".json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"voice\.json: damaged .*; install the package again"):
        read_taught(anchors, "abc", (3, 4))
