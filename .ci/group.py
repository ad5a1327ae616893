"""Print a dependency group of pyproject.toml, a requirement a line; pip knows groups only from 25.1 on."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def requirements(groups: dict[str, list[Any]], name: str) -> Iterator[str]:
    """The requirements of a group and of the groups it includes."""
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from requirements(groups, entry["include-group"])


if __name__ == "__main__":
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    sys.stdout.writelines(f"{line}\n" for line in requirements(project["dependency-groups"], sys.argv[1]))
