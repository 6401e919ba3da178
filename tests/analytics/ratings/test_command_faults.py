"""The command `rate` with invalid input: it names file, key and reason, and writes nothing."""

from pathlib import Path

import pytest

from city_indicators.__main__ import main

METHOD = """
id: index
version: 1.0.0
rank_within: side
treatment: {winsorise: 2}
pillars:
  - id: one
    weight: 0.6
    indicators:
      - {indicator: A, weight: 0.5, worst: 0, best: 10}
      - {indicator: B, weight: 0.5, worst: 10, best: 0, denominator: people}
  - id: two
    weight: 0.4
    indicators:
      - {indicator: C, weight: 1, worst: 1, best: 100, log: true}
uncertainty: {draws: 100, seed: 1, factors: {weights: 0.2}}
"""
VALUES = """unit,indicator,value
x,A,5
y,A,6
x,B,8
y,B,6
x,people,2
y,people,3
x,C,10
y,C,20
"""
GROUPS = """unit,side
x,west
y,east
"""
FACTOR = "weights: 0.2"
NOISE = "{A: 0.1, B: 0.1, E: 0.1, I: 0.1, P: 0.1, U: 0.1}"

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
INPUTS = {
    "duplicate": ("x,A,5\n", "x,A,5\nx,A,5\n", "values.csv: x A: has several values"),
    "duplicate but for spaces": ("y,A,6", "x , A,6", "values.csv: x A: has several values"),
    "infinite": ("x,A,5", "x,A,-inf", "values.csv: row 2: the value '-inf' is not a finite number"),
    "greater than any number": (
        "x,A,5",
        "x,A,1e400",
        "values.csv: row 2: the value '1e400' is not a finite number",
    ),
    "beyond what can be added": (
        "x,A,5",
        "x,A,-1e308",
        "values.csv: index: x A: -1e+308 is beyond ±1e+60, within which sums and powers stay finite.",
    ),
    "quotient beyond what can be added": (
        "x,B,8\ny,B,6\nx,people,2",
        "x,B,1e40\ny,B,6\nx,people,1e-40",
        "values.csv: index: B: its denominator people is zero or nearly so: x",
    ),
    "all missing": ("x,A,5\ny,A,6", "x,A,\ny,A,", "values.csv: A: all its values are missing"),
    "nothing but projections": (
        VALUES,
        "unit,indicator,value,obs_status\nx,A,5,F\ny,A,,A\n",
        "values.csv: A: all its values are missing or projections",
    ),
    "missing indicator": (
        "x,A,5\ny,A,6\n",
        "",
        "values.csv: A: the method uses it, but the file does not have it",
    ),
    "no number": ("x,A,5", "x,A,<5", "values.csv: row 2: the value '<5' is not a finite number"),
    "not a number": ("y,A,6", "y,A,NaN", "values.csv: row 3: the value 'NaN' is not a finite number"),
    "decimal comma": ("x,A,5", 'x,A,"5,5"', "values.csv: row 2: the value '5,5' is not a finite number"),
    "no unit": ("y,A,6", " ,A,6", "values.csv: row 3: has no unit"),
    "no column": ("value", "observation", "values.csv: value: no such column"),
    "semicolons": (
        VALUES,
        VALUES.replace(",", ";"),
        "values.csv: (file): is separated by semicolons. Next step: save it with commas between columns and "
        "decimal points\n",
    ),
    "semicolons and decimal commas": (
        VALUES,
        VALUES.replace(",", ";").replace(";5", ";5,5"),
        "values.csv: (file): is separated by semicolons. Next",
    ),
    "tabs": (
        VALUES,
        VALUES.replace(",", "\t"),
        "values.csv: (file): is separated by tabs. Next step: save it",
    ),
    "a column twice": (
        VALUES,
        "\n".join(f"{row},{row[-1]}" for row in VALUES.splitlines()).replace("value,e", "value,value"),
        "values.csv: value: there are several columns of this name: keep one of them",
    ),
    "a cell too many": (
        "y,A,6",
        "y,A,6,7",
        "values.csv: row 3: has 4 cells, but the header has 3",
    ),
    "nothing": (VALUES, "", "values.csv: (file): is not CSV in UTF-8"),
    "denominator of zero": (
        "y,people,3",
        "y,people,0",
        "values.csv: index: B: its denominator people is zero or nearly so: y",
    ),
    "denominator of nearly zero": (
        "y,people,3",
        "y,people,1e-320",
        "values.csv: index: B: its denominator people is zero or nearly so: y",
    ),
    "logarithm of zero": ("x,C,10", "x,C,0", "values.csv: index: C: the value of x is 0"),
}
GROUP_FILES = {
    "no column": ("side", "area", "groups.csv: index: there is no column 'side', which the method uses"),
    "no unit": ("unit", "area", "groups.csv: unit: no such column; the file has ['area', 'side']"),
    "column twice": (
        "unit,side\nx,west\ny,east",
        "unit,side,side\nx,west,east\ny,east,west",
        "groups.csv: side: there are several columns of this name: keep one of them",
    ),
    "twice": ("y,east", "y,east\ny,west", "groups.csv: index: y has several rows of groups"),
}


