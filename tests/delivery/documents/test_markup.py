"""The Markdown of authors becomes blocks, and values of references stay texts."""

import pytest

from city_indicators.delivery.documents.markup import blocks_of, escaped, placeholder
from city_indicators.delivery.documents.model import Formula, Heading, Items, Paragraph, Run


def test_headings_lists_and_styles_become_blocks() -> None:
    markdown = (
        "# One **bold**\n\ntext *soft* `code` [link](https://a.example)\n\n## Two\n\n1. a\n2. b\n   - c"
    )
    assert blocks_of(markdown, "chapter", []) == [
        Heading(1, (Run("One "), Run("bold", strong=True)), "chapter"),
        Paragraph(
            (
                Run("text "),
                Run("soft", emphasis=True),
                Run(" "),
                Run("code", code=True),
                Run(" "),
                Run("link", link="https://a.example"),
            )
        ),
        Heading(2, (Run("Two"),), "chapter-2"),
        Items(
            True,
            (
                (Paragraph((Run("a"),)),),
                (Paragraph((Run("b"),)), Items(False, ((Paragraph((Run("c"),)),),))),
            ),
        ),
    ]


def test_a_block_of_a_reference_takes_its_place() -> None:
    formula = Formula("p = 1")
    assert blocks_of(f"before {placeholder(0)} after", "chapter", [formula]) == [
        Paragraph((Run("before"),)),
        formula,
        Paragraph((Run("after"),)),
    ]


@pytest.mark.parametrize(
    "text",
    ["<b>&amp;</b>", "*a* _b_ [c](d) `e`", "# 1. - + > |", "1\\2", "1) no list", "![x](y)", "https://a.b"],
)
def test_an_escaped_value_is_shown_as_it_is(text: str) -> None:
    (paragraph,) = blocks_of(escaped(text), "chapter", [])
    assert isinstance(paragraph, Paragraph)
    assert "".join(run.text for run in paragraph.runs) == text
    assert {(run.strong, run.emphasis, run.code, run.link) for run in paragraph.runs} == {
        (False, False, False, "")
    }


def test_a_value_cannot_stand_for_a_block() -> None:
    (paragraph,) = blocks_of(escaped("\ue0000\ue001"), "chapter", [Formula("p")])
    assert paragraph == Paragraph((Run("0"),))


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    (chinese,) = blocks_of("广州\n莫斯科", "chapter", [])
    (english,) = blocks_of("one\ntwo", "chapter", [])
    assert [run.text for run in chinese.runs] == ["广州", "莫斯科"]  # type: ignore[union-attr]
    assert [run.text for run in english.runs] == ["one", " ", "two"]  # type: ignore[union-attr]


@pytest.mark.parametrize("markdown", ["> quoted", "---", "![picture](a.png)\n\n    code\n\n***"])
def test_what_a_document_cannot_show_is_refused(markdown: str) -> None:
    with pytest.raises(ValueError, match="in the Markdown, which a document cannot show"):
        blocks_of(markdown, "chapter", [])
