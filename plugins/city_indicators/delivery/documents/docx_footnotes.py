"""The footnotes of a Word document, which python-docx does not write: a part of the file."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

NAMESPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
SEPARATORS: Final = {-1: ("separator", "separator"), 0: ("continuationSeparator", "continuationSeparator")}
"""What Word draws above footnotes, and above those from the page before: type and mark by id."""
BEFORE_COMPATIBILITY: Final = "w:compat"
"""The setting before which those of footnotes stand in Word's order."""


class Footnotes:
    """The footnotes of a document, in the order of their marks.

    The styles are Footnote Reference and Footnote Text of the template.
    """

    def __init__(self, made: "WordDocument") -> None:
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.oxml import parse_xml
        from docx.parts.story import StoryPart

        marks = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:after="0" w:line="240" '
            f'w:lineRule="auto"/></w:pPr><w:r><w:{mark}/></w:r></w:p></w:footnote>'
            for number, (kind, mark) in SEPARATORS.items()
        )
        self._element = parse_xml(f"<w:footnotes {NAMESPACES}>{marks}</w:footnotes>")
        self.part = StoryPart(
            PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, self._element, made.part.package
        )
        # Word adds a part of its own when an author restyles the template.
        rels = made.part.rels
        for name in [name for name, rel in rels.items() if rel.reltype == RELATIONSHIP_TYPE.FOOTNOTES]:
            rels.pop(name)
        made.part.relate_to(self.part, RELATIONSHIP_TYPE.FOOTNOTES)
        _declare(made.settings.element)
        self._count = 0
        styles = {str(style.name): str(style.style_id) for style in made.styles}
        self._mark, self._text = styles["footnote reference"], styles["footnote text"]

    def add(self, paragraph: Any) -> Any:
        """Mark the end of a paragraph; returns the paragraph of the note, without its text."""
        from docx.oxml import parse_xml
        from docx.text.paragraph import Paragraph

        self._count += 1
        style = f'<w:rPr><w:rStyle w:val="{self._mark}"/></w:rPr>'
        mark = f'<w:r {NAMESPACES}>{style}<w:footnoteReference w:id="{self._count}"/></w:r>'
        paragraph._p.append(parse_xml(mark))
        note = parse_xml(
            f'<w:footnote {NAMESPACES} w:id="{self._count}"><w:p><w:pPr><w:pStyle w:val="{self._text}"/>'
            f'</w:pPr><w:r>{style}<w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r></w:p>'
            "</w:footnote>"
        )
        self._element.append(note)
        return Paragraph(note[0], self)


def _declare(settings: Any) -> None:
    """List the separators in the settings, as Word does."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    for given in settings.findall(qn("w:footnotePr")):
        settings.remove(given)
    listed = "".join(f'<w:footnote w:id="{number}"/>' for number in SEPARATORS)
    declared = parse_xml(f"<w:footnotePr {NAMESPACES}>{listed}</w:footnotePr>")
    after = settings.find(qn(BEFORE_COMPATIBILITY))
    after.addprevious(declared)
