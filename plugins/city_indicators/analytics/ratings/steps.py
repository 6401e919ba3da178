"""The steps of a rating method as its file declares them, and what an uncertainty analysis varies.

Terms and order of the steps: OECD/JRC Handbook on Constructing Composite Indicators (2008).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from city_indicators.catalog.entry import Entry

Share = Annotated[float, Field(ge=0, le=1)]
Aggregation = Literal["arithmetic", "geometric", "harmonic", "copeland"]


class Step(Entry):
    """A step that needs nothing else may be written as its bare name, the value of its first field."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        return {next(iter(cls.model_fields)): data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The whole step, or the bare name of what it does."""
        whole = handler.resolve_ref_schema(handler(core_schema))
        bare = next(iter(whole["properties"].values()))
        return {"anyOf": [{"enum": bare["enum"]}, whole]}


class Missing(Step):
    """What stands in for a missing observation: `mean` and `median` are of the unit's `group` or of all units.

    `nearest_year` takes the observation of another year at most `within` years away, `linear` lies between two.
    At most `max_share` of the indicators of a pillar may be imputed; beyond it they stay missing.
    """

    policy: Literal["none", "mean", "median", "nearest_year", "linear"] = "none"
    group: str | None = None
    within: int = Field(default=3, ge=1)
    max_share: Share = 1


class Treatment(Entry):
    """What is done to an indicator whose skewness and excess kurtosis both reach their bounds.

    At most `winsorise` extreme observations are set to the next one; if that does not help, the observations as they
    were are transformed `otherwise`: `log` is ln(x - min + 0.01 (max - min)), `boxcox` has the given power
    and is of x - min + 1.
    """

    winsorise: int = Field(default=5, ge=0)
    otherwise: Literal["none", "log", "boxcox"] = "none"
    power: float = 0
    skewness: float = Field(default=2, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)


class Normalisation(Step):
    """How observations are brought to one scale; `sample` says of which units' observations its bounds are taken.

    `each_period` are those of the year at hand, `pooled` those of all years. A z-score of a given `mean` and
    `sd` is not bounded; without them three standard deviations either way span the scale. What lies beyond
    goalposts or a target is clipped to the scale, unless `clip` is false.
    """

    method: Literal[
        "goalposts",
        "min_max",
        "z_score",
        "rank",
        "percentile_rank",
        "borda",
        "distance_to_target",
        "distance_to_max",
        "none",
    ] = "goalposts"
    sample: Literal["each_period", "pooled"] = "each_period"
    mean: float | None = None
    sd: float | None = Field(default=None, gt=0)
    clip: bool = True

    @model_validator(mode="after")
    def _z_score(self) -> Self:
        if (self.mean is None) != (self.sd is None):
            raise ValueError("mean and sd stand together")
        if self.mean is not None and self.method != "z_score":
            raise ValueError(f"mean and sd are of a z_score, not of {self.method}")
        return self


class Coverage(Entry):
    """The least shares of indicators with an observation of its own, overall and in every pillar, to be ranked.

    A unit below `overall` is `unranked`: it has a score; or it is `left_out` before the bounds of the other
    steps are taken. An aggregate of which less than `aggregate` of the parts are there is missing.
    """

    overall: Share = 0
    per_pillar: Share = 0
    aggregate: Share = 0
    below: Literal["unranked", "left_out"] = "unranked"


class Factors(Entry):
    """What may be otherwise, and is varied.

    An alternative `normalisation` leaves alone the indicators that have one of their own, an alternative
    `aggregation` such pillars. `weights` multiplies each weight by something in 1 ± its value; `dirichlet`
    draws the weights of each pillar's parts round the declared ones with this concentration; `shares` draws
    those of some parts of a pillar, each between its bounds, the others keep their proportions in the rest;
    `winsorise` are numbers of observations; `drop_indicator` leaves out one at random; `noise` is the relative
    standard deviation of an observation by its obs_status.
    """

    missing: list[Missing] | None = Field(default=None, min_length=2)
    winsorise: list[int] | None = Field(default=None, min_length=2)
    normalisation: list[Normalisation] | None = Field(default=None, min_length=2)
    aggregation: list[Aggregation] | None = Field(default=None, min_length=2)
    weights: Annotated[float, Field(gt=0, lt=1)] | None = None
    dirichlet: Annotated[float, Field(gt=0)] | None = None
    shares: dict[str, tuple[Share, Share]] | None = Field(default=None, min_length=1)
    drop_indicator: Literal[True] | None = None
    noise: dict[str, Annotated[float, Field(gt=0)]] | None = Field(default=None, min_length=1)

    @property
    def declared(self) -> list[str]:
        """The names of the factors that are varied, in order."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class Uncertainty(Entry):
    """A seeded Monte-Carlo analysis; `sobol`, a power of two, is the base sample of the indices."""

    draws: int = Field(ge=100)
    seed: int = Field(ge=0)
    sobol: int = Field(default=64, ge=8)
    factors: Factors

    @model_validator(mode="after")
    def _something_varies(self) -> Self:
        if not self.factors.declared:
            raise ValueError("factors: nothing is varied")
        if self.sobol & (self.sobol - 1):
            raise ValueError(f"sobol: {self.sobol} is not a power of two")
        return self
