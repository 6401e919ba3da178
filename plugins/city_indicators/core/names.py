"""Names of files that others chose, as text: `%`, and all that cannot be shown or stored, as in a URL."""

from urllib.parse import quote_from_bytes, unquote_to_bytes


def escaped(name: bytes) -> str:
    """A name as text that can be shown, logged and stored; `unescaped` gives the same bytes again."""
    text = name.decode("utf-8", "surrogateescape")
    return "".join(
        character
        if character.isprintable() and character != "%"
        else quote_from_bytes(character.encode("utf-8", "surrogateescape"), safe="")
        for character in text
    )


def unescaped(name: str) -> bytes:
    """The bytes of an escaped name."""
    return unquote_to_bytes(name)