def replaced(text: str, old: str, new: str) -> str:
    for one, other in zip(old.split("|"), new.split("|"), strict=True):
        assert one in text
        text = text.replace(one, other, 1)
    return text


def refusal(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    method: str = METHOD,
    values: str = VALUES,
    groups: str | None = GROUPS,
) -> str:
    """The message after "cannot rate: <folder>/"; checks that it ends with 2 and writes nothing."""
    (folder / "method.yaml").write_text(method, encoding="utf-8")
    (folder / "values.csv").write_text(values, encoding="utf-8")
    inputs = ["rate", str(folder / "method.yaml"), "--inputs", str(folder / "values.csv")]
    if groups is not None:
        (folder / "groups.csv").write_text(groups, encoding="utf-8")
        inputs += ["--groups", str(folder / "groups.csv")]
    assert main([*inputs, "--out", str(folder / "out")]) == 2
    assert not (folder / "out").exists()
    out, err = capsys.readouterr()
    assert out == ""
    return err.removeprefix(f"cannot rate: {folder}/")


@pytest.mark.parametrize(("old", "new", "expected"), METHODS.values(), ids=METHODS.keys())
def test_a_wrong_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    assert refusal(tmp_path, capsys, replaced(METHOD, old, new)).startswith(expected)


@pytest.mark.parametrize(("old", "new", "expected"), INPUTS.values(), ids=INPUTS.keys())
def test_wrong_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    assert refusal(tmp_path, capsys, values=VALUES.replace(old, new)).startswith(expected)


@pytest.mark.parametrize(("old", "new", "expected"), GROUP_FILES.values(), ids=GROUP_FILES.keys())
def test_wrong_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    assert refusal(tmp_path, capsys, groups=GROUPS.replace(old, new)).startswith(expected)


def test_missing_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = refusal(tmp_path, capsys, groups=None)
    assert message == "cannot rate: --groups: index: there is no column 'side', which the method uses\n"


def test_a_status_for_which_no_noise_is_declared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only rated indicators are checked: the status of a denominator does not matter."""
    values = "\n".join(f"{row},A" for row in VALUES.splitlines()).replace("value,A", "value,obs_status")
    method = replaced(METHOD, FACTOR, f"noise: {NOISE}")
    for status in ("D", ""):
        wrong = values.replace("y,B,6,A", f"y,B,6,{status}").replace("x,people,2,A", "x,people,2,D")
        message = refusal(tmp_path, capsys, method, wrong)
        assert (
            message
            == f"values.csv: row 5: has the obs_status '{status}', for which the method declares no noise\n"
        )


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


def test_duplicates_of_a_year_are_refused_before_carrying_forward(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Carrying forward takes the latest value: it must not choose between two of the same year."""
    method = replaced(METHOD, "id: index", "id: index\nmax_age_years: 2")
    values = "\n".join(f"{row},2020" for row in VALUES.splitlines()).replace("value,2020", "value,period")
    message = refusal(tmp_path, capsys, method, values + "\nx,A,7,2020\n")
    assert message.startswith("values.csv: x A 2020: has several values")
