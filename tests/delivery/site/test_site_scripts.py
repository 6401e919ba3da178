"""Data in pages cannot end its element, scripts keep their names, the sitemap has every translation."""

import argparse
import json

import pytest
from lxml import etree

from city_indicators.delivery.site.command import configure
from city_indicators.delivery.site.files import classic
from city_indicators.delivery.site.interactive import in_script
from city_indicators.delivery.site.structured import sitemap


def test_data_cannot_end_its_script() -> None:
    data = {"name": "</script><script>alert(1)</script><!-- 北京"}
    text = in_script(data)
    assert "<" not in text
    assert json.loads(text) == data


def test_a_script_has_its_own_names() -> None:
    assert classic(b"const top = 1;") == b'(() => {\n"use strict";\nconst top = 1;\n})();\n'


def test_the_sitemap_names_each_page_with_its_translations() -> None:
    root = etree.fromstring(sitemap("https://a.example/r/", ["en", "zh"], ["city/x.html"], "2026-02-01"))
    names = {
        "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "x": "http://www.w3.org/1999/xhtml",
    }
    assert root.xpath("//s:loc/text()", namespaces=names) == [
        "https://a.example/r/en/city/x.html",
        "https://a.example/r/zh/city/x.html",
    ]
    assert root.xpath("//s:url[1]/x:link/@href", namespaces=names) == [
        "https://a.example/r/en/city/x.html",
        "https://a.example/r/zh/city/x.html",
    ]
    assert set(root.xpath("//s:lastmod/text()", namespaces=names)) == {"2026-02-01"}


@pytest.mark.parametrize(
    "text", ["rating.example", "ftp://a.example", "https://a.example/?x=1", "https:///x"]
)
def test_what_is_no_address_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    configure(parser)
    given = ["--rating", "r", "--edition", "e", "--out", "o"]
    assert parser.parse_args([*given, "--address", "https://a.example/r"]).address == "https://a.example/r/"
    with pytest.raises(SystemExit):
        parser.parse_args([*given, "--address", text])
    assert "is not an address such as https://" in capsys.readouterr().err
