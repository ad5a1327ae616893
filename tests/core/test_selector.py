"""Which tasks --select and --exclude mean."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydbt.core.dag import Dag
from pydbt.core.selector import Named, Tagged, parse, select
from pydbt.core.task import Task
from pydbt.errors import PyDBTError, SelectorError, UnknownTaskError

ROOT = Path("/project")


def at(file: str, name: str, *needs: Task, tags: tuple[str, ...] = ()) -> Task:
    """A task as if it stood in that file of the project."""
    scope: dict[str, Any] = {}
    exec(compile(f"def {name}(): ...", str(ROOT / file), "exec"), scope)  # to stand in another file
    made: Task = Task(depends_on=needs, tags=tags)(scope[name])
    return made


def project() -> Dag:
    """raw_a → a → c → e, raw_b → b → c, b → d."""
    raw_a = at("models/staging/raw.py", "raw_a", tags=("raw",))
    raw_b = at("models/staging/raw.py", "raw_b", tags=("raw", "slow"))
    a = at("models/a.py", "a", raw_a)
    b = at("models/b.py", "b", raw_b, tags=("core",))
    c = at("models/marts/c.py", "c", a, b, tags=("core",))
    d = at("models/marts/d.py", "d", b)
    e = at("models/marts/e.py", "e", c)
    return Dag.of([raw_a, raw_b, a, b, c, d, e])


DAG = project()
CHOICES = {
    "c": "c",
    "raw_*": "raw_a raw_b",
    "[ab]": "a b",
    "+c": "raw_a raw_b a b c",
    "1+c": "a b c",
    "c+": "c e",
    "b+1": "b c d",
    "0+c+0": "c",
    "+a+": "raw_a a c e",
    "1+b+1": "raw_b b c d",
    "@a": "raw_a a c e b raw_b",
    "@raw_b": "raw_b b c d e a raw_a",
    "tag:raw": "raw_a raw_b",
    "tag:raw+1": "raw_a raw_b a b",
    "+tag:core": "raw_a raw_b a b c",
    "@tag:slow": "raw_b b c d e a raw_a",
    "tag:s*": "raw_b",
    "path:models/marts": "c d e",
    "path:models/marts/": "c d e",
    "path:./models/a.py": "a",
    "path:models/*/raw.py": "raw_a raw_b",
    "path:models/marts/c.py+": "c e",
    "a b": "a b",
    "  a   b ": "a b",
    "tag:raw,tag:slow": "raw_b",
    "+e,path:models/marts d": "c e d",
    "tag:raw,tag:core": "",
}


@pytest.mark.parametrize("text", CHOICES)
def test_a_selector_chooses_as_in_dbt(text: str) -> None:
    """Names, patterns, depth, @, methods, a space for "or", a comma for "and"."""
    assert select(DAG, [text], [], ROOT) == frozenset(CHOICES[text].split())


def test_several_options_are_a_union_and_exclude_is_taken_away() -> None:
    """Nothing selected means everything; what is excluded goes last."""
    assert select(DAG, [], [], ROOT) == frozenset(DAG.tasks)
    assert select(DAG, ["a", "b"], [], ROOT) == {"a", "b"}
    assert select(DAG, ["+e"], ["tag:raw", "e"], ROOT) == {"a", "b", "c"}
    assert select(DAG, [], ["+c+"], ROOT) == {"d"}


BAD = [
    ("nosuch", UnknownTaskError, "no task is named 'nosuch'", ""),
    ("raw_aa", UnknownTaskError, "no task is named 'raw_aa'", "did you mean 'raw_a'"),
    ("zz*", UnknownTaskError, "no task matches 'zz*'", ""),
    ("", SelectorError, "the task name is empty", "give a name"),
    ("   ", SelectorError, "the task name is empty", "give a name"),
    ("+", SelectorError, "'+' needs a task name", "+orders"),
    ("@", SelectorError, "'@' needs a task name", "+orders"),
    ("tag:", SelectorError, "'tag:' needs a task name", "tag:core"),
    ("a,,b", SelectorError, "'a,,b' has a comma without", "+orders"),
    ("../../etc/passwd", SelectorError, "'../../etc/passwd' is not a task name", "path:"),
    ("models/a.py", SelectorError, "is not a task name", "'path:models/a.py'"),
    ("a;b", SelectorError, "'a;b' is not a task name", "letters"),
    ("a++b", SelectorError, "'a++b' is not a task name", "letters"),
    ("@a+", SelectorError, "has both @ and +", "@a takes"),
    ("9999999999+a", SelectorError, "is not a task name", "letters"),
    ("state:modified", SelectorError, "'state' of 'state:modified' is not known here", "path, tag"),
    ("result:error", SelectorError, "'result' of 'result:error' is not known here", "path, tag"),
    ("tga:raw", SelectorError, "'tga' of 'tga:raw' is not known here", "did you mean 'tag'?"),
    ("tag:rwa", SelectorError, "no task has the tag 'rwa'", "did you mean 'raw'?"),
    ("path:models/mart", SelectorError, "no task lies in 'models/mart'", "models/marts"),
    ("path:../../etc", SelectorError, "no task lies in", ""),
]


@pytest.mark.parametrize(("text", "kind", "what", "hint"), BAD)
@pytest.mark.parametrize("option", ["select", "exclude"])
def test_a_bad_selector_says_what_is_wrong(
    option: str, text: str, kind: type[PyDBTError], what: str, hint: str
) -> None:
    """In --exclude as in --select: an option that has no effect is a mistake."""
    options: dict[str, list[str]] = {"select": [], "exclude": [], option: [text]}

    with pytest.raises(kind) as caught:
        select(DAG, options["select"], options["exclude"], ROOT)

    assert what in caught.value.what
    assert hint in caught.value.hint


@given(st.text(alphabet="ab+@,:*123 tagph/.[]!", max_size=15))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    """Nothing but PyDBT's own errors comes out, and only tasks of the project."""
    with suppress(PyDBTError):
        assert select(DAG, [text], [], ROOT) <= frozenset(DAG.tasks)


def test_selectors_are_values_that_combine() -> None:
    """Two that read alike are equal; ``|`` and ``&`` mean what the space and the comma mean."""
    assert parse("a tag:raw") == Named("a") | Tagged("raw")
    assert parse("a,tag:raw") == Named("a") & Tagged("raw")
    assert (Named("raw_a") & Tagged("raw") | Named("c")).choose(DAG, ROOT) == {"raw_a", "c"}
