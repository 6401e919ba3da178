"""docs/operations.md says what is seen and done, and leads where its links say."""

import re

from tests import compose
from tests.conftest import PROJECT

GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_there_are_ten_incidents_and_each_says_what_is_seen_and_what_to_do() -> None:
    incidents = re.split(r"^### ", GUIDE, flags=re.MULTILINE)[1:]
    assert [incident.split(".")[0] for incident in incidents] == [str(n) for n in range(1, 11)]
    for incident in incidents:
        assert "**Seen**" in incident
        assert "**Do**" in incident


def anchors(text: str) -> set[str]:
    """The addresses of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    for file, anchor in re.findall(r"\]\(([\w./]*)#?([\w-]*)\)", GUIDE):
        target = PROJECT / "docs" / file if file else PROJECT / "docs" / "operations.md"
        assert target.is_file(), file
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), (file, anchor)


def test_every_secret_of_the_server_is_told_of_and_how_to_change_it() -> None:
    secrets = {*re.findall(r"\$\{(\w+):\?", compose.text()), "AIRFLOW_CONN_BUCKET"}
    deployment = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for text, heading in ((GUIDE, "Rotating a secret"), (deployment, "Secrets")):
        section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        told = {
            name for line in section.splitlines() if line[:1] == "|" for name in re.findall(r"`(\w+)`", line)
        }
        assert secrets - told == set(), heading


def test_every_reason_of_a_lateness_is_in_the_guide() -> None:
    from city_indicators.orchestration.freshness_alerts import NEXT_STEPS

    assert [reason for reason in NEXT_STEPS if f"`{reason}`" not in GUIDE] == []
