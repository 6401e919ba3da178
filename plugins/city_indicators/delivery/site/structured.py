"""What programs read of a site: its description for search engines, its sitemap, the index of its search."""

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from markupsafe import Markup

from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import LICENCES
from city_indicators.delivery.site.files import DATA
from city_indicators.delivery.site.interactive import in_script


def dataset(shown: Shown, files: Iterable[str], root: str) -> Markup:
    """The edition as a Dataset of schema.org in JSON-LD; `root` leads to the folder of the site."""
    row = shown.frozen.row
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": row["title"],
        "description": f"{row['citation']} {shown.words.gettext(LICENCES)}",
        "identifier": f"sha256:{row['checksum']}",
        "version": row["edition"],
        "datePublished": row["published_at"].date().isoformat(),
        "temporalCoverage": row["time_period"],
        "inLanguage": shown.language,
        "isAccessibleForFree": True,
        "citation": row["citation"],
        "license": sorted({each["licence_url"] for each in shown.sources if each["licence_url"]}),
        "isBasedOn": [
            {"@type": "CreativeWork", "name": each["name"], "url": each["base_url"]} for each in shown.sources
        ],
        "spatialCoverage": [
            {"@type": "Place", "name": shown.name(city)} for city in shown.frozen.cities.values()
        ],
        "variableMeasured": [part.name for part in shown.parts.values() if part.kind == "indicator"],
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": root + path,
                "encodingFormat": "application/zip" if path.endswith(".zip") else "text/csv",
            }
            for path in files
            if re.fullmatch(rf"{DATA}/.*\.(?:zip|csv)", path)
        ],
    }
    return in_script(described)


def search_index(editions: dict[str, Shown]) -> bytes:
    """The cities and indicators with their names in all languages, as a script."""
    first = next(iter(editions.values()))
    entries: list[dict[str, Any]] = [
        {
            "path": f"city/{area}.html",
            "names": {language: shown.name(city) for language, shown in editions.items()},
        }
        for area, city in first.frozen.cities.items()
    ]
    entries += [
        {
            "path": f"indicator/{part.id}.html",
            "names": {language: shown.parts[part.id].name for language, shown in editions.items()},
        }
        for part in first.parts.values()
        if part.kind == "indicator"
    ]
    return f"window.siteIndex = {in_script(entries)};\n".encode()


def sitemap(address: str, languages: Iterable[str], pages: Iterable[str], day: str) -> bytes:
    """The pages, each with its translations, for search engines; `address` ends with a slash."""
    codes = list(languages)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for page in pages:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(f"{address}{code}/{page}")}"/>'
            for code in codes
        )
        lines += [
            f"<url><loc>{escape(f'{address}{code}/{page}')}</loc>{others}<lastmod>{day}</lastmod></url>"
            for code in codes
        ]
    return "\n".join([*lines, "</urlset>", ""]).encode()
