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


class Goal(Entry):
    """The goal of a value or a score, and the steps that use it.

    The goalposts `worst` and `best` are in the unit of the value; `best` may be lower than `worst`. `target`
    is used by the normalisation distance_to_target. With `log`, the natural logarithm of values and goalposts
    is taken.
    """

    direction: Literal["higher", "lower"] | None = None
    worst: Number | None = None
    best: Number | None = None
    target: Number | None = None
    log: bool = False
    missing: Missing | None = None
    normalisation: Normalisation | None = None

    @model_validator(mode="after")
    def _goalposts(self) -> Self:
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
    def sign(self) -> int:
        """1 if more is better, -1 if less is better; 1 if no direction is declared."""
        if self.worst is not None and self.best is not None:
            return 1 if self.best > self.worst else -1
        return -1 if self.direction == "lower" else 1

    def check(self, name: str, normalisation: Normalisation) -> None:
        """Check that the goal has what a normalisation uses.

        Raises:
            ValueError: it has not; names what is measured, and what is missing.
        """
        if normalisation.method == "goalposts" and self.worst is None:
            raise ValueError(f"{name}: needs worst and best, which its normalisation uses")
        if normalisation.method == "distance_to_target" and self.target is None:
            raise ValueError(f"{name}: needs a target, which its normalisation uses")
        if normalisation.method != "none" and self.worst is None and self.direction is None:
            raise ValueError(f"{name}: needs a direction, or worst and best")
