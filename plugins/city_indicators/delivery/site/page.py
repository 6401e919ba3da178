"""A page of a site, before it is written."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """A page by its path in the folder of its language; `content` is what its template needs.

    `lists` is the heading under which the list of all pages has it, empty for a page that it leaves out.
    `menu` is its name in the menu, empty for a page that is not there.
    """

    path: str
    title: str
    template: str
    content: dict[str, Any] = field(default_factory=dict)
    lists: str = ""
    menu: str = ""

    @property
    def home(self) -> str:
        """What leads from the page to the folder of its language."""
        return "../" * self.path.count("/")
