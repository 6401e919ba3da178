"""Collects the messages of the project and updates the catalogues of include/locale: `make messages`."""

import csv
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from city_indicators.catalog.load import read_yaml
from city_indicators.core.errors import exit_code
from city_indicators.core.languages import DECLARED, ENGLISH, catalogue, file_of, languages
from city_indicators.core.paths import CATALOG, PROJECT
from city_indicators.delivery import reasons
from city_indicators.delivery.exports.texts import codes
from city_indicators.ingest.validation.rules import FILE
from city_indicators.warehouse.dictionary import dictionary
from city_indicators.warehouse.report_tables import REPORTS, SHARED, load_shared, report_tables

LIBRARY: Final = PROJECT / "plugins" / "city_indicators"
METHODS: Final = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "message": None}
WIDTH: Final = 110
OMITTED: Final = tuple(
    f'"{header}:'.encode()
    for header in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Report-Msgid-Bugs-To",
    )
)
"""Headers that version control records anyway, and that would change with each run."""
HEADER: Final = (
    "# Translations of city-indicators. `make messages` adds what is new and removes what is gone."
)

Found = Iterator[tuple[str | tuple[str, ...], str]]
"""Messages (singular and plural where there are both), each with its file."""


def messages() -> Catalog:
    """All messages of pages, exports and forms, from Python, templates and declarations."""
    return _collected("messages", [*_of_code(), *_of_declarations(), *_of_rules()])


def declared_names() -> Catalog:
    """All names that include/catalog declares, for translation into further languages."""
    return _collected("names", sorted(_names()))


def update(language: str, template: Catalog) -> Catalog:
    """The catalogue of a language, updated to the template; existing translations stay."""
    domain = str(template.domain)
    known = catalogue(language, domain) if file_of(language, domain).exists() else Catalog(language)
    known.update(template, no_fuzzy_matching=True)
    known.header_comment = HEADER
    known.obsolete.clear()
    return known


def faults(known: Catalog, template: Catalog) -> list[str]:
    """The faults of a catalogue: missing or fuzzy translations, unknown messages, wrong placeholders."""
    found = [f"{each.id}: is no message" for each in known if each.id and template.get(each.id) is None]
    for wanted in template:
        if not wanted.id:
            # The header.
            continue
        each = known.get(wanted.id)
        if each is None or not _is_translated(each):
            found.append(f"{wanted.id}: is not translated")
        elif each.fuzzy:
            found.append(f"{wanted.id}: is fuzzy")
        else:
            found += [f"{wanted.id}: {error}" for error in each.check(known)]
    return found


def _is_translated(each: Message) -> bool:
    return all(each.string if isinstance(each.string, (list, tuple)) else [each.string])


def text_of(made: Catalog) -> bytes:
    """The content of a catalogue file; the same messages give the same bytes."""
    file = BytesIO()
    write_po(file, made, width=WIDTH, include_lineno=False)
    return b"".join(
        line for line in file.getvalue().splitlines(keepends=True) if not line.startswith(OMITTED)
    )


def _collected(domain: str, found: Iterable[tuple[str | tuple[str, ...], str]]) -> Catalog:
    made = Catalog(project="city-indicators", version="1", domain=domain, header_comment=HEADER, fuzzy=False)
    for text, file in found:
        made.add(text, locations=[(file, 1)])
    return made


def _of_code() -> Found:
    for file, _line, text, _comments, _context in extract_from_dir(LIBRARY, METHODS, keywords=KEYWORDS):
        yield text, f"plugins/city_indicators/{file}"


def _of_declarations() -> Found:
    for shared in load_shared().values():
        if shared.label:
            yield shared.label, _relative(REPORTS / SHARED)
    for table in report_tables().values():
        yield from ((text, _relative(table.file)) for text in (table.grain, table.holds))
        yield from ((column.label, _relative(table.file)) for column in table.columns.values())
    exported = dictionary()["core"].tables["observation"]
    yield from ((text, "include/sql/dictionary/core.yaml") for text in (exported.grain, exported.holds))
    for labels in codes().values():
        yield from ((label, _relative(REPORTS / "codes.yaml")) for label in labels.values())


def _of_rules() -> Found:
    for reason in reasons.templates().values():
        yield reasons.message_of(reason), FILE


def _names() -> Found:
    for file in sorted(CATALOG.rglob("*.yaml")):
        yield from ((name, _relative(file)) for name in _named(read_yaml(file)))
    for file in sorted(CATALOG.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            yield from (
                (row["name_en"], _relative(file)) for row in csv.DictReader(stream) if row.get("name_en")
            )


def _named(entry: Any) -> Iterator[str]:
    """The English names anywhere within a declaration."""
    if isinstance(entry, dict):
        if entry.keys() == set(DECLARED):
            yield str(entry[ENGLISH])
        else:
            yield from (name for value in entry.values() for name in _named(value))
    elif isinstance(entry, list):
        yield from (name for value in entry for name in _named(value))


def _relative(file: Path) -> str:
    return file.relative_to(PROJECT).as_posix()


def main() -> None:
    """Update the catalogues of every language that languages.yaml lists."""
    collected, named = messages(), declared_names()
    for language in languages():
        templates = [] if language == ENGLISH else [collected] if language in DECLARED else [collected, named]
        for template in templates:
            file = file_of(language, str(template.domain))
            known = update(language, template)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text_of(known))
            print(f"{_relative(file)}: {len(faults(known, template))} messages to translate or correct")


if __name__ == "__main__":
    sys.exit(exit_code(main))
