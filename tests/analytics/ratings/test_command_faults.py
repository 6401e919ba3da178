"""The command `rate` with invalid input: it names file, key and reason, and writes nothing."""

from pathlib import Path

import pytest

from city_indicators.__main__ import main
from tests.analytics.ratings.refusals import FACTOR, GROUPS, METHOD, NOISE, VALUES, refusal, replaced

# Text of the method, its replacement, and the expected message after "cannot rate: <folder>/".
METHODS = {
    "weights of pillars": (
        "weight: 0.6",
        "weight: 0.7",
        "method.yaml: rating: Value error, index: the weights of its parts sum to 1.1",
    ),
    "weights of indicators": (
        "A, weight: 0.5",
        "A, weight: 0.4",
        "method.yaml: rating: Value error, one: the weights of its parts sum to 0.9",
    ),
    "no weight": ("A, weight: 0.5,", "A,", "method.yaml: rating: Value error, one: each part needs a weight"),
    "weight below zero": (
        "weight: 0.6",
        "weight: -0.6",
        "method.yaml: rating.pillars.0.weight: Input should be greater",
    ),
    "weight that is not a finite number": (
        "weight: 0.6",
        "weight: .nan",
        "method.yaml: rating.pillars.0.weight: Input should be a finite",
    ),
    "extends itself": (
        "id: index",
        "id: index\nextends: method",
        "method.yaml: extends: is circular: method → method",
    ),
    "extends what is absent": ("id: index", "id: index\nextends: nowhere", "nowhere.yaml: (file): is absent"),
    "alias of itself": (
        "  - id: one",
        "  - &again\n    pillars: [*again]\n    id: one",
        "method.yaml: pillars: a pillar contains itself",
    ),
    "unknown indicator": (
        "indicator: A",
        "indicator: AA",
        "values.csv: AA: the method uses it, but the file does not",
    ),
    "unknown denominator": (
        "denominator: people",
        "denominator: folk",
        "values.csv: folk: the method uses it",
    ),
    "goalposts without width": (
        "best: 10}",
        "best: 0}",
        "method.yaml: rating.pillars.0.indicators.0: Value error, worst and best must differ",
    ),
    "infinite goalpost": (
        "best: 10}",
        "best: .inf}",
        "method.yaml: rating.pillars.0.indicators.0.best: Input should be a finite number",
    ),
    "goalpost beyond what can be added": (
        "best: 10}",
        "best: 1.0e+308}",
        "method.yaml: rating.pillars.0.indicators.0.best: Value error, 1e+308 is beyond ±1e+60",
    ),
    "weight beyond what can be added": (
        "weight: 0.6",
        "weight: 1.0e+308",
        "method.yaml: rating.pillars.0.weight: Value error, 1e+308 is beyond ±1e+60",
    ),
    "scale beyond what can be added": (
        "id: index",
        "id: index\nscale: [0, 1.0e+308]",
        "method.yaml: rating.scale.1: Value error, 1e+308 is beyond ±1e+60",
    ),
    "goalposts against the direction": (
        "A, weight",
        "A, direction: lower, weight",
        "method.yaml: rating.pillars.0.indicators.0: Value error, goalposts 0 → 10 go against",
    ),
    "logarithm of a goalpost of zero": (
        "worst: 1,",
        "worst: 0,",
        "method.yaml: rating.pillars.1.indicators.0: Value error, goalposts under a logarithm",
    ),
    "no goalposts": (
        "worst: 0, best: 10",
        "direction: higher",
        "method.yaml: rating: Value error, A: needs worst and best",
    ),
    "scale that falls": (
        "id: index",
        "id: index\nscale: [100, 1]",
        "method.yaml: rating.scale: Value error, [100.0, 1.0] must rise",
    ),
    "unknown key": (
        "id: index",
        "id: index\ncolour: red",
        "method.yaml: rating.colour: Extra inputs are not permitted",
    ),
    "key twice": (
        "id: index",
        "id: index\nid: index",
        "method.yaml: (file): is not YAML: the key 'id' appears more than once",
    ),
    "indicator twice": (
        "indicator: C",
        "indicator: A",
        "method.yaml: rating: Value error, ['A'] are repeated in the method",
    ),
    "no YAML": ("pillars:", "pillars: [", "method.yaml: (file): is not YAML"),
    "factor of imputation without it": (
        FACTOR,
        "missing: [none, mean]",
        "method.yaml: rating: Value error, uncertainty.factors.missing: the method has no missing",
    ),
    "factor of outliers without treatment": (
        f"treatment: {{winsorise: 2}}|{FACTOR}",
        "|winsorise: [1, 2]",
        "method.yaml: rating: Value error, uncertainty.factors.winsorise: the method has no treatment",
    ),
    "factor of an unknown part": (
        FACTOR,
        "shares: {three: [0.1, 0.2]}",
        "method.yaml: rating: Value error, uncertainty.factors.shares: the method has no ['three']",
    ),
    "shares of all parts": (
        FACTOR,
        "shares: {A: [0.1, 0.2], B: [0.3, 0.4]}",
        "method.yaml: uncertainty.factors.shares.one: all its parts are drawn: leave one out",
    ),
    "shares above one": (
        f"{{indicator: A, weight: 0.5, worst: 0, best: 10}}|{FACTOR}",
        "{indicator: A, weight: 0.4, worst: 0, best: 10}\n"
        "      - {indicator: D, weight: 0.1, worst: 0, best: 1}|"
        "shares: {A: [0.1, 0.6], B: [0.3, 0.5]}",
        "method.yaml: uncertainty.factors.shares.one: the upper bounds of its parts sum to 1.1, more than 1",
    ),
    "factor of targets without any": (
        FACTOR,
        "normalisation: [goalposts, distance_to_target]",
        "method.yaml: rating: Value error, A: needs a target",
    ),
    "unknown factor": (FACTOR, "colour: 0.1", "method.yaml: rating.uncertainty.factors.colour: Extra inputs"),
    "no factor": (FACTOR, "", "method.yaml: rating.uncertainty: Value error, factors: nothing is varied"),
    "noise without statuses": (
        FACTOR,
        f"noise: {NOISE}",
        "values.csv: index: uncertainty.factors.noise: the observations have no obs_status",
    ),
    "noise without provisional and unreliable": (
        FACTOR,
        "noise: {A: 0.1, B: 0.1, E: 0.1, I: 0.1}",
        "method.yaml: uncertainty.factors.noise: does not name ['P', 'U']: values of this status",
    ),
    "noise without the imputed": (
        FACTOR,
        "noise: {A: 0.1, B: 0.1, E: 0.1, P: 0.1, U: 0.1}",
        "method.yaml: uncertainty.factors.noise: does not name ['I']: values of this status",
    ),
    "interpolation without years": (
        "id: index",
        "id: index\nmissing: linear",
        "values.csv: index: missing: linear needs years",
    ),
    "maximum age without years": (
        "id: index",
        "id: index\nmax_age_years: 2",
        "values.csv: period: must be a year of four digits",
    ),
    "unknown group": (
        "rank_within: side",
        "rank_within: continent",
        "groups.csv: index: there is no column 'continent'",
    ),
    "imputed by an unknown group": (
        "id: index",
        "id: index\nmissing: {policy: mean, group: continent}",
        "groups.csv: index: there is no column 'continent'",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), METHODS.values(), ids=METHODS.keys())
