"""docs/operations.md: every incident has symptoms and steps, and every link works."""

import re

from tests import compose
from tests.conftest import PROJECT

GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_each_of_ten_incidents_has_symptoms_and_steps() -> None:
    incidents = re.split(r"^### ", GUIDE, flags=re.MULTILINE)[1:]
    assert [incident.split(".")[0] for incident in incidents] == [str(n) for n in range(1, 11)]
    for incident in incidents:
        assert "**Seen**" in incident
        assert "**Do**" in incident


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as GitHub generates them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_works() -> None:
    for file, anchor in re.findall(r"\]\(([\w./]*)#?([\w-]*)\)", GUIDE):
        target = PROJECT / "docs" / file if file else PROJECT / "docs" / "operations.md"
        assert target.is_file(), file
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), (file, anchor)


def test_every_secret_of_the_server_is_documented() -> None:
    secrets = {*re.findall(r"\$\{(\w+):\?", compose.text()), "AIRFLOW_CONN_BUCKET"}
    deployment = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for text, heading in ((GUIDE, "Rotating a secret"), (deployment, "Secrets")):
        section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        documented = {
            name for line in section.splitlines() if line[:1] == "|" for name in re.findall(r"`(\w+)`", line)
        }
        assert secrets - documented == set(), heading


def test_every_freshness_reason_is_documented() -> None:
    from city_indicators.orchestration.freshness_alerts import NEXT_STEPS

    assert [reason for reason in NEXT_STEPS if f"`{reason}`" not in GUIDE] == []
