"""The typed errors of the pipeline: each says where the fault is and what to do next."""

import sys
from collections.abc import Callable, Sequence


class CityIndicatorsError(Exception):
    """Base of every error the pipeline raises on purpose: each is transient or permanent."""


class TransientError(CityIndicatorsError):
    """A later try may succeed with nothing changed by anybody."""


class PermanentError(CityIndicatorsError):
    """A later try fails alike until somebody has changed a file, a setting or data."""


def exit_code(command: Callable[[], None]) -> int:
    """Run a command: 0 if it succeeded, else 2, with the error on standard error in place of a traceback."""
    try:
        command()
    except (CityIndicatorsError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


class CatalogueError(PermanentError):
    """A file of include/ is wrong. Names the file, the key and the fault."""

    def __init__(self, file: object, key: str, fault: str) -> None:
        super().__init__(f"{file}: {key}: {fault}")


class SourceError(CityIndicatorsError):
    """A source answered in a way that we cannot use. Names source, address and next step."""

    def __init__(self, source: str, url: str, fault: str, next_step: str) -> None:
        super().__init__(f"source {source}: {url}: {fault}. Next step: {next_step}")


class SourceUnavailableError(SourceError, TransientError):
    """The source did not answer, or said to come back later: asking again may help."""


class SourceBusyError(SourceUnavailableError):
    """The source, or our plan of requests to it, names the time to come back after: `seconds`."""

    def __init__(self, source: str, url: str, fault: str, seconds: int) -> None:
        super().__init__(source, url, fault, f"nothing; the next try waits {seconds} seconds, as it was told")
        self.seconds = seconds


class SourceContractError(SourceError, PermanentError):
    """The source answered with something else than its contract: asking again will not help."""


class CorrectionExpiredError(PermanentError):
    """The publisher gives another value than a declared correction expects: it must be looked at again."""

    def __init__(
        self, file: object, correction: str, observation: str, expected: float | str, published: object
    ) -> None:
        super().__init__(
            f"{file}: {correction}: {observation}: expects the publisher to give {expected!r}, "
            f"but it gives {published!r} now. Next step: if the publisher has mended the observation, remove the "
            "correction; if not, renew its `expect`; then clear the run"
        )


class ArchiveError(PermanentError):
    """The archive does not hold what was stored in it."""


class InboxError(TransientError):
    """The inbox could not be looked into: looking again may help. Names folder, fault and next step."""

    def __init__(self, folder: object, fault: str) -> None:
        super().__init__(
            f"inbox {folder}: {fault}. Next step: see that the folder, or its bucket, can be reached and "
            "listed; then nothing, for it is looked into again"
        )


class GateRefusedError(PermanentError):
    """A gate rule of severity critical failed: nothing of the load was published."""


class OverrideError(GateRefusedError):
    """Somebody accepted a refused load in a way that cannot stand: nothing of it was published."""


class LoadError(PermanentError):
    """A load cannot be published as it stands in the ledger."""


class LockHeldError(TransientError):
    """A lock of the warehouse was not to be had in time: asking again may help. Names who holds locks."""

    def __init__(self, holders: Sequence[str], pid: int | None) -> None:
        held = "; ".join(holders) or "a session that has ended since"
        end = f"; else end it by `select pg_terminate_backend({pid})` as role etl" if pid else ""
        super().__init__(
            f"waited in vain for a lock of the warehouse; locks are held by {held}. "
            f"Next step: none while its task runs{end}. The next try waits anew"
        )


class NoWarehouseError(PermanentError):
    """A command was not told which warehouse to use. Names the next step."""

    def __init__(self, next_step: str) -> None:
        super().__init__(f"no warehouse is named. Next step: {next_step}")


class WarehouseVersionError(PermanentError):
    """A warehouse cannot be upgraded as it stands; nothing of it was changed. Says what to do next."""

    def __init__(self, fault: str, next_step: str) -> None:
        super().__init__(f"the warehouse {fault}. Nothing of it was changed. Next step: {next_step}")
        self.fault = fault
        self.next_step = next_step


class OlderWarehouseError(WarehouseVersionError):
    """The warehouse has not seen all migrations from before the baseline."""

    def __init__(self, version: str, last: str, commit: str) -> None:
        super().__init__(
            f"is at migration {version} of the {last} that came before today's baseline",
            f"upgrade it with commit {commit}, the last one before the baseline, then with this release; or "
            "begin with an empty warehouse and backfill its sources (docs/how-to/upgrade.md)",
        )


class AlteredWarehouseError(WarehouseVersionError):
    """The warehouse has tables that no migration made, or lacks some. Names the first of them."""

    def __init__(self, last: str, more: Sequence[str], less: Sequence[str]) -> None:
        parts = [f"has {line}" for line in more[:1]] + [f"lacks {line}" for line in less[:1]]
        super().__init__(
            f"has other tables than migration {last} made: it {' and '.join(parts)}",
            "undo what was changed by hand, then upgrade again (docs/how-to/upgrade.md)",
        )


class NewerWarehouseError(WarehouseVersionError):
    """The warehouse has seen a migration that this release does not have. Names both versions."""

    def __init__(self, version: str, newest: str) -> None:
        super().__init__(
            f"is at version {version}, which this release does not know; its newest is {newest}",
            "deploy the release that made it, or a later one",
        )


class ForeignViewError(WarehouseVersionError):
    """Somebody made a view on views or tables of the warehouse, which stands in their way."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"holds what rests on views or tables that are made anew: {detail}",
            "drop it, upgrade, and make it again",
        )


class MethodError(PermanentError):
    """A rating method asks for something its inputs or the engine cannot give."""


class GroupsError(MethodError):
    """The groups of units are not such as a rating method needs."""


class RatingInputError(PermanentError):
    """Observations that somebody wants rated are wrong. Names the file, the key or row, and the fault."""

    def __init__(self, file: object, key: str, fault: str) -> None:
        super().__init__(f"{file}: {key}: {fault}")


class EditionError(PermanentError):
    """An edition cannot be proposed or published. Names the rating, the year, the fault and the next step."""

    def __init__(self, rating: str, period: str, fault: str, next_step: str) -> None:
        super().__init__(f"rating {rating}, {period}: {fault}. Nothing was published. Next step: {next_step}")


class BackfillError(PermanentError):
    """A backfill cannot be planned or started. Names the source, the fault and the next step."""

    def __init__(self, source: str, fault: str, next_step: str) -> None:
        super().__init__(f"backfill of {source}: {fault}. Next step: {next_step}")


class ExportError(PermanentError):
    """What was asked for cannot be exported so. Names the table, the fault and the next step."""

    def __init__(self, what: str, fault: str, next_step: str) -> None:
        super().__init__(f"export of {what}: {fault}. Next step: {next_step}")


class UnknownExportError(ExportError):
    """There is nothing of this name to export."""


class NotSentError(TransientError):
    """A message could not be sent, and telling it is all that its task does."""

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"not sent: {subject}. Next step: correct the Airflow connection `notifications`, as the log "
            "says, then clear the task: it tells the same again"
        )


class TrendError(PermanentError):
    """Trends cannot be computed from these observations. Names the fault and the next step."""

    def __init__(self, fault: str, next_step: str) -> None:
        super().__init__(f"trends: {fault}. Next step: {next_step}")


class ApiError(CityIndicatorsError):
    """Airflow answered a request with an error, or not at all. Names the fault and the next step."""

    def __init__(self, fault: str, next_step: str) -> None:
        super().__init__(f"{fault}\nNext step: {next_step}")


class ApiUnavailableError(ApiError, TransientError):
    """Airflow did not answer, or said that it cannot at the moment."""


class ApiRefusedError(ApiError, PermanentError):
    """Airflow refused a request."""
