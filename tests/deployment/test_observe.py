"""Alarms and dashboard: they use metrics that exist, and sound when they should."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from city_indicators.core.paths import PROJECT
from city_indicators.delivery.metrics.exporter import METRICS, PREFIX
from tests.compose import Services

OBSERVE = PROJECT / "deploy" / "observe"
EXPORTED = {f"{PREFIX}_{each.name}{'_total' if each.kind == 'counter' else ''}": each for each in METRICS}
GUIDE = PROJECT / "docs" / "how-to" / "watch-with-prometheus.md"


def alarms() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((OBSERVE / "alarms.yml").read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def panels() -> list[dict[str, Any]]:
    return json.loads((OBSERVE / "grafana" / "city-indicators.json").read_text(encoding="utf-8"))["panels"]


def used(expression: str) -> set[str]:
    return set(re.findall(rf"\b{PREFIX}_\w+", re.sub(r'job="\w+"', "", expression)))


def test_alarms_and_panels_use_metrics_and_labels_that_exist() -> None:
    expressions = [alarm["expr"] for alarm in alarms()]
    expressions += [target["expr"] for panel in panels() for target in panel["targets"]]
    found = set.union(*(used(each) for each in expressions if "__name__" not in each))
    assert found <= EXPORTED.keys()
    assert found >= {name for name in EXPORTED if not name.endswith("bytes")}
    labels = {label for each in METRICS for label in each.labels} | {"job", "__name__"}
    for expression in expressions:
        named = set(re.findall(r"(\w+)=~?\"", expression))
        by = {
            label.strip() for group in re.findall(r"by \(([^)]+)\)", expression) for label in group.split(",")
        }
        assert named | by <= labels, expression


def test_every_alarm_says_what_to_do_and_every_page_that_it_names_exists() -> None:
    for alarm in alarms():
        assert alarm["annotations"].keys() == {"summary", "next_step"}
        for page in re.findall(r"docs/[\w/-]+\.md", alarm["annotations"]["next_step"]):
            assert (PROJECT / page).is_file(), page


def test_the_guide_lists_every_metric_and_alarm() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    services = {"metrics", "prometheus", "alertmanager", "grafana"}
    assert listed == EXPORTED.keys() | {alarm["alert"] for alarm in alarms()} | services


def test_panels_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in panels()]
    cells = [
        (x, y)
        for at in places
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert all(at["x"] + at["w"] <= 24 for at in places)
    assert len({panel["id"] for panel in panels()}) == len(places)


def test_prometheus_reads_the_services_of_compose(services: Services) -> None:
    config = yaml.safe_load((OBSERVE / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["metrics:9105"]}]
    assert services["metrics"]["command"][:4] == ["python", "-m", "city_indicators", "metrics"]
    assert "9105" in " ".join(services["metrics"]["healthcheck"]["test"])
    for service in ("prometheus", "alertmanager", "grafana"):
        for volume in services[service]["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith("./") or (PROJECT / source).is_file(), volume


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool, of Debian's package prometheus")
def test_alarms_sound_when_they_should(tmp_path: Path) -> None:
    cases = Path(__file__).with_name("alarms.test.yml").read_text(encoding="utf-8")
    file = tmp_path / "cases.yml"
    file.write_text(cases.replace("ALARMS", str(OBSERVE / "alarms.yml")), encoding="utf-8")
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
