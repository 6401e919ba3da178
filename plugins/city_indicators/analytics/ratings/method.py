"""The model of a rating method: a tree of pillars and indicators, and the steps from data to ranks."""

from collections.abc import Iterator
from math import fsum, isclose
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AliasChoices, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from city_indicators.analytics.ratings.bounds import Bounds
from city_indicators.analytics.ratings.formula import names_in
from city_indicators.analytics.ratings.goal import Goal, Rising
from city_indicators.analytics.ratings.steps import (
    Aggregation,
    Coverage,
    Missing,
    Normalisation,
    Positive,
    Share,
    Treatment,
    Uncertainty,
    Undefined,
)
from city_indicators.catalog.entry import Entry, GeoBasis, Identifier, Names

ABSOLUTE: Final = ("goalposts", "distance_to_target", "none")
"""The normalisations that take no bounds from values."""


class MethodIndicator(Goal):
    """An indicator in a pillar.

    The same indicator may be used twice, by an `id` of its own. If `geo_basis` lists any, only values of
    these bases are used. Values are divided by those of `denominator`, then cut to `cap`. `missing`,
    `treatment` and `normalisation` override those of the method. `assumption` documents our own choices.
    """

    indicator: Identifier
    id: Identifier = Field(default_factory=lambda data: data.get("indicator", ""))
    geo_basis: list[GeoBasis] = Field(default_factory=list)
    weight: Positive | None = None
    rationale: str | None = None
    denominator: Identifier | None = None
    cap: Rising | None = None
    treatment: Treatment | Literal["none"] | None = None
    assumption: str | None = None


