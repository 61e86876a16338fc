"""The built widget: its versions, and what a site writes to embed it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from helpline.chat.files import StaticFile, StaticFiles
from settings import Settings

DIST = Path(__file__).parents[2] / "widget" / "dist"
MODULE = "spms-helpline.js"

# What the widget takes for granted; a site's tag names what is set otherwise.
_USUAL = {"retention-days": "90", "max-characters": "1000", "contact-page": ""}


@dataclass(frozen=True)
class Embedding:
    """What a page needs to load the widget, and the tags that do it."""

    src: str
    integrity: str
    attributes: dict[str, str]

    @property
    def script(self) -> str:
        """The script tag."""
        return (
            f'<script type="module" src="{escape(self.src)}" '
            f'integrity="{self.integrity}" crossorigin></script>'
        )

    @property
    def attribute_text(self) -> str:
        """Attributes of the element, each with a space before it."""
        return "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())

    @property
    def tags(self) -> str:
        """All that a site adds; the element itself only where it has something to say."""
        if not self.attributes:
            return self.script
        return f"<spms-helpline{self.attribute_text}></spms-helpline>\n{self.script}"


class WidgetBuilds:
    """The present build and those kept for sites whose tag names an older one.

    A version is the beginning of the module's SHA-256, so an address never changes its meaning.
    Older builds lie in folders of that name below `kept`.
    """

    def __init__(self, dist: Path = DIST) -> None:
        """Serve the builds in `dist`; files are read again when they change."""
        self.present = StaticFiles(dist)
        self._kept = dist / "kept"
        self._folders: dict[str, StaticFiles] = {}

    @property
    def version(self) -> str | None:
        """Version of the present build; None if nothing was built."""
        module = self.present.find(MODULE)
        return module.version if module else None

    def files(self, version: str) -> StaticFiles | None:
        """Return the files of a version, None if there is no such version."""
        if version == self.version:
            return self.present
        if not version.isalnum() or not (self._kept / version).is_dir():
            return None
        return self._folders.setdefault(version, StaticFiles(self._kept / version))

    def embedding(self, settings: Settings, address: str = "") -> Embedding | None:
        """Return how to embed the present build; None if nothing was built.

        Args:
            settings: what differs from the widget's own idea of them becomes an attribute.
            address: scheme and host of this server, for tags on other sites.
        """
        module: StaticFile | None = self.present.find(MODULE)
        if module is None:
            return None
        wanted = {
            "retention-days": str(settings.retention_days),
            "max-characters": str(settings.message_max_characters),
            "contact-page": settings.contact_page_url,
        }
        attributes = {name: value for name, value in wanted.items() if value != _USUAL[name]}
        src = f"{address}/widget/{module.version}/{MODULE}"
        return Embedding(src, module.integrity, attributes)


BUILDS = WidgetBuilds()
