"""DOT, Mermaid and JSON: written without Graphviz, the same bytes for the same DAG, safe for any text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pygraphviz
import pytest

from pydbt.export import dot, mermaid
from pydbt.export import json as json_format
from tests.export.manifests import HOSTILE, HOSTILE_TEXT, SEED, random_manifest

_GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("module", [dot, json_format, mermaid])
def test_the_file_is_the_golden_one(module: object) -> None:
    """What is written changes on purpose only: the golden file is changed with it."""
    name = module.FILE_NAME  # type: ignore[attr-defined]  # each format has one, as test_export asserts

    assert module.render(SEED).decode() == (_GOLDEN / name).read_text(encoding="utf-8")  # type: ignore[attr-defined]  # as above


def test_text_formats_need_no_graphviz() -> None:
    """They work where the picture's library does not."""
    code = "import sys; from pydbt.export import dot, json, mermaid; print('pygraphviz' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_json_gives_back_every_field() -> None:
    """A program reads what the manifest holds, whatever stands in it."""
    read = json.loads(json_format.render(HOSTILE))

    assert read["version"] == 1
    assert read["project"] == HOSTILE_TEXT
    assert read["tasks"][0]["schedule"] == HOSTILE_TEXT
    assert [task["depends_on"] for task in read["tasks"]] == [[], ["end"], ["end"], ["graph"]]


def test_dot_is_read_back_with_the_same_nodes_and_edges() -> None:
    """Graphviz's own reader finds the tasks and nothing that a text smuggled in."""
    graph = pygraphviz.AGraph(string=dot.source(HOSTILE))

    assert sorted(graph.nodes()) == sorted(task.name for task in HOSTILE.tasks)
    assert sorted(graph.edges()) == sorted(HOSTILE.edges)


@pytest.mark.parametrize("text", ['"', "\\", '\\"', 'a"];b->c["', "a\\", "\n", "{x|y}", "\x00"])
def test_a_dot_string_stays_one_string(text: str) -> None:
    """No text ends its own quotes."""
    graph = pygraphviz.AGraph(string=f"digraph {{ a [tooltip={dot.quoted(text)}]; b; }}")

    assert sorted(graph.nodes()) == ["a", "b"]


def test_mermaid_keeps_each_node_and_edge_on_its_line() -> None:
    """A break or an arrow inside a text makes no line and no edge of its own."""
    lines = mermaid.render(HOSTILE).decode().splitlines()

    arrows = [line for line in lines if "-->" in line]
    nodes = [line for line in lines if ":::" in line]
    assert (len(nodes), len(arrows)) == (len(HOSTILE.tasks), len(HOSTILE.edges))
    assert len(lines) == 1 + len(nodes) + len(arrows) + sum("classDef" in line for line in lines)


def test_mermaid_names_no_node_by_a_word_of_its_own() -> None:
    """``end`` and ``graph`` break a flowchart as identifiers; a prefix makes them harmless."""
    text = mermaid.render(HOSTILE).decode()

    assert '  t_end("end<br/>' in text
    assert "t_end --> u_6772c3b6c39f65" in text


def test_mermaid_labels_hold_no_markup_of_users() -> None:
    """Between a label's quotes stand only plain letters, numbered characters and our own breaks."""
    for line in mermaid.render(HOSTILE).decode().splitlines():
        if ":::" in line:
            label = line.split('"')[1].replace("<br/>", "")
            assert line.count('"') == 2
            assert not set(label) & set("<>&`[](){}|\\*")


def test_ten_thousand_tasks_grow_the_text_in_proportion() -> None:
    """Twice the tasks, twice the bytes: nothing is repeated per task."""
    small, large = random_manifest(5_000, 10), random_manifest(10_000, 10)

    for module in (dot, json_format, mermaid):
        assert len(module.render(large)) < 2.2 * len(module.render(small))