class Named(Entry):
    """Something with a name. A plain text is the name in all languages; without a name the id is used."""

    id: Identifier
    name: Names

    @model_validator(mode="before")
    @classmethod
    def _in_all_languages(cls, data: Any) -> Any:
        name = data.get("name", data.get("id")) if isinstance(data, dict) else None
        if not isinstance(name, str) or not name:
            return data
        return {**data, "name": dict.fromkeys(Names.model_fields, name)}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The JSON Schema, in which the name may be a plain text or missing."""
        found = handler.resolve_ref_schema(handler(core_schema))
        names = found["properties"]["name"]
        return {
            **found,
            "properties": {**found["properties"], "name": {"anyOf": [{"type": "string"}, names]}},
            "required": [key for key in found["required"] if key != "name"],
        }


class Pillar(Goal, Named):
    """A group of pillars and indicators with one score, and the steps that the score takes, if any.

    The score is an aggregate, or the result of a `formula` over scores of what is below. Then it may be
    imputed (`missing`: `mean` or `median`), and normalised once more, by the goal. `undefined` overrides that
    of the method, and `coverage` overrides `per_pillar`.
    """

    weight: Positive | None = None
    aggregation: Aggregation | None = None
    formula: str | None = None
    undefined: Undefined | None = None
    pillars: list["Pillar"] = Field(default_factory=list)
    indicators: list[MethodIndicator] = Field(default_factory=list)
    coverage: Share | None = None
    assumption: str | None = None

    @property
    def parts(self) -> list["Pillar | MethodIndicator"]:
        """The pillars and indicators directly below it."""
        return [*self.pillars, *self.indicators]

    def below(self) -> Iterator["Pillar"]:
        """The pillar and all pillars below it, each after its own parts."""
        for pillar in self.pillars:
            yield from pillar.below()
        yield self

    @property
    def own_names(self) -> dict[str, set[str]]:
        """The ids of what is below, by the part that they belong to."""
        found = {leaf.id: {leaf.id} for leaf in self.indicators}
        for pillar in self.pillars:
            found[pillar.id] = {pillar.id}.union(*pillar.own_names.values())
        return found


class SizeClasses(Entry):
    """Size classes by an indicator; `bounds` rise, and a unit at a bound is in the upper class."""

    indicator: str
    bounds: list[float] = Field(min_length=1)

    @model_validator(mode="after")
    def _bounds_rise(self) -> Self:
        if sorted(set(self.bounds)) != self.bounds:
            raise ValueError(f"bounds: {self.bounds} must rise")
        return self


class Method(Named):
    """A versioned rating method. Scores run over `scale`; higher is better.

    `weighting`: `given` weights of the parts of a pillar sum to 1; `equal` needs no weights; `relative`
    weights are proportions. A score may be undefined: a part is zero or less in a geometric or harmonic mean,
    or a `formula` has no finite result; it is `refused`, or the unit has no score (`missing`). Ranks
    compare scores rounded to `rank_precision` decimals, if given. Only units in `group` are rated. A
    second rank is given within `size_classes`, or within the groups of the column `rank_within`. A method
    outside of the bounds of `coherence` is a draft until somebody accepts it.
    """

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    scale: Rising = (0, 100)
    max_age_years: int = Field(default=0, ge=0)
    group: str | None = None
    # Stored versions from before the renaming have the key `leagues`.
    size_classes: SizeClasses | None = Field(
        default=None, validation_alias=AliasChoices("size_classes", "leagues")
    )
    rank_within: str | None = None
    weighting: Literal["given", "equal", "relative"] = "given"
    missing: Missing = Missing()
    treatment: Treatment | None = None
    normalisation: Normalisation = Normalisation()
    aggregation: Aggregation = "arithmetic"
    formula: str | None = None
    undefined: Undefined = "refused"
    coverage: Coverage = Coverage()
    rank_precision: int | None = Field(default=None, ge=0, le=15)
    ties: Literal["min", "max", "dense"] = "min"
    pillars: list[Pillar] = Field(default_factory=list)
    indicators: list[MethodIndicator] = Field(default_factory=list)
    uncertainty: Uncertainty | None = None
    coherence: Bounds | None = None

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        ids = [node.id for pillar in self.pillars for node in pillar.below()]
        ids += [leaf.id for leaf in self.entries]
        if not self.indicators_of(self.root):
            raise ValueError("pillars: there is no indicator")
        if repeated := sorted({i for i in [*ids, self.id] if [*ids, self.id].count(i) > 1}):
            raise ValueError(f"{repeated} are repeated in the method: give each an `id` of its own")
        for node in self.root.below():
            if node.formula is None:
                self._check_parts(node)
            else:
                check_formula(node)
            check_steps(node)
        for leaf in self.entries:
            for normalisation in self.normalisations_of(leaf):
                leaf.check(leaf.id, normalisation)
        if self.size_classes and self.rank_within:
            raise ValueError("size_classes and rank_within exclude each other")
        self._check_factors()
        return self

    @property
    def root(self) -> Pillar:
        """The index, as the top pillar."""
        return Pillar.model_construct(
            id=self.id,
            name=self.name,
            weight=None,
            aggregation=None,
            formula=self.formula,
            pillars=self.pillars,
            indicators=self.indicators,
        )

    @property
    def entries(self) -> list[MethodIndicator]:
        """The indicators of all pillars, in order."""
        return self.indicators_of(self.root)

    @property
    def indicator_ids(self) -> list[str]:
        """The ids of the indicators of all pillars, in order."""
        return [entry.indicator for entry in self.entries]

    @property
    def used(self) -> list[str]:
        """All indicators the method uses: rated ones, denominators, and that of the size classes."""
        denominators = [entry.denominator for entry in self.entries if entry.denominator]
        size_classes = [self.size_classes.indicator] if self.size_classes else []
        return list(dict.fromkeys([*self.indicator_ids, *denominators, *size_classes]))

    @property
    def geo_bases(self) -> dict[str, set[str]]:
        """The geographic bases that an indicator may have, of indicators whose uses are all limited."""
        uses: dict[str, list[list[GeoBasis]]] = {}
        for entry in self.entries:
            uses.setdefault(entry.indicator, []).append(entry.geo_basis)
        return {indicator: set().union(*bases) for indicator, bases in uses.items() if all(bases)}

    def indicators_of(self, pillar: Pillar) -> list[MethodIndicator]:
        """The indicators of a pillar and of the pillars below it, in order."""
        return [leaf for node in pillar.below() for leaf in node.indicators]

    def share(self, pillar: Pillar, part: "Pillar | MethodIndicator") -> float:
        """The declared share of a part in its pillar."""
        weights = [other.weight or 1.0 for other in pillar.parts]
        # An exact sum, so that the order of the parts changes no digit.
        return (part.weight or 1.0) / fsum(weights)

    def normalisations_of(self, leaf: MethodIndicator) -> list[Normalisation]:
        """The normalisation of an indicator, and its alternatives in the uncertainty analysis."""
        own = leaf.normalisation or self.normalisation
        varied = (self.uncertainty.factors.normalisation or []) if self.uncertainty else []
        return [own] if leaf.normalisation else [own, *varied]

    @property
    def is_relative(self) -> bool:
        """Whether a value has another score beside other values of its year."""
        own = [leaf.normalisation or self.normalisation for leaf in self.entries]
        return any(
            how.method not in ABSOLUTE and how.sample == "each_period" and how.mean is None for how in own
        )

    @property
    def steps_across_years(self) -> list[str]:
        """The policies and samples, declared or varied, that make a year depend on other years."""
        factors = self.uncertainty.factors if self.uncertainty else None
        policies = [self.missing, *((factors and factors.missing) or [])]
        policies += [leaf.missing for leaf in self.entries if leaf.missing]
        pooled = any(how.sample == "pooled" for leaf in self.entries for how in self.normalisations_of(leaf))
        found = [each.policy for each in policies if each.policy in ("nearest_year", "linear")]
        return [*found, *(["pooled"] if pooled else [])]

    def _check_parts(self, pillar: Pillar) -> None:
        weights = [part.weight for part in pillar.parts]
        if not weights:
            raise ValueError(f"{pillar.id}: has no parts")
        if self.weighting == "equal":
            if any(weight is not None for weight in weights):
                raise ValueError(f"{pillar.id}: parts of an equally weighted method have no weights")
            return
        if None in weights:
            raise ValueError(f"{pillar.id}: each part needs a weight, or weighting is `equal`")
        total = sum(weight or 0 for weight in weights)
        if self.weighting == "given" and not isclose(total, 1, abs_tol=1e-6):
            raise ValueError(f"{pillar.id}: the weights of its parts sum to {total:g}, not to 1")

    def _check_factors(self) -> None:
        if self.uncertainty is None:
            return
        factors = self.uncertainty.factors
        if factors.winsorise and not self.treatment:
            raise ValueError("uncertainty.factors.winsorise: the method has no treatment")
        if factors.missing and "missing" not in self.model_fields_set:
            raise ValueError("uncertainty.factors.missing: the method has no missing")
        weighted = [pillar for pillar in self.root.below() if pillar.formula is None]
        parts = {part.id for pillar in weighted for part in pillar.parts}
        if unknown := sorted(set(factors.shares or {}) - parts):
            raise ValueError(f"uncertainty.factors.shares: the method has no {unknown}")
        if factors.drop_indicator and not any(pillar.indicators for pillar in weighted):
            raise ValueError("uncertainty.factors.drop_indicator: no indicator has a weight, only formulas")


def check_formula(pillar: Pillar) -> None:
    """Check that a formula can be read, and uses every part of its pillar.

    Raises:
        ValueError: it cannot, or does not; names the pillar and the fault.
    """
    where = f"{pillar.id}: formula {pillar.formula!r}"
    if not pillar.parts:
        raise ValueError(f"{pillar.id}: has no parts")
    if pillar.aggregation:
        raise ValueError(f"{pillar.id}: has an aggregation and a formula, which exclude each other")
    if weighted := [part.id for part in pillar.parts if part.weight is not None]:
        raise ValueError(f"{pillar.id}: parts of a formula have no weights, but {weighted} have")
    try:
        names = names_in(pillar.formula or "")
    except ValueError as error:
        raise ValueError(f"{where} {error}") from error
    below = pillar.own_names
    if unknown := sorted(set(names) - set().union(*below.values())):
        raise ValueError(f"{where} names {unknown}, which are not below the pillar")
    if unused := sorted(part for part, own in below.items() if not own & set(names)):
        raise ValueError(f"{where} does not use {unused}")


def check_steps(pillar: Pillar) -> None:
    """Check the steps that the score of a pillar takes.

    Raises:
        ValueError: a step cannot be taken with a score; names the pillar and the fault.
    """
    missing = pillar.missing or Missing()
    if missing != Missing(policy=missing.policy, group=missing.group):
        raise ValueError(f"{pillar.id}: the missing of a pillar has only policy and group")
    if missing.policy not in ("none", "mean", "median"):
        raise ValueError(f"{pillar.id}: a missing score is imputed by mean or median, not by other years")
    if pillar.log:
        raise ValueError(
            f"{pillar.id}: the logarithm of a score is taken by a formula, for example log(part)"
        )
    if pillar.normalisation is None:
        if pillar.declared:
            raise ValueError(f"{pillar.id}: {pillar.declared} need a normalisation of the pillar's score")
        return
    if pillar.normalisation.sample == "pooled":
        raise ValueError(f"{pillar.id}: the score of a pillar is normalised in each period, not pooled")
    pillar.check(pillar.id, pillar.normalisation)
