"""Changes to a method that a reader tries: other weights, parts left out, another aggregation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from city_indicators.analytics.ratings.method import Method, Pillar
from city_indicators.core.errors import MethodError


@dataclass(frozen=True)
class Changes:
    """What is changed of a method; None, or a part without a weight here, stays as declared.

    `weights` are proportions among the parts of a pillar, by the id of a part; 0 leaves the part out.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    aggregation: str | None = None
    normalisation: str | None = None


def changed(method: Method, changes: Changes) -> Method:
    """The method with some changes, and all else as declared.

    A changed step joins the alternatives that the uncertainty analysis draws from. The analysis no longer
    draws shares of parts between declared bounds if a weight in their pillar is changed. An acceptance of the
    declared method is not one of the changed method.

    Raises:
        MethodError: there is no such method; says why.
    """
    document = method.model_dump(mode="json", exclude_unset=True)
    if changes.weights:
        document["weighting"] = "relative"
        _reweigh(document, changes.weights)
    steps = {"aggregation": changes.aggregation, "normalisation": changes.normalisation}
    document |= {name: step for name, step in steps.items() if step}
    if document.get("uncertainty"):
        _vary(document, method, changes, {name: step for name, step in steps.items() if step})
    if document.get("coherence"):
        document["coherence"].pop("accepted", None)
    try:
        return Method.model_validate(document)
    except ValidationError as error:
        raise MethodError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from error


def _reweigh(pillar: dict[str, Any], weights: Mapping[str, float]) -> None:
    """Give each part below a pillar its weight, or leave it out; the parts of a formula have none."""
    own = {kind: pillar[kind] for kind in ("pillars", "indicators") if pillar.get(kind)}
    if not pillar.get("formula"):
        own = {kind: [_weighted(part, weights) for part in parts] for kind, parts in own.items()}
        own = {kind: [part for part in parts if part["weight"] > 0] for kind, parts in own.items()}
        if not any(own.values()):
            raise MethodError(
                f"{pillar['id']}: all its parts have the weight 0. Next step: give one of them a weight, or "
                "give the pillar itself the weight 0"
            )
        pillar.update(own)
    for part in own.get("pillars", []):
        _reweigh(part, weights)


def _weighted(part: dict[str, Any], weights: Mapping[str, float]) -> dict[str, Any]:
    declared = part.get("weight") or 1.0
    return {**part, "weight": weights.get(part.get("id") or part["indicator"], declared)}


def _vary(document: dict[str, Any], method: Method, changes: Changes, steps: dict[str, str]) -> None:
    """Let the uncertainty analysis vary what there is now."""
    factors = document["uncertainty"]["factors"]
    for name, step in steps.items():
        # Without the chosen step among them, no draw would be of this method.
        if factors.get(name) and step not in factors[name]:
            factors[name] = [*factors[name], step]
    kept = {
        part.id
        for pillar in _kept(method.root, changes.weights)
        if not any(part.id in changes.weights for part in pillar.parts)
        for part in pillar.parts
    }
    if factors.get("shares"):
        factors["shares"] = {part: bounds for part, bounds in factors["shares"].items() if part in kept}
    document["uncertainty"]["factors"] = {name: value for name, value in factors.items() if value}
    if not document["uncertainty"]["factors"]:
        del document["uncertainty"]


def _kept(pillar: Pillar, weights: Mapping[str, float]) -> Iterator[Pillar]:
    """The pillar and those below it that are not left out."""
    yield pillar
    for part in pillar.pillars:
        if weights.get(part.id) != 0:
            yield from _kept(part, weights)
