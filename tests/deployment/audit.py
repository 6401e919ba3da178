"""Looks for known vulnerabilities of the pinned packages: `make audit`.

pip-audit reports success when its service knows none of the packages or cannot be reached. This does not.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from city_indicators.core.paths import PROJECT

REQUIREMENTS: Final = PROJECT / "requirements-cluster.txt"
"""All packages that are deployed, with those of several workers."""

NONE_KNOWN: Final = 0
VULNERABLE: Final = 1
NOT_AUDITED: Final = 3

RETRY: Final = (
    "Next step: run it on a machine that reaches the service, or choose one with SERVICE=pypi or SERVICE=osv."
)


def main(service: str) -> int:
    """Print the vulnerabilities; returns 0 if none is known, 1 if some are, 3 if nothing could be checked."""
    audit = [str(Path(sys.executable).with_name("pip-audit")), "--vulnerability-service", service]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
    command = [*audit, *options, "--requirement", str(REQUIREMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["pip-audit gave no reason"])[-1]
        print(f"Not audited: the service {service} could not be reached. {RETRY}\n{reason}", file=sys.stderr)
        return NOT_AUDITED
    return verdict(report["dependencies"], service)


def verdict(dependencies: list[dict[str, Any]], service: str) -> int:
    """Print what the service knows of the packages; returns the exit code."""
    found = [(package, known) for package in dependencies for known in package.get("vulns", ())]
    for package, known in found:
        fixed = ", ".join(known["fix_versions"]) or "no version"
        print(f"{package['name']} {package['version']}: {known['id']}, fixed in {fixed}")
    if skipped := [package["name"] for package in dependencies if "skip_reason" in package]:
        some = ", ".join(skipped[:3])
        print(
            f"Not audited: {len(skipped)} of {len(dependencies)} packages, as {some}. "
            f"The service {service} did not answer about them. {RETRY}",
            file=sys.stderr,
        )
        return NOT_AUDITED
    if not found:
        print(f"No known vulnerabilities in {len(dependencies)} packages, says {service}.")
    return VULNERABLE if found else NONE_KNOWN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
