"""Keys of two frames are compared by the numbers of their categories, in whatever order each has them."""

import pandas as pd

from city_indicators.ingest.categories import KEY, alike, are_given, are_repeated


def keys(*places: str) -> pd.DataFrame:
    """Keys whose places are categories in the order given."""
    frame = pd.DataFrame({"ref_area": places, "indicator": "A", "time_period": "2020"}, columns=KEY)
    return frame.assign(ref_area=pd.Categorical(frame["ref_area"], list(dict.fromkeys(places))))


def test_frames_with_the_same_categories_in_another_order_get_the_same_numbers() -> None:
    one, other = alike(keys("b", "a"), keys("a", "b"))
    assert list(one["ref_area"]) == ["b", "a"]
    assert list(one["ref_area"].cat.codes) == [1, 0]
    assert list(other["ref_area"].cat.codes) == [0, 1]


def test_a_key_is_given_whatever_the_order_of_the_categories() -> None:
    assert list(are_given(keys("a", "b", "c"), keys("c", "a"))) == [True, False, True]
    assert list(are_given(keys("c", "a"), keys("a", "c"))) == [True, True]
    assert list(are_repeated(keys("b", "a", "b"))) == [True, False, True]
