"""What a value or the score of a pillar is measured against, on its way to points."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from city_indicators.analytics.ratings.steps import Missing, Normalisation, Number
from city_indicators.catalog.entry import Entry


def _rising(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] >= bounds[1]:
        raise ValueError(f"{list(bounds)} must rise")
    return bounds


Rising = Annotated[tuple[Number, Number], AfterValidator(_rising)]


class Band(Entry):
    """The best values, all from one number to another, and the worst on either side of them."""

    best: tuple[Number, Number]
    worst: Rising | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.best[0] > self.best[1]:
            raise ValueError(f"best must not fall, but is {list(self.best)}")
        if self.worst and not self.worst[0] < self.best[0] <= self.best[1] < self.worst[1]:
            raise ValueError("worst must be on either side of best")
        return self


class Goal(Entry):
    """The goal of a value or a score, and the steps that use it.

    The goalposts `worst` and `best` are in the unit of the value; `best` may be lower than `worst`. `target`
    is used by the normalisation distance_to_target. In a `band` all values are
    best; other normalisations than goalposts measure the distance from it. With `log`, the natural logarithm
    of values and goalposts is taken.
    """

    direction: Literal["higher", "lower"] | None = None
    worst: Number | None = None
    best: Number | None = None
    target: Number | None = None
    band: Band | None = None
    log: bool = False
    missing: Missing | None = None
    normalisation: Normalisation | None = None

    @model_validator(mode="after")
    def _goalposts(self) -> Self:
        if self.band:
            if others := [key for key in self.declared if key != "band"]:
                raise ValueError(f"band excludes {', '.join(others)}")
            if self.log and min(self.band.worst or self.band.best) <= 0:
                raise ValueError("goalposts under a logarithm must be above zero")
        if (self.worst is None) != (self.best is None):
            raise ValueError("worst and best must be given together")
        if self.worst is None or self.best is None:
            return self
        if self.worst == self.best:
            raise ValueError("worst and best must differ")
        if self.log and min(self.worst, self.best) <= 0:
            raise ValueError("goalposts under a logarithm must be above zero")
        if self.direction and (self.direction == "higher") != (self.best > self.worst):
            raise ValueError(
                f"goalposts {self.worst:g} → {self.best:g} go against direction {self.direction}"
            )
        return self

    @property
    def declared(self) -> list[str]:
        """The keys by which it says what is good, of those that are given."""
        keys = ("direction", "worst", "best", "target", "band")
        return [key for key in keys if getattr(self, key) is not None]

    @property
    def posts(self) -> tuple[tuple[float | None, float | None], tuple[float | None, float | None]]:
        """The worst and best value below a band, and those above it; the same without a band."""
        if self.band is None or self.band.worst is None:
            return (self.worst, self.best), (self.worst, self.best)
        (lowest, highest), (low, high) = self.band.worst, self.band.best
        return (lowest, low), (highest, high)

    @property
    def sign(self) -> int:
        """1 if more is better, -1 if less is better, as of the distance from a band; 1 if undeclared."""
        if self.band:
            return -1
        if self.worst is not None and self.best is not None:
            return 1 if self.best > self.worst else -1
        return -1 if self.direction == "lower" else 1

    def check(self, name: str, normalisation: Normalisation) -> None:
        """Check that the goal has what a normalisation uses.

        Raises:
            ValueError: it has not; names what is measured, and what is missing.
        """
        if normalisation.method == "goalposts" and self.band and self.band.worst is None:
            raise ValueError(f"{name}: needs the worst of its band, which its normalisation uses")
        if self.band and normalisation.method != "distance_to_target":
            return
        if normalisation.method == "goalposts" and self.worst is None:
            raise ValueError(f"{name}: needs worst and best, which its normalisation uses")
        if normalisation.method == "distance_to_target" and self.target is None:
            raise ValueError(f"{name}: needs a target, which its normalisation uses")
        if normalisation.method != "none" and self.worst is None and self.direction is None:
            raise ValueError(f"{name}: needs a direction, or worst and best")
