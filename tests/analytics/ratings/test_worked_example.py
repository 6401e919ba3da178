"""The example of docs/explanation/ratings.md is what the command makes of it."""

import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.__main__ import main
from city_indicators.core.paths import PROJECT

VALUES = PROJECT / "docs" / "example.csv"


@pytest.fixture(scope="module")
def text() -> str:
    document = (PROJECT / "docs" / "explanation" / "ratings.md").read_text(encoding="utf-8")
    return document[document.index("## A worked example") :]


def rated(folder: Path, method: str) -> dict[str, pd.DataFrame]:
    (folder / "example.yaml").write_text(method, encoding="utf-8")
    arguments = [str(folder / "example.yaml"), "--inputs", str(VALUES), "--out", str(folder)]
    assert main(["rate", *arguments]) == 0
    return {name: pd.read_csv(folder / f"{name}.csv") for name in ("scores", "pillars", "indicators")}


def test_the_example_gives_the_documented_scores(text: str, tmp_path: Path) -> None:
    (method,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    tables = rated(tmp_path, method)
    scores = tables["scores"].set_index("unit")
    assert scores["score"].round(2).to_dict() == {"a": 61.28, "b": 47.47}
    assert scores["coverage"].round(3).to_dict() == {"a": 1, "b": 0.667}
    of_a = tables["indicators"].query("unit == 'a'").set_index("indicator")["contribution"].round(2)
    assert of_a.to_dict() == {"ELEC_LOWCARBON_SHARE": 12.72, "CO2_PC": 15.76, "PT_ACCESS": 32.8}
    for number in ("42.4", "52.53", "47.47", "**61.28**", "12.72", "15.76", "32.8"):
        assert number in text


def test_the_command_of_the_readme_rates_the_example(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (method,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert (PROJECT / "docs" / "example.yaml").read_text(encoding="utf-8") == method
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(
        r"^ *PYTHONPATH=plugins .venv/bin/python -m city_indicators (rate .+)$", readme, re.MULTILINE
    )
    monkeypatch.chdir(PROJECT)
    assert main(line.split()) == 0
    scores = pd.read_csv(StringIO(capsys.readouterr().out)).set_index("unit")["score"]
    assert scores.round(2).to_dict() == {"a": 61.28, "b": 47.47}


def test_the_example_with_a_geometric_mean(text: str, tmp_path: Path) -> None:
    (method,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    pillars = method.replace("    weight: 0.6\n", "    weight: 0.6\n    aggregation: arithmetic\n")
    tables = rated(tmp_path, pillars + "aggregation: geometric\n")
    assert tables["scores"].set_index("unit")["score"].round(2).to_dict() == {"a": 59.07, "b": 47.47}
    of_a = tables["pillars"].query("unit == 'a'").set_index("pillar")["contribution"].round(2)
    assert of_a.to_dict() == {"energy": 33.54, "transport": 25.53}
    for number in ("59.07", "33.54", "25.53"):
        assert number in text
