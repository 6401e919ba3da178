"""Models of the steps of a rating method, and of the factors of an uncertainty analysis.

Terms and order of the steps: OECD/JRC Handbook on Constructing Composite Indicators (2008).
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from city_indicators.catalog.entry import Entry

# The fourth powers of a kurtosis, added over thousands of units, stay finite below the fourth root of 1e308.
LARGEST: Final = 1e60


def _not_too_large(number: float) -> float:
    if abs(number) > LARGEST:
        raise ValueError(f"{number:g} is beyond ±{LARGEST:g}, within which sums and powers stay finite")
    return number


Number = Annotated[float, AfterValidator(_not_too_large)]
# In this order, so that the JSON Schema has the bound.
Positive = Annotated[float, Field(gt=0), AfterValidator(_not_too_large)]
# That of the English Indices of Deprivation.
DECAY: Final = 23.0
Share = Annotated[float, Field(ge=0, le=1)]
Aggregation = Literal["arithmetic", "geometric", "harmonic", "copeland"]
Undefined = Literal["refused", "missing"]


class Step(Entry):
    """A step of a method. If only its first field is set, the value of that field may be given alone."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        return {next(iter(cls.model_fields)): data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The JSON Schema: the complete step, or the value of its first field alone."""
        complete = handler.resolve_ref_schema(handler(core_schema))
        bare = next(iter(complete["properties"].values()))
        return {"anyOf": [{"enum": bare["enum"]}, complete]}


class Missing(Step):
    """The imputation of missing values: `mean` and `median` are taken over the unit's `group` or all units.

    `nearest_year` takes the value of another year, at most `within` years away; `linear` interpolates between
    two years. At most `max_share` of the indicators of a pillar are imputed; above it they stay missing.
    """

    policy: Literal["none", "mean", "median", "nearest_year", "linear"] = "none"
    group: str | None = None
    within: int = Field(default=3, ge=1)
    max_share: Share = 1


class Treatment(Entry):
    """The treatment of outliers, for indicators whose skewness and excess kurtosis both reach their bounds.

    At most `winsorise` extreme values are set to the next value; if that is not enough, the original values
    are transformed `otherwise`: `log` is ln(x - min + 0.01 (max - min)), `boxcox` is the Box-Cox
    transformation of x - min + 1 with the given power.
    """

    winsorise: int = Field(default=5, ge=0)
    otherwise: Literal["none", "log", "boxcox"] = "none"
    power: Number = 0
    skewness: float = Field(default=2, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)


class Normalisation(Step):
    """The normalisation of values to one scale; `sample` is where its bounds are taken from.

    `each_period` uses the values of the rated year, `pooled` those of all years. A z-score with a given
    `mean` and `sd` is not bounded; without them the scale spans three standard deviations on either side.
    Values beyond goalposts or a target are clipped to the scale, unless `clip` is false. `none` takes values
    as they are, and reverses the sign of those of which less is better. `exponential_rank` spreads the best
    and compresses the rest, the more the lower `decay` is, in percent.
    """

    method: Literal[
        "goalposts",
        "min_max",
        "z_score",
        "rank",
        "percentile_rank",
        "exponential_rank",
        "borda",
        "distance_to_target",
        "distance_to_max",
        "none",
    ] = "goalposts"
    sample: Literal["each_period", "pooled"] = "each_period"
    mean: Number | None = None
    sd: Positive | None = None
    clip: bool = True
    decay: Positive = DECAY

    @model_validator(mode="after")
    def _options(self) -> Self:
        if (self.mean is None) != (self.sd is None):
            raise ValueError("mean and sd must be given together")
        if self.mean is not None and self.method != "z_score":
            raise ValueError(f"mean and sd belong to z_score, not to {self.method}")
        if self.decay != DECAY and self.method != "exponential_rank":
            raise ValueError(f"decay belongs to exponential_rank, not to {self.method}")
        return self


class Coverage(Entry):
    """The minimum shares of indicators with an observed value, overall and per pillar, to be ranked.

    Indicators count alike, or `by` their declared weight, those of a formula the same. `city_level` is the
    least share of values at city level, by weight.
    A unit below `overall` is `unranked` (it still has a score), or `left_out` before the bounds of the other
    steps are taken. An aggregate is missing if less than the share `aggregate` of its parts has a score.
    """

    overall: Share = 0
    per_pillar: Share = 0
    by: Literal["number", "weight"] = "number"
    city_level: Share = 0
    aggregate: Share = 0
    below: Literal["unranked", "left_out"] = "unranked"


class Factors(Entry):
    """The factors that an uncertainty analysis varies.

    An alternative `normalisation` does not change indicators with one of their own, nor an alternative
    `aggregation` such pillars. `weights` multiplies each weight by a random factor in 1 ± its value.
    `dirichlet` draws the weights of the parts of each pillar around the declared ones, with this
    concentration. `shares` draws the weights of some parts of a pillar, each between its bounds; the others
    keep their proportions in the rest. `winsorise` are numbers of values; `drop_indicator` leaves out a
    random indicator; `noise` is the relative standard deviation of a value by its obs_status.
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
        """The names of the varied factors, in order."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class Uncertainty(Entry):
    """A seeded Monte-Carlo analysis; `sobol`, a power of two, is the base sample of the Sobol indices."""

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
