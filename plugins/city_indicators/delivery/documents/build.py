"""Builds a document: chapters with their references filled in, as blocks."""

import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from city_indicators.core.errors import DocumentError
from city_indicators.delivery.documents import name_of
from city_indicators.delivery.documents.best_practices import Case
from city_indicators.delivery.documents.declaration import (
    DOCUMENTS,
    Declaration,
    chapter_file,
    folders,
    load_document,
    load_settings,
)
from city_indicators.delivery.documents.edition import Computed
from city_indicators.delivery.documents.markup import blocks_of, escaped
from city_indicators.delivery.documents.model import Block, Document
from city_indicators.delivery.documents.practice_facts import city_of
from city_indicators.delivery.documents.references import References
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web.practices import title as practice_title

NUMBER: Final = re.compile(r"(?<![\w-])\d[\d.,\u00a0]*")
ITEM: Final = re.compile(r"^\s*\d+[.)] ")
"""The beginning of an item of a numbered list."""


@dataclass(frozen=True)
class Built:
    """A document, and the numbers that its authors typed by hand, each with file and line."""

    document: Document
    unverified: tuple[str, ...]


def build(
    computed: Computed,
    name: str,
    language: str,
    root: Path = DOCUMENTS,
    *,
    case: str = "",
    is_draft: bool = False,
) -> Built:
    """Build a document of an edition of its rating in a language; that of a draft says so on each page.

    `case` is the id of the best practice, for a document of one.

    Raises:
        DocumentError: there is no such document or case, a translation is missing, or a reference is wrong;
            names the file and the line.
    """
    declared = load_document(name, root)
    files = [chapter_file(declared, chapter, language, root) for chapter in declared.chapters]
    of_case = _case(computed, declared, case)
    # The pages do not show a draft.
    pages = None if is_draft else load_settings(root).pages
    shown = Shown(computed, language, of_case, pages)
    named = dict(zip(declared.chapters, files, strict=True))
    command = f"{name} --case {case}" if case else name
    blocks = chapters(shown, named, folders(name, root), root, document=command, pair=declared.pair)
    unverified = [each for file in files for each in typed_numbers(file, root)]
    document = _document(declared.title.in_language(language), shown, blocks, name)
    if is_draft:
        mark = shown.words.gettext("Draft, not approved")
        document = replace(document, watermark=mark, label=f"{mark} · {document.label}")
    return Built(document, tuple(unverified))


def chapters(
    shown: Shown, files: Mapping[str, Path], folders: Sequence[Path], root: Path, **names: object
) -> list[Block]:
    """The blocks of chapters, by their names, with the references filled in; texts may use further `names`.

    `folders` hold the files, below `root`.

    Raises:
        DocumentError: a reference is wrong; names the file and the line.
    """
    references = References(shown)
    environment = _environment(tuple(folders))
    named = references.functions() | names
    blocks: list[Block] = []
    for chapter, file in files.items():
        where = file.relative_to(root).as_posix()
        blocks += _chapter(environment, named, where, chapter, file, references)
    return blocks


def _case(computed: Computed, declared: Declaration, case: str) -> Case | None:
    """The best practice that a document is made for; None for a document of an edition."""
    if declared.of == "edition":
        if case:
            raise DocumentError(declared.id, "is of no case", "leave --case out")
        return None
    next_step = "give --case an id that the page Best practices lists"
    if not case:
        raise DocumentError(declared.id, "is of a case, and none is given", next_step)
    if case not in computed.best_practices.facts:
        edition = computed.frozen.row["edition"]
        raise DocumentError(f"{declared.id} {case}", f"edition {edition} knows no such case", next_step)
    return computed.best_practices[case]


def _document(title: str, shown: Shown, blocks: list[Block], name: str) -> Document:
    _ = shown.words.gettext
    row = shown.frozen.row
    label = _("Edition %(edition)s") % {"edition": row["edition"]}
    subtitle = f"{row['title']} · {label} · {shown.numbers.day(row['published_at'])}"
    if shown.of_case:
        subtitle = f"{title} · {city_of(shown, shown.case)} · {subtitle}"
        title = practice_title(shown.case.facts, shown.language).text
    return Document(
        name=name_of(name, shown.of_case.id if shown.of_case else ""),
        language=shown.language,
        title=title,
        subtitle=subtitle,
        label=f"{title} · {label} · SHA-256 {row['checksum'][:16]}",
        made_at=row["published_at"],
        words={"contents": _("Contents"), "chart": _("Chart"), "table": _("Table")},
        blocks=tuple(blocks),
        # A dossier is short.
        has_pages_of_chapters=shown.of_case is None,
    )


@cache
def _environment(folders: tuple[Path, ...]) -> ImmutableSandboxedEnvironment:
    """The environment of texts in some folders; it keeps the texts that it has read, unless they change."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        # The texts are Markdown: what a reference gives is escaped for that.
        autoescape=False,
    )


def _chapter(
    environment: ImmutableSandboxedEnvironment,
    named: Mapping[str, object],
    where: str,
    chapter: str,
    file: Path,
    references: References,
) -> list[Block]:
    try:
        markdown = environment.get_template(file.name).render(named)
    except (LookupError, TypeError, TemplateError) as error:
        line = error.lineno if isinstance(error, TemplateSyntaxError) else _line(error, file)
        raise DocumentError(
            f"{where}:{line}", str(error), "correct the reference; docs/reference/documents.md lists them"
        ) from error
    try:
        return blocks_of(markdown, chapter, references.made)
    except ValueError as error:
        raise DocumentError(
            where, str(error), "use headings, paragraphs, lists and references only"
        ) from error


def _line(error: Exception, file: Path) -> int:
    """The line of the chapter in which an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file) and frame.lineno]
    return lines[-1] if lines else 1


def typed_numbers(file: Path, root: Path) -> Iterator[str]:
    """The numbers that the text of a chapter holds itself, each with file and line."""
    environment: Any = ImmutableSandboxedEnvironment()
    begun = False
    for number, kind, text in environment.lex(file.read_text(encoding="utf-8")):
        written = kind == "data" or (begun and kind in ("integer", "float", "string"))
        begun = kind == "variable_begin" or (begun and kind == "whitespace")
        if not written:
            continue
        for place, line in enumerate(text.split("\n")):
            for found in NUMBER.findall(ITEM.sub("", line) if kind == "data" else line.strip("'\"")):
                yield f"{file.relative_to(root).as_posix()}:{number + place}: {found}"
