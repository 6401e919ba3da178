"""The typed errors of the pipeline: each names the place of the fault and the next step."""

import sys
from collections.abc import Callable, Sequence
from typing import Self


class CityIndicatorsError(Exception):
    """Base of every error that the pipeline raises on purpose: each is transient or permanent."""


class TransientError(CityIndicatorsError):
    """A retry may succeed without any change."""


class PermanentError(CityIndicatorsError):
    """A retry fails again until somebody changes a file, a setting or data."""


def exit_code(command: Callable[[], None]) -> int:
    """Run a command and return its exit code: 0, or 2 with the error (no traceback) on standard error."""
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
    """The answer of a source cannot be used. Names source, address and next step."""

    def __init__(self, source: str, url: str, fault: str, next_step: str) -> None:
        super().__init__(f"source {source}: {url}: {fault}. Next step: {next_step}")


class SourceUnavailableError(SourceError, TransientError):
    """The source did not answer, or cannot at the moment: a retry may succeed."""


class SourceBusyError(SourceUnavailableError):
    """The source, or our plan of requests to it, requires a pause of `seconds` before the retry."""

    def __init__(self, source: str, url: str, fault: str, seconds: int) -> None:
        super().__init__(source, url, fault, f"nothing; the task is retried after {seconds} seconds")
        self.seconds = seconds


class SourceContractError(SourceError, PermanentError):
    """The answer of a source breaks its contract: a retry does not help."""


class CorrectionExpiredError(PermanentError):
    """The publisher gives another value than a declared correction expects: review the correction."""

    def __init__(
        self, file: object, correction: str, observation: str, expected: float | str, published: object
    ) -> None:
        super().__init__(
            f"{file}: {correction}: {observation}: expects the publisher to give {expected!r}, "
            f"but it gives {published!r} now. Next step: if the publisher has corrected the value, remove "
            "the correction; if not, update its `expect`; then clear the run"
        )


class ArchiveError(PermanentError):
    """A snapshot is missing from the archive, or damaged."""


class ArchiveVerificationError(ArchiveError):
    """Files of the ledger are missing or damaged, and were not healed. Names the first and the next step."""

    def __init__(self, root: object, missing: int, damaged: int, first: str) -> None:
        super().__init__(
            f"archive {root}: {missing} files of the ledger are missing and {damaged} are damaged, the first "
            f"is {first}. Next step: restore them from a backup of the archive, then verify again; "
            "the view archive.lost_file lists them"
        )


class StorageError(TransientError):
    """A disk is full, read-only or closed to us, and nothing was written. Names file, fault and next step."""

    def __init__(self, path: object, fault: str, next_step: str) -> None:
        super().__init__(
            f"{path}: {fault}; nothing was written. Next step: {next_step}; the retry is automatic"
        )


class UnusableFileError(PermanentError):
    """A submitted file cannot be used, whatever is in it: its sender has to change it.

    `mark` stands for the sha256 of the file, which is unknown.
    """

    def __init__(self, fault: str, mark: str) -> None:
        super().__init__(fault)
        self.mark = f"unknown: {mark}"

    @classmethod
    def closed(cls) -> Self:
        """The error of a file that we have no permission to read."""
        return cls(
            "no permission to read it; allow everybody to read it (`chmod a+r`), or send it again",
            "no permission to read the file",
        )

    @classmethod
    def no_file(cls) -> Self:
        """The error of a link, a pipe, a socket or a device."""
        return cls("a link or a device; send the file itself", "no file, but a link or a device")

    @classmethod
    def too_large(cls, size: int, most: int) -> Self:
        """The error of a file that has `size` bytes or more."""
        return cls(f"{size} bytes; a form has at most {most}", f"a file of {size} bytes is not read")


class InboxError(TransientError):
    """The inbox could not be listed: a retry may succeed. Names folder, fault and next step."""

    def __init__(self, folder: object, fault: str) -> None:
        super().__init__(
            f"inbox {folder}: {fault}. Next step: make sure that the folder, or its bucket, can be reached "
            "and listed; the retry is automatic"
        )


class GateRefusedError(PermanentError):
    """A gate rule of severity critical failed: nothing of the load was published."""


class OverrideError(GateRefusedError):
    """The approval of a refused load is not valid: nothing of the load was published."""


class LoadError(PermanentError):
    """A load cannot be published, because of its state in the ledger."""


class StagedRowsError(LoadError):
    """The staged rows of a load are not those that were validated. Names the file and both checksums."""

    def __init__(self, load_id: int, path: str, validated: str | None, found: str) -> None:
        super().__init__(
            f"load {load_id}: the staged rows {path} have the sha256 {found}, validated were those with "
            f"{validated or 'an unknown one'}. Nothing was published. Next step: clear the validate task of "
            "the run, which stages them again; if it happens twice, find out what else writes to the "
            "staging folder"
        )


class ClockError(TransientError):
    """The clock of a worker and that of the database disagree. Names both times and the next step."""

    def __init__(self, what: str, time: object, database_time: object) -> None:
        super().__init__(
            f"{what} {time}, but the database's clock says {database_time}: one of the two clocks is wrong. "
            "Nothing was loaded. Next step: compare `date -u` on the worker with `select now()` in the "
            "database, set the wrong clock (NTP), then clear the task"
        )


