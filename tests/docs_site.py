"""Hooks of mkdocs for `make docs-site`: pages from outside docs/, and the order of all."""

import re
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from city_indicators.core.paths import PROJECT

OTHERS: Final = {
    "benchmarks.md": PROJECT / "benchmarks" / "README.md",
    "changes.md": PROJECT / "CHANGELOG.md",
    "reference/data-dictionary.md": PROJECT / "build" / "docs" / "data_dictionary.md",
}
"""Pages of the site, and the files that they are."""
LINK: Final = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the pages of each folder by their file names."""
    docs = PROJECT / "docs"
    nav: list[dict[str, Any]] = []
    for entry in config.nav or []:
        ((title, target),) = entry.items()
        folder = docs / str(target)
        pages = sorted(folder.glob("*.md"), key=lambda page: (page.name != "README.md", page.name))
        made = [page for page in OTHERS if page.startswith(f"{target}/")]
        nav.append({title: [*(str(page.relative_to(docs)) for page in pages), *made] if pages else target})
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere."""
    for name, source in OTHERS.items():
        files.append(File.generated(config, name, content=source.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links from file to file into links from page to page, and name files that are no pages."""
    source = OTHERS.get(page.file.src_uri, PROJECT / "docs" / page.file.src_uri)
    depth = page.file.src_uri.count("/")

    def relative(found: re.Match[str]) -> str:
        text, target, anchor = found["text"], found["target"], found["anchor"] or ""
        if "://" in target:
            return found[0]
        file = (source.parent / target).resolve()
        pages = {path: name for name, path in OTHERS.items()}
        if file in pages:
            return f"[{text}]({'../' * depth}{pages[file]}{anchor})"
        if file.is_relative_to(PROJECT / "docs"):
            return f"[{text}]({'../' * depth}{file.relative_to(PROJECT / 'docs')}{anchor})"
        # A file of the checkout, which the site does not have.
        return f"{text} (`{file.relative_to(PROJECT)}`)"

    return LINK.sub(relative, _indented(markdown))


def _indented(markdown: str) -> str:
    """What belongs to an item of a numbered list with four spaces, where GitHub needs three."""
    lines, in_block = [], False
    for line in markdown.splitlines():
        in_block ^= line.startswith("```")
        lines.append(f" {line}" if line.startswith("   ") and not in_block else line)
    return "\n".join(lines)
