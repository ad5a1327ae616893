"""The docs say what is: parts made from the code, commands that exist, links that lead, output that comes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pydbt.project.settings import load_settings
from tests.docs.commands import commands, violations
from tests.docs.draw import IMAGES, as_text, flights
from tests.docs.generate import ROOT, filled, generated_parts, pages
from tests.docs.parts import PARTS
from tests.docs.playing import blocks, is_played, played

# The tutorials are followed by a test of their own; the decisions are history.
_OTHERS = ("docs/tutorial/", "docs/adr/")
PAGES = [page for page in pages() if not str(page.relative_to(ROOT)).startswith(_OTHERS)]
# It is about any project, so there is none to start from.
_NOT_PLAYED = {"export-the-dag"}
PLAYED = [
    page for page in PAGES if page.stem not in _NOT_PLAYED and is_played(page.read_text(encoding="utf-8"))
]
NEEDS_POSTGRESQL = {"run-on-postgresql"}

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_DEPENDENCY = re.compile(r"^\w[\w-]*")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_a_generated_part_is_what_the_code_says(page: Path) -> None:
    """A page made from the code never lags behind it."""
    text = page.read_text(encoding="utf-8")

    assert filled(text) == text, f"{_name(page)} is behind the code: run make docs"


def test_every_generated_part_stands_on_one_page() -> None:
    """Nothing that can be generated is forgotten, or told twice."""
    found = [part for page in pages() for part in generated_parts(page.read_text(encoding="utf-8"))]

    assert sorted(found) == sorted(PARTS)


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_commands_exist(page: Path) -> None:
    """Whatever `pydbt` or `make` command a page shows has its verb and its options."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    wrong = [told for command in commands(page.read_text("utf-8")) for told in violations(command, makefile)]

    assert wrong == []


def test_commands_that_do_not_exist_are_found() -> None:
    """The rule about commands finds a wrong verb, a wrong option and a wrong target of make."""
    console = "```console\n$ pydbt run --fast --select a\npydbt no\n```\n"
    page = f"Type `pydbt rnu`.\n\n{console}\n```sh\nmake demmo  # go\n```\n"

    wrong = [told for command in commands(page) for told in violations(command, "demo: ## Run it.")]

    assert wrong == [
        "pydbt run --fast --select a: there is no option --fast",
        "make demmo: there is no target demmo",
        "pydbt rnu: there is no command rnu",
    ]


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file finds it, and its heading where it names one."""
    broken = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if link.startswith("http"):
            continue
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_settings_shown_are_settings(page: Path, tmp_path: Path) -> None:
    """Every piece of a `pydbt.toml` that a page shows is accepted."""
    for number, block in enumerate(blocks(page.read_text(encoding="utf-8"))):
        if block.language == "toml":
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "pydbt.toml").write_text(block.text, encoding="utf-8")

            assert load_settings(folder).targets


@pytest.mark.parametrize("page", PLAYED, ids=_name)
def test_a_page_shows_what_comes(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Followed to the letter, a page's files, commands and Python give what the page shows."""
    env = {}
    if page.stem in NEEDS_POSTGRESQL:
        env["DATABASE_URL"] = request.getfixturevalue("postgresql_url")

    shown = played(page.read_text(encoding="utf-8"), tmp_path, env)

    for each in shown:
        assert each.is_right, f"$ {each.command}\n{each.got}"


def test_the_readme_names_every_dependency() -> None:
    """Each package that an installation brings stands in the README with its reason, and no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    expected = {match[0] for text in project["dependencies"] if (match := _DEPENDENCY.match(text))}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## What it stands on")[2].partition("\n## ")[0]

    named = re.findall(r"^\| \[([\w-]+)\]", section, re.MULTILINE)

    assert {name.lower() for name in named} == expected
    assert len(named) == len(expected)


def test_the_picture_is_of_the_example_as_it_is(tmp_path: Path) -> None:
    """When the DAG of the flights example changes, its picture in the README is drawn again."""
    drawn = (IMAGES / "flights.mmd").read_text(encoding="utf-8")

    assert as_text(flights(tmp_path)) == drawn, "the picture is of an older example: run make docs"