def test_a_wrong_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    assert refusal(tmp_path, capsys, replaced(METHOD, old, new)).startswith(expected)


def test_methods_that_extend_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.yaml").write_text("extends: method", encoding="utf-8")
    message = refusal(tmp_path, capsys, "extends: other")
    assert message == "method.yaml: extends: is circular: method → other → method\n"


@pytest.mark.parametrize(
    ("add", "expected"),
    [
        ("{three: {weights: {}}}", "method.yaml: add.three: is not a pillar of the extended method"),
        ("{one: {weights: {Q: 1}}}", "method.yaml: add.one.weights: ['Q'] are not parts of the pillar"),
        ("{one: {weight: {A: 1}}}", "method.yaml: rating.add.one.weight: Extra inputs are not permitted"),
        ("[one]", "method.yaml: rating.add: Input should be a valid dictionary"),
        (
            "{one: {weights: {A: 0.3}}}",
            "method.yaml: rating: Value error, one: the weights of its parts sum to 0.8",
        ),
    ],
)
def test_wrong_additions(tmp_path: Path, capsys: pytest.CaptureFixture[str], add: str, expected: str) -> None:
    (tmp_path / "other.yaml").write_text(METHOD, encoding="utf-8")
    assert refusal(tmp_path, capsys, f"extends: other\nadd: {add}").startswith(expected)


