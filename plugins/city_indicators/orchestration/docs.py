"""What a DAG says about itself in the UI: what it makes, for whom, and what to do when it fails."""

from typing import Final

from city_indicators.catalog.source import Source

INGEST: Final = """\
### {name}

**Makes** new versions in `core.observation_version` for {indicators}; every load is accounted for in
`ops.load` (`read = accepted + rejected`), every refused row in `quality.rejected_row`.

**When** on `{schedule}` (UTC), for the data interval that ends there{trailing}. A backfill covers exactly
its range; repeated, it changes nothing. `watch_revisions` starts a run *From the year* that is held under
another revision than the source serves.

**Skipped** when the source still serves the revision that is loaded{key}. Trigger it with *Load even what has
not changed* to load it all the same.

**Who reads it** `refresh_reports`, and through it everybody who reads `report.*`.
Licence: {licence}. {attribution}

**When it fails**

- `fetch`: the source did not answer, or not as its format promises; the log names the address. An
  unavailable source is asked again by itself. After a contract breach compare the archived bytes with
  `include/catalog/sources/{id}.yaml`.
- `validate`: an archived answer cannot be read. Do as above; nothing was loaded.
- `publish` waits for input: the gate refused the load, and nothing of it is visible. Read the Data Docs and
  `quality.rejected_row` of the load; then accept it under *Required Actions* with a written reason, which is
  stored in `ops.load_override`, or refuse it. Without an answer it is refused after a day.
- `publish` failed: the load stays refused. Mend the source's file or the rule, then clear the run; or clear
  `publish` alone to be asked again.
"""


def ingest_doc(source: Source) -> str:
    """The doc_md of a source's DAG."""
    indicators = ", ".join(f"`{i}`" for i in dict.fromkeys(series.indicator for series in source.series))
    trailing = f" and the {source.trailing_years} years before it" if source.trailing_years else ""
    if source.leading_years:
        trailing += f" and the {source.leading_years} after it"
    if source.ahead_years:
        trailing = f", {source.ahead_years} years on,"
    key = f", or when the connection `{source.connection}` holds no key" if source.key else ""
    known = source.model_dump(exclude={"key"})
    return INGEST.format(**known, indicators=indicators, trailing=trailing, key=key)
