"""Builds the files of a site from an edition."""

from sqlalchemy import Connection

from city_indicators.core.archive import Archive
from city_indicators.core.languages import languages
from city_indicators.delivery.documents.edition import Computed, Frozen
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.site import files
from city_indicators.delivery.site.main_pages import Files
from city_indicators.delivery.site.pages import Site
from city_indicators.delivery.site.structured import search_index, sitemap
from city_indicators.delivery.site.writer import TEMPLATES, Writer
from city_indicators.delivery.web.render import environment


def build(
    connection: Connection, archive: Archive, rating: str, edition: str, address: str | None = None
) -> dict[str, bytes]:
    """The files of the site of an edition by their paths; the same edition gives the same bytes.

    `address` is where the site will be, with a slash at the end; without it there is no sitemap.

    Raises:
        DocumentError: there is no such edition, or a text is missing or wrong.
        ArchiveError: a document of the edition is no longer in the archive.
    """
    computed = Computed.of(connection, rating, edition)
    frozen = computed.frozen
    shown = {language: Shown(computed, language) for language in languages()}
    kept = files.kept_documents(connection, frozen)
    made = {**files.data_package(connection, frozen), **dict(files.document_files(archive, kept))}
    sizes = {path: len(content) for path, content in made.items()}
    made |= files.static()
    made["static/search-index.js"] = search_index(shown)
    sites = [Site(Writer(each), Files(sizes, kept), address or "") for each in shown.values()]
    for site in sites:
        made |= site.files()
    made["index.html"] = _choice(frozen)
    if address:
        pages = [page.path for page in sites[0].pages if page.lists]
        day = frozen.row["published_at"].date().isoformat()
        made["sitemap.xml"] = sitemap(address, languages(), pages, day)
    return made


def _choice(frozen: Frozen) -> bytes:
    """The page of the folder itself, on which a reader chooses a language."""
    template = environment("en", TEMPLATES).get_template("choice.html")
    return template.render(languages=languages(), edition=frozen.row).encode()