@pytest.mark.parametrize("how", ["geometric", "harmonic"])
@pytest.mark.parametrize("varied", [False, True], ids=["declared", "drawn"])
def test_a_mean_over_zeros(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, varied: bool
) -> None:
    """A is at its worst goalpost, zero on this scale; the same if only a draw uses such a mean."""
    index = f"id: index\naggregation: {how}"
    method = (
        replaced(METHOD, FACTOR, f"aggregation: [arithmetic, {how}]")
        if varied
        else replaced(METHOD, "id: index", index)
    )
    message = refusal(tmp_path, capsys, method, VALUES.replace("x,A,5", "x,A,0"))
    assert message.startswith(
        f"values.csv: index: one: the {how} mean needs scores above zero, but A of x is 0. Next"
    )


@pytest.mark.parametrize("varied", [False, True], ids=["declared", "drawn"])
def test_a_mean_over_a_zero_names_the_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], varied: bool
) -> None:
    """One of many cells stops the rating: without its year it cannot be found."""
    old, new = (
        (FACTOR, "aggregation: [arithmetic, geometric]")
        if varied
        else ("id: index", "id: index\naggregation: geometric")
    )
    years = [
        f"{row},{year}"
        for year in range(1990, 1993)
        for row in (VALUES if year != 1991 else VALUES.replace("y,A,6", "y,A,0")).splitlines()[1:]
    ]
    values = "\n".join(["unit,indicator,value,period", *years])
    message = refusal(tmp_path, capsys, replaced(METHOD, old, new), values)
    assert "one: the geometric mean needs scores above zero, but A of y 1991 is 0. Next" in message


def test_a_logarithm_of_zero_names_the_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    years = "\n".join(f"{row},{year}" for year in (1990, 1991) for row in VALUES.splitlines()[1:])
    values = f"unit,indicator,value,period\n{years}".replace("y,C,20,1991", "y,C,-2,1991")
    message = refusal(tmp_path, capsys, values=values)
    assert message.startswith("values.csv: index: C: the value of y 1991 is -2, which has no logarithm. Next")


def test_a_refusal_keeps_an_earlier_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("method.yaml", METHOD), ("values.csv", VALUES), ("groups.csv", GROUPS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = ["--inputs", "values.csv", "--groups", "groups.csv", "--out", "out"]
    arguments = [part if part.startswith("--") else str(tmp_path / part) for part in ["method.yaml", *names]]
    assert main(["rate", *arguments]) == 0
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    (tmp_path / "values.csv").write_text(VALUES.replace("x,C,10", "x,C,0"), encoding="utf-8")
    assert main(["rate", *arguments]) == 2
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rate", str(tmp_path / "no.yaml"), "--inputs", str(tmp_path / "no.csv")]) == 2
    assert capsys.readouterr().err == f"cannot rate: {tmp_path}/no.yaml: (file): is absent\n"
    (tmp_path / "method.yaml").write_text(METHOD, encoding="utf-8")
    assert main(["rate", str(tmp_path / "method.yaml"), "--inputs", str(tmp_path / "no.csv")]) == 2
    assert "no.csv" in capsys.readouterr().err
