"""Turns the Markdown of a chapter into blocks."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from city_indicators.delivery.documents.model import Block, Heading, Items, Paragraph, Run

BEGIN: Final = "\ue000"
END: Final = "\ue001"
"""What encloses the number of a block that a reference made; private characters, which no text has."""
PLACED: Final = re.compile(f"{BEGIN}(\\d+){END}")
FIRST_IDEOGRAPH: Final = "\u2e80"
PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")


class Markup(str):
    """Markdown that a reference made; any other value is escaped."""

    __slots__ = ()


def placeholder(number: int) -> Markup:
    """Markdown that stands for a block."""
    return Markup(f"\n\n{BEGIN}{number}{END}\n\n")


def escaped(value: object) -> str:
    """A value as Markdown that shows it as it is."""
    if isinstance(value, Markup):
        return str(value)
    plain = " ".join(str(value).translate({ord(BEGIN): None, ord(END): None}).split(" "))
    return PUNCTUATION.sub(r"\\\1", plain.replace("\n", " "))


def blocks_of(markdown: str, chapter: str, made: Sequence[Block]) -> list[Block]:
    """The blocks of a chapter, with the blocks that references `made` in their places.

    The first heading has the id of the chapter, each further one that id and its number.

    Raises:
        ValueError: the Markdown uses what a document cannot show; names it.
    """
    tokens = _parser().parse(markdown)
    reader = _Reader(tokens, chapter, made)
    return list(reader.blocks("eof"))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    return parser.disable(["code", "html_block", "html_inline", "image"])


class _Reader:
    """Reads tokens one after the other."""

    def __init__(self, tokens: list[Token], chapter: str, made: Sequence[Block]) -> None:
        self._tokens = iter(tokens)
        self._chapter = chapter
        self._made = made
        self._headings = 0

    def blocks(self, end: str) -> Iterator[Block]:
        """The blocks up to the token `end`."""
        for token in self._tokens:
            if token.type == end:
                return
            yield from self._block(token)

    def _block(self, token: Token) -> Iterator[Block]:
        if token.type == "heading_open":
            runs = self._runs()
            yield Heading(int(token.tag[1:]), runs, self._id())
        elif token.type == "paragraph_open":
            runs = self._runs()
            placed = PLACED.fullmatch("".join(run.text for run in runs))
            yield self._made[int(placed[1])] if placed else Paragraph(runs)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            end = token.type.replace("_open", "_close")
            yield Items(token.type == "ordered_list_open", tuple(self._items(end)))
        else:
            raise ValueError(f"{token.type} in the Markdown, which a document cannot show")

    def _items(self, end: str) -> Iterator[tuple[Block, ...]]:
        for token in self._tokens:
            if token.type == end:
                return
            yield tuple(self.blocks("list_item_close"))

    def _id(self) -> str:
        self._headings += 1
        return self._chapter if self._headings == 1 else f"{self._chapter}-{self._headings}"

    def _runs(self) -> tuple[Run, ...]:
        """The runs of the inline token that comes next; skips the token that ends the block."""
        runs = tuple(_inline(next(self._tokens).children or []))
        next(self._tokens)
        return runs


def _inline(tokens: list[Token]) -> Iterator[Run]:
    style = {"strong": False, "emphasis": False}
    link = last = ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            style["strong"] = token.type == "strong_open"
        elif token.type in ("em_open", "em_close"):
            style["emphasis"] = token.type == "em_open"
        elif token.type == "link_open":
            link = str(token.attrs["href"])
        elif token.type == "link_close":
            link = ""
        elif token.type in ("softbreak", "hardbreak"):
            # Chinese has no spaces between lines.
            if last < FIRST_IDEOGRAPH:
                yield Run(" ", **style, link=link)
        elif token.type in ("text", "text_special", "code_inline"):
            if token.content:
                last = token.content[-1]
                yield Run(token.content, **style, code=token.type == "code_inline", link=link)
        else:
            raise ValueError(f"{token.type} in the Markdown, which a document cannot show")
