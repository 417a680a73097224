"""What labels taught a shipped axis: arrays and JSON beside its anchors, made by ``experiments/teach_axes.py``.

The labelled texts belong to their outlets and do not ship; their effect does, as weights that only fit the encoder
they were learned with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research._shipped import ships
from research.errors import ModelError

__all__ = ["Taught", "read_taught", "write_taught"]

_VERSION = 1


@dataclass(frozen=True)
class Taught:
    """An estimator's state as labels left it.

    Attributes
    ----------
    arrays : dict of str to ndarray
    state : dict
        What the estimator's ``from_state`` needs beside the arrays.
    facts : dict
        How many labels of what, their agreement, and how well texts left out were scored.
    """

    arrays: dict[str, NDArray[Any]]
    state: dict[str, Any]
    facts: dict[str, Any]


def _files(anchors: Path) -> tuple[Path, Path]:
    return anchors.with_suffix(".safetensors"), anchors.with_suffix(".json")


def read_taught(anchors: Path, model_hash: str, layers: tuple[int, ...]) -> tuple[Taught | None, str | None]:
    """Read what labels taught the axis whose anchors stand in a YAML file.

    Parameters
    ----------
    anchors : Path
        The YAML file; the arrays and the JSON have its name and other endings.
    model_hash : str
        Of the encoder in use.
    layers : tuple of int
        That it keeps.

    Returns
    -------
    taught : Taught or None
        None where labels taught this axis nothing, or nothing that fits.
    reason : str or None
        In a sentence, why what is there does not fit.

    Raises
    ------
    ModelError
        If the files are damaged. Of an axis of your own, a JSON file without arrays beside it that holds something else
        is not taken for one of these.
    """
    arrays_file, json_file = _files(anchors)
    if not json_file.is_file():
        return None, None
    remedy = "install the package again" if ships(anchors, "axes") else "teach the axis anew, or remove both files"
    try:
        content = json.loads(json_file.read_text(encoding="utf-8"))
        found = content["version"], content["encoder"]["sha256"], tuple(content["encoder"]["layers"])
        hashes = content["anchors_sha256"], content["arrays_sha256"]
        taught_state, facts = content["state"], content["facts"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        if not ships(anchors, "axes") and not arrays_file.is_file():
            return None, None
        raise ModelError(f"{json_file}: damaged ({error}); {remedy}") from None
    if found[0] != _VERSION:
        raise ModelError(f"{json_file} has version {found[0]}; this release reads {_VERSION}: {remedy}")
    if found[1:] != (model_hash, tuple(layers)):
        return None, (
            f"the labels that ship with the axis {anchors.stem} were learned with another embedding model or other "
            "layers, so its anchors alone define it"
        )
    if sha256(anchors.read_bytes()).hexdigest() != hashes[0]:
        return None, (
            f"{anchors.name} was changed after labels had taught the axis, so its anchors alone define it; teach it "
            "anew with experiments/teach_axes.py"
        )
    if not arrays_file.is_file() or sha256(arrays_file.read_bytes()).hexdigest() != hashes[1]:
        raise ModelError(f"{arrays_file}: missing or not the file that {json_file.name} names; {remedy}")
    from safetensors.numpy import load_file

    return Taught(dict(load_file(arrays_file)), taught_state, facts), None


def write_taught(
    anchors: Path,
    arrays: Mapping[str, NDArray[Any]],
    state: Mapping[str, Any],
    facts: Mapping[str, Any],
    model_hash: str,
    layers: tuple[int, ...],
) -> None:
    """Write an estimator's state beside its anchors, floats in single precision at most."""
    from safetensors.numpy import save_file

    arrays_file, json_file = _files(anchors)
    small = {
        name: np.ascontiguousarray(array, dtype=np.float32 if array.dtype == np.float64 else array.dtype)
        for name, array in sorted(arrays.items())
    }
    save_file(small, arrays_file)
    arrays_file.chmod(0o644)  # safetensors writes for the owner alone
    content = {
        "version": _VERSION,
        "encoder": {"sha256": model_hash, "layers": list(layers)},
        "anchors_sha256": sha256(anchors.read_bytes()).hexdigest(),
        "arrays_sha256": sha256(arrays_file.read_bytes()).hexdigest(),
        "state": dict(state),
        "facts": dict(facts),
    }
    json_file.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
