"""Text columns of few different values as categories, which take a byte or two a row, and back."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

KEY: Final = ["ref_area", "indicator", "time_period"]
COMPARED: Final = (*KEY, "unit_measure")
"""The text columns by which observations are compared with others."""


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its categories as texts; without a category, a column that is not compared has None."""
    columns: dict[str, Any] = {}
    for name in frame:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            is_text = name in COMPARED or len(column.cat.categories) > 0
            columns[str(name)] = column.astype("str") if is_text else np.full(len(column), None, object)
    return frame.assign(**columns)


def alike(*frames: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """The frames with the same sorted categories in the columns COMPARED that they have."""
    columns: list[dict[str, Any]] = [{} for _ in frames]
    for name in COMPARED:
        categories = [frame[name].astype("category") for frame in frames if name in frame]
        values = pd.Index(sorted(set().union(*(each.cat.categories for each in categories))), dtype="str")
        of_frames = iter(categories)
        for number, frame in enumerate(frames):
            if name in frame:
                column = next(of_frames)
                if not column.cat.categories.equals(values):
                    # `astype` would keep the order of the same categories in another order.
                    column = column.cat.set_categories(values)
                columns[number][name] = column
    return tuple(frame.assign(**column) for frame, column in zip(frames, columns, strict=True))


def are_given(keys: pd.DataFrame, given: pd.DataFrame) -> "npt.NDArray[np.bool_]":
    """Whether each key (ref_area, indicator, time_period) is one of those given."""
    one, other = alike(keys[KEY], given[KEY])
    return np.isin(_numbers(one), _numbers(other))


def are_repeated(keys: pd.DataFrame) -> "npt.NDArray[np.bool_]":
    """Whether each key is there more than once."""
    numbers = _numbers(*alike(keys[KEY]))
    in_order = np.sort(numbers)
    repeated = in_order[1:][in_order[1:] == in_order[:-1]]
    return np.isin(numbers, repeated) if len(repeated) else np.zeros(len(numbers), bool)


def _numbers(keys: pd.DataFrame) -> "npt.NDArray[np.int64]":
    """A number for each key."""
    numbers = np.zeros(len(keys), np.int64)
    for name in KEY:
        column = keys[name].cat
        numbers *= len(column.categories) + 1
        numbers += column.codes.to_numpy() + 1
    return numbers