class LockHeldError(TransientError):
    """Waiting for a lock of the warehouse timed out: a retry may succeed. Names who holds locks."""

    def __init__(self, holders: Sequence[str], pid: int | None) -> None:
        held = "; ".join(holders) or "a session that has ended since"
        end = f"; else end it by `select pg_terminate_backend({pid})` as role etl" if pid else ""
        super().__init__(
            f"timed out waiting for a lock of the warehouse; locks are held by {held}. "
            f"Next step: none while its task runs{end}. The retry waits again"
        )


class NoWarehouseError(PermanentError):
    """A command has no address of a warehouse. Names the next step."""

    def __init__(self, next_step: str) -> None:
        super().__init__(f"no warehouse is named. Next step: {next_step}")


class WarehouseVersionError(PermanentError):
    """The warehouse cannot be upgraded, and nothing of it was changed. Names the fault and the next step."""

    def __init__(self, fault: str, next_step: str) -> None:
        super().__init__(f"the warehouse {fault}. Nothing of it was changed. Next step: {next_step}")
        self.fault = fault
        self.next_step = next_step


class OlderWarehouseError(WarehouseVersionError):
    """The warehouse lacks some of the migrations that precede the baseline."""

    def __init__(self, version: str, last: str, commit: str) -> None:
        super().__init__(
            f"is at migration {version} of the {last} that came before today's baseline",
            f"upgrade it with commit {commit}, the last one before the baseline, then with this release; or "
            "begin with an empty warehouse and backfill its sources (docs/how-to/upgrade.md)",
        )


class AlteredWarehouseError(WarehouseVersionError):
    """The warehouse has tables that no migration created, or lacks some. Names the first of them."""

    def __init__(self, last: str, more: Sequence[str], less: Sequence[str]) -> None:
        parts = [f"has {line}" for line in more[:1]] + [f"lacks {line}" for line in less[:1]]
        super().__init__(
            f"has other tables than migration {last} created: it {' and '.join(parts)}",
            "undo what was changed by hand, then upgrade again (docs/how-to/upgrade.md)",
        )


class NewerWarehouseError(WarehouseVersionError):
    """The warehouse has a migration that this release does not have. Names both versions."""

    def __init__(self, version: str, newest: str) -> None:
        super().__init__(
            f"is at version {version}, which this release does not know; its newest is {newest}",
            "deploy the release that created it, or a later one",
        )


class ForeignViewError(WarehouseVersionError):
    """A view that somebody added blocks the upgrade: it depends on views or tables of the warehouse."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"has objects that depend on views or tables which the upgrade recreates: {detail}",
            "drop them, upgrade, and create them again",
        )


class MethodError(PermanentError):
    """A rating method requires something that its inputs or the engine cannot provide."""


class GroupsError(MethodError):
    """The groups of units do not meet what a rating method requires."""


class RatingInputError(PermanentError):
    """The input of a rating is wrong. Names the file, the key or row, and the fault."""

    def __init__(self, file: object, key: str, fault: str) -> None:
        super().__init__(f"{file}: {key}: {fault}")


class OutdatedPlanError(PermanentError):
    """A refresh that several tasks share no longer leads to the reports of its plan: begin it again."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"refresh: {fault} since it was planned, so that nothing was written. Next step: clear the run, "
            "which plans it again; years that did not change are not rated twice"
        )


class EditionError(PermanentError):
    """An edition cannot be proposed or published. Names the rating, the year, the fault and the next step."""

    def __init__(self, rating: str, period: str, fault: str, next_step: str) -> None:
        super().__init__(f"rating {rating}, {period}: {fault}. Nothing was published. Next step: {next_step}")


class DocumentError(PermanentError):
    """A document cannot be made. Names the document or the file and line, the fault and the next step."""

    def __init__(self, where: str, fault: str, next_step: str) -> None:
        super().__init__(f"document {where}: {fault}. Next step: {next_step}")


class SiteError(PermanentError):
    """A site cannot be written. Names the folder or the rating, the fault and the next step."""

    def __init__(self, where: object, fault: str, next_step: str) -> None:
        super().__init__(f"site {where}: {fault}. Next step: {next_step}")


class BackfillError(PermanentError):
    """A backfill cannot be planned or started. Names the source, the fault and the next step."""

    def __init__(self, source: str, fault: str, next_step: str) -> None:
        super().__init__(f"backfill of {source}: {fault}. Next step: {next_step}")


class ExportError(PermanentError):
    """The requested export is not possible. Names the table, the fault and the next step."""

    def __init__(self, what: str, fault: str, next_step: str) -> None:
        super().__init__(f"export of {what}: {fault}. Next step: {next_step}")


class UnknownExportError(ExportError):
    """No table of this name can be exported, or the API has nothing at this address."""


class ParameterError(ExportError):
    """A parameter of a request to the API is wrong, repeated or unknown. Names it and the next step."""


class CursorError(ParameterError):
    """A cursor is not one that the API gave for this table."""


class FormatError(ExportError):
    """The API does not answer in any of the formats that the request accepts."""


class TooManyRowsError(ExportError):
    """More rows match than one answer of the API has."""


class TooLongError(ExportError):
    """The database needs longer for an answer of the API than a reader's statement may take."""


class NotSentError(TransientError):
    """A message could not be sent, and its task does nothing else."""

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"not sent: {subject}. Next step: correct the Airflow connection `notifications` (the log names "
            "the fault), then clear the task: it sends the same message again"
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
    """Airflow did not answer, or cannot at the moment."""


class ApiRefusedError(ApiError, PermanentError):
    """Airflow refused a request."""
