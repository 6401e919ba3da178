"""docs/how-to/on-call.md covers ten incidents, every reason of an overdue source, and every secret."""

import re

from tests import compose
from tests.conftest import PROJECT

DOCS = PROJECT / "docs"
GUIDE = (DOCS / "how-to" / "on-call.md").read_text(encoding="utf-8")


def test_each_of_ten_incidents_has_a_symptom_and_an_action() -> None:
    incidents = re.findall(r"^### (\d+)\. [^\n]+\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert [number for number, _ in incidents] == [str(n) for n in range(1, 11)]
    for _, incident in incidents:
        assert "**Seen**" in incident
        assert "**Do**" in incident


def test_every_secret_of_the_server_is_listed_with_how_to_rotate_it() -> None:
    secrets = {*re.findall(r"\$\{(\w+):\?", compose.text()), "AIRFLOW_CONN_BUCKET"}
    rotation = (DOCS / "how-to" / "rotate-a-secret.md").read_text(encoding="utf-8")
    settings = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    listed = settings.split("\n## Secrets\n")[1].split("\n## ")[0]
    for text in (rotation, listed):
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert secrets - {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set()


def test_every_reason_of_an_overdue_source_has_an_action() -> None:
    from city_indicators.orchestration.freshness_alerts import NEXT_STEPS

    assert [reason for reason in NEXT_STEPS if f"`{reason}`" not in GUIDE] == []
