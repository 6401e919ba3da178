"""Checks the integrity of a warehouse and its archive after a disturbed backfill."""

from typing import Any

from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveError
from tests.stacks import Running

# Columns that differ between undisturbed runs: times and ids.
INCIDENTAL = ("load_id", "fetch_id", "block_id", "report_refresh_id", "known_from")
COMPARED = """
select table_schema, table_name, string_agg(quote_ident(column_name), ', ' order by ordinal_position)
from information_schema.columns
inner join information_schema.tables using (table_schema, table_name)
where
    (table_schema = 'report' and table_type = 'BASE TABLE'
        or (table_schema, table_name) in (('core', 'observation'), ('core', 'observation_version')))
    and column_name not in {incidental}
group by 1, 2 order by 1, 2
"""
CHECKSUM = """
select count(*), md5(coalesce(string_agg(stored::text, E'\\n' order by stored::text collate "C"), ''))
from (select {columns} from {schema}.{table}) as stored
"""
UNREPORTED = "select load_id from ops.load where state = 'published' and report_refresh_id is null"
MUST_BE_EMPTY = {
    "a load whose rows were not all accepted or rejected": """
        select load_id from ops.load
        where
            read_rows <> accepted_rows + rejected_rows
            or rejected_rows <> (
                select count(*) from quality.rejected_row where rejected_row.load_id = load.load_id
            )
    """,
    "a load with more or fewer versions than it reports": """
        select load.load_id, load.state, load.added, load.revised, load.withdrawn, count(version.load_id)
        from ops.load as load left join core.observation_version as version using (load_id)
        group by 1
        having count(version.load_id) <> coalesce(load.added + load.revised + load.withdrawn, 0)
    """,
    "an observation with a repeated, missing or unchanged version": """
        select ref_area, indicator, time_period, source
        from core.observation_version group by 1, 2, 3, 4
        having
            count(*) <> count(distinct version) or count(*) <> max(version)
            or count(*) <> count(distinct (obs_value, unit_measure, obs_status, geo_basis, withdrawn))
    """,
    "a current observation that differs from its latest version": """
        select ref_area, indicator, time_period, source
        from core.observation
        full join (
            select distinct on (ref_area, indicator, time_period, source)
                ref_area, indicator, time_period, source, version, obs_value
            from core.observation_version
            order by ref_area, indicator, time_period, source, version desc
        ) as latest using (ref_area, indicator, time_period, source)
        where
            observation.version is distinct from latest.version
            or observation.obs_value is distinct from latest.obs_value
    """,
    "a validated load that was never published, nor replaced by a retry of its run": """
        select load_id from ops.load as load
        where state <> 'published' and not exists (
            select from ops.load as later
            where later.run_id = load.run_id and later.dag_id = load.dag_id and later.state = 'published'
                and later.load_id > load.load_id
        )
    """,
    "a published load that no report includes": UNREPORTED,
}


def checksums(running: Running) -> dict[str, tuple[Any, ...]]:
    """Row count and checksum of the observations and of each report table, by name."""
    compared = running.rows(COMPARED.format(incidental=INCIDENTAL))
    return {
        f"{schema}.{table}": running.rows(
            CHECKSUM.format(schema=schema, table=f'"{table}"', columns=columns)
        )[0]
        for schema, table, columns in compared
    }


def faults(running: Running) -> dict[str, list[Any]]:
    """The violations of MUST_BE_EMPTY; empty if there are none."""
    found = {name: running.rows(query) for name, query in MUST_BE_EMPTY.items()}
    return {name: rows for name, rows in found.items() if rows}


def damaged_snapshots(running: Running) -> list[str]:
    """Snapshots in the warehouse whose archived files are missing or changed."""
    archive = Archive(running.stack.settings.archive)
    named = [str(sha256) for (sha256,) in running.rows("select sha256 from archive.snapshot")]
    return [sha256 for sha256 in named if not _is_complete(archive, sha256)]


def left_over(running: Running) -> set[str]:
    """Staged files that belong to no load in the ledger."""
    staged = running.stack.settings.archive / "staged"
    named = {str(path) for (path,) in running.rows("select staged_path from ops.load")}
    return {str(file.relative_to(staged)) for file in staged.rglob("*") if file.is_file()} - named


def _is_complete(archive: Archive, sha256: str) -> bool:
    try:
        archive.read(sha256)
    except ArchiveError:
        return False
    return True
