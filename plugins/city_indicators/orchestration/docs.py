"""Documentation of the ingestion DAGs in Airflow's UI, from the declaration of the source."""

from typing import Final

from city_indicators.catalog.source import Source

INGEST: Final = """\
### {name}

Ingests {name}: fetches, archives, validates and publishes it.

**Makes** new versions in `core.observation_version` for {indicators}; `ops.load` accounts for every
load (`read = accepted + rejected`), and `quality.rejected_row` holds every rejected row.

**When** on the schedule `{schedule}` (UTC), for the data interval that ends then{trailing}. A backfill covers
exactly its range; repeating it changes nothing. When the source serves another revision than the one loaded,
`watch_revisions` starts a run *From the year* of the first outdated year.

**Skipped** when the source still serves the loaded revision{key}. Trigger it with *Load even what has
not changed* to load it anyway.

**Who reads it** `refresh_reports`, and through it all readers of `report.*`.
Licence: {licence}. {attribution}

**When it fails**

- `fetch`: the source did not answer, or its format changed; the log names the address. If the source is
  unavailable, the task is retried automatically. If the format changed, compare the archived file with
  `include/catalog/sources/{id}.yaml`.
- `validate`: an archived file cannot be read. Compare it in the same way; nothing was loaded.
- `publish` waits for input: the gate refused the load, and none of it is visible. Read the Data Docs and
  `quality.rejected_row` of the load; then accept it under *Required Actions* with a written reason, which is
  stored in `ops.load_override`, or refuse it. Without an answer within a day it is refused.
- `publish` failed: the load stays refused. Fix the file of the source or the rule, then clear the run; or
  clear `publish` alone to decide again.
"""


def ingest_doc(source: Source) -> str:
    """The doc_md of the ingestion DAG of a source."""
    indicators = ", ".join(f"`{i}`" for i in dict.fromkeys(series.indicator for series in source.series))
    trailing = f" and the {source.trailing_years} years before it" if source.trailing_years else ""
    if source.leading_years:
        trailing += f" and the {source.leading_years} after it"
    if source.ahead_years:
        trailing += f", shifted {source.ahead_years} years ahead"
    key = f", or when the connection `{source.connection}` has no key" if source.key else ""
    known = source.model_dump(exclude={"key"})
    return INGEST.format(**known, indicators=indicators, trailing=trailing, key=key)
