"""What scikit-learn checks of arrays, refused in this package's own words."""

from __future__ import annotations

import re
from typing import Any

from research.errors import InputError

__all__ = ["validated"]

# scikit-learn's sentences hold the numbers themselves.
_NUMBERS = re.compile(r":? array=\[.*\]\.?|:? ?\[\[.*\]\]")


class _NoNumbersError(InputError, TypeError):
    """What scikit-learn says by a TypeError: entries that cannot be numbers, a sparse matrix."""


def validated(estimator: Any, *arrays: Any, **checks: Any) -> Any:
    """Check arrays as `sklearn.utils.validation.validate_data` does.

    Raises
    ------
    InputError
        Where that raises a ValueError or a TypeError: NaN or infinity, another number of rows, columns or axes, no
        rows, entries that are no numbers.
    """
    import numpy as np
    from sklearn.utils.validation import validate_data

    try:
        if checks.get("y_numeric") and len(arrays) == 2 and np.asarray(arrays[1]).dtype.kind in "US":
            raise InputError("the labels are texts; give numbers")
        return validate_data(estimator, *arrays, **checks)
    except InputError:
        raise
    except (ValueError, TypeError) as error:
        said = _NUMBERS.sub(".", " ".join(str(error).split()))
        if "NaN" in said or "infinity" in said:
            said = f"{said.split('. ')[0].removesuffix('.')}; encode the texts again, or leave those rows out"
        raise (_NoNumbersError if isinstance(error, TypeError) else InputError)(said) from None
