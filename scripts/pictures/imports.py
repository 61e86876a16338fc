"""The picture of which folder imports which, from the imports themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Set
from xml.sax.saxutils import quoteattr

import grimp

from scripts.setup import ROOT

NAME = "imports"
# A package whose folders are drawn one by one, each being a part of its own
DIVIDED = "helpline"

Imports = Mapping[str, Set[str]]

BOX_WIDTH, BOX_HEIGHT, GAP, ROW = 150, 40, 28, 92
STYLE = (
    "text{font:15px sans-serif;fill:#1a1a1a;text-anchor:middle}"
    "rect{fill:#fff;stroke:#44546a;stroke-width:1.5}"
    ".website rect{fill:#e8f1fb}.paper{fill:#fff;stroke:none}"
    "path{fill:none;stroke:#5b6b80;stroke-width:1.5}#head path{fill:#5b6b80;stroke:none}"
)


def read_imports() -> dict[str, set[str]]:
    """Return folder -> folders it imports, for the packages that `make check` looks at."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    graph = grimp.build_graph(*tools["importlinter"]["root_packages"], cache_dir=None)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        here = _folder(module)
        if here:
            imported = {_folder(one) for one in graph.find_modules_directly_imported_by(module)}
            found.setdefault(here, set()).update(imported - {here, ""})
    return found


def _folder(module: str) -> str:
    """The folder a module is drawn in; none for what lies in no folder of the divided package."""
    package, _, rest = module.partition(".")
    if package != DIVIDED:
        return package
    return f"{package}.{rest.partition('.')[0]}" if rest else ""


def needed(imports: Imports) -> dict[str, set[str]]:
    """Leave out the arrows that follow from others: a → c where there is a → b → c."""
    below: dict[str, set[str]] = {}

    def all_below(folder: str) -> set[str]:
        if folder not in below:
            below[folder] = set(imports[folder]).union(*map(all_below, imports[folder]))
        return below[folder]

    return {
        folder: {
            one for one in known if not any(one in all_below(other) for other in known - {one})
        }
        for folder, known in imports.items()
    }


def draw() -> str:
    """Return the picture as SVG, whoever imports above what is imported."""
    arrows = needed(read_imports())
    places = _places(arrows)
    width = max(x for x, _ in places.values()) + BOX_WIDTH + GAP
    height = max(y for _, y in places.values()) + BOX_HEIGHT + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        'role="img" aria-label="Which folder imports which">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
        '<rect class="paper" width="100%" height="100%"/>',
    ]
    for folder in sorted(arrows):
        lines += [_arrow(folder, one, places) for one in sorted(arrows[folder])]
    lines += [_box(folder, *places[folder]) for folder in sorted(arrows)]
    return "\n".join([*lines, "</svg>\n"])


def _arrow(importer: str, imported: str, places: Mapping[str, tuple[float, float]]) -> str:
    x1, y1 = places[importer]
    x2, y2 = places[imported]
    x1, x2, y1 = x1 + BOX_WIDTH / 2, x2 + BOX_WIDTH / 2, y1 + BOX_HEIGHT
    bend = (y2 - y1) / 2
    return (
        f"<path data-from={quoteattr(importer)} data-to={quoteattr(imported)} "
        f'marker-end="url(#head)" d="M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} '
        f'{x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"/>'
    )


def _box(folder: str, x: float, y: float) -> str:
    website = ' class="website"' if folder.startswith(DIVIDED) else ""
    return (
        f'<g{website}><rect x="{x:.0f}" y="{y:.0f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" '
        f'rx="6"/><text x="{x + BOX_WIDTH / 2:.0f}" y="{y + 25:.0f}">{folder}</text></g>'
    )


def _places(arrows: Imports) -> dict[str, tuple[float, float]]:
    """Give each folder its upper left corner: a row below all that import it."""
    rows: dict[str, int] = {}

    def row(folder: str) -> int:
        if folder not in rows:
            importers = [one for one, imported in arrows.items() if folder in imported]
            rows[folder] = max(map(row, importers), default=-1) + 1
        return rows[folder]

    for folder in arrows:
        row(folder)
    places: dict[str, tuple[float, float]] = {}
    for number in range(max(rows.values()) + 1):
        # Below whoever imports it, the website to the right
        here = sorted(
            (folder for folder in rows if rows[folder] == number),
            key=lambda folder: (_above(folder, arrows, places), folder),
        )
        x = float(GAP)
        for folder in here:
            x = max(x, _above(folder, arrows, places))
            places[folder] = (x, GAP + number * ROW)
            x += BOX_WIDTH + GAP
    return places


def _above(folder: str, arrows: Imports, places: Mapping[str, tuple[float, float]]) -> float:
    """Return the middle of the places of whoever imports a folder."""
    importers = [places[one][0] for one in places if folder in arrows[one]]
    if importers:
        return sum(importers) / len(importers)
    return float(folder.startswith(DIVIDED))
