"""`python3 check_imports.py FOLDER...`: fails where modules below a folder import each other in a circle, types included."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path


def modules(folder: Path) -> dict[str, Path]:
    """Modules by their dotted names, as seen from the folder."""
    found: dict[str, Path] = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path) -> Iterator[str]:
    """What a module imports, in functions and for types too. `from a import b` may mean the module a.b or a name in a: both."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def circle(folder: Path) -> list[str] | None:
    """One circle of modules, the first repeated at its end; None where there is none."""
    known = modules(folder)
    graph = {name: {other for other in imports(name, path) if other in known} - {name} for name, path in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return None


def main(folders: list[str]) -> int:
    found = {folder: at for folder in folders if (at := circle(Path(folder)))}
    for folder, names in found.items():
        print(f"{folder}: modules import each other in a circle: {' -> '.join(names)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
