"""The graph of tasks."""

from __future__ import annotations

import graphlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydbt.checks import relationships
from pydbt.core.dag import Dag
from pydbt.core.task import Task
from pydbt.errors import (
    CycleError,
    DependencyError,
    DuplicateTableError,
    DuplicateTaskError,
    MissingArgumentError,
    UnknownTaskError,
)
from tests.core.building import chain, task

GRAPHS = st.lists(st.sets(st.integers(0, 30), max_size=4), max_size=30)


def graph(needs: list[set[int]]) -> Dag:
    """Task number n depends on those of the given numbers that come before it."""
    tasks: list[Task] = []
    for number, needed in enumerate(needs):
        tasks.append(task(f"t{number}", *(tasks[other] for other in sorted(needed) if other < number)))
    return Dag.of(tasks)


def taking(name: str, *parameters: str) -> Task:
    """A task with these parameters."""
    scope: dict[str, Any] = {}
    exec(f"def {name}({', '.join(parameters)}): ...", scope)  # the only way to name parameters
    made: Task = Task(scope[name])
    return made


@given(GRAPHS)
def test_the_order_the_levels_and_the_walks_agree(needs: list[set[int]]) -> None:
    """Everything stands after all it depends on, one level above the highest of it."""
    dag = graph(needs)
    position = {name: number for number, name in enumerate(dag.order())}

    assert set(position) == set(dag.tasks)
    for name in dag.tasks:
        direct = dag.dependencies(name)
        assert all(position[other] < position[name] for other in dag.upstream(name))
        assert dag.level_of(name) == 1 + max((dag.level_of(other) for other in direct), default=0)
        assert dag.upstream(name) == frozenset(direct).union(*(dag.upstream(other) for other in direct))
        assert all(name in dag.upstream(other) for other in dag.downstream(name))
        assert all(name in dag.dependents(other) for other in direct)
        assert dag.upstream(name, depth=1) == frozenset(direct)
    assert [name for level in dag.levels() for name in level] == sorted(
        dag.tasks, key=lambda name: (dag.level_of(name), int(name[1:]))
    )


@given(GRAPHS)
def test_the_order_keeps_that_of_the_definition(needs: list[set[int]]) -> None:
    """Tasks that are defined after what they need stay in their order."""
    dag = graph(needs)

    assert dag.order() == tuple(dag.tasks)


def test_a_parameter_makes_a_dependency() -> None:
    """`session` and `config` come from the run; any other parameter names a task, once."""
    orders = taking("orders", "session", "config")
    report = taking("report", "session", "orders")

    dag = Dag.of([report, orders])

    assert dag.dependencies("report") == ("orders",)
    assert dag.dependencies("orders") == ()


def test_a_parameter_that_names_nothing_is_refused() -> None:
    """The error names the argument, the task, its place and the nearest names."""
    with pytest.raises(MissingArgumentError, match="'ordres' of the task 'report'") as caught:
        Dag.of([taking("orders"), taking("report", "ordres")])

    assert caught.value.hint == "did you mean 'orders'?"
    assert caught.value.where


def test_a_dependency_outside_the_project_is_refused() -> None:
    """A task that the loader did not find cannot be depended on."""
    with pytest.raises(DependencyError, match="'b' depends on 'a'"):
        Dag.of([task("b", task("a"))])


def test_two_tasks_of_one_name_are_refused() -> None:
    """The error names both places."""
    with pytest.raises(DuplicateTaskError, match=r"named 'a': .*building.py:\d+ and .*building.py:\d+"):
        Dag.of([task("a"), task("a")])


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("orders", "Orders", "letter case"),
        ("x" * 63 + "a", "x" * 63 + "b", "63 bytes"),
        ("é" * 31 + "xa", "é" * 31 + "xb", "63 bytes"),
    ],
)
def test_two_tasks_that_publish_one_table_are_refused(first: str, second: str, why: str) -> None:
    """Names that a database folds to one or cuts to one."""
    with pytest.raises(DuplicateTableError, match="publish one table") as caught:
        Dag.of([task(first, materialized="table"), task(second, materialized="view")])

    assert why in caught.value.hint

    assert len(Dag.of([task(first, materialized="table"), task(second)])) == 2


@pytest.mark.parametrize("length", [1, 2, 1000])
def test_a_circle_is_refused_and_shown_whole(length: int) -> None:
    """From its first task around to that again, with every task's place, whatever leads into it."""
    names = [f"t{number}" for number in range(length)]
    circle = [taking(name, names[(number + 1) % length]) for number, name in enumerate(names)]
    tail = [taking("before"), taking("into", "t0", "before")]

    with pytest.raises(CycleError) as caught:
        Dag.of([*tail, *circle])

    assert caught.value.what.endswith(": " + " → ".join([*names, "t0"]))
    assert caught.value.where.count(" at ") == length


def test_a_table_that_a_check_names_is_a_dependency_if_a_task_makes_it() -> None:
    """It runs first; the task's own rows are no other's, and a table of nobody's is as it is."""
    checks = [relationships("a", name) for name in ("orders", "lines", "elsewhere")]
    orders = task("orders")

    dag = Dag.of([task("lines", materialized="table", checks=checks), orders])

    assert (dag.order(), dag.dependencies("lines")) == (("orders", "lines"), ("orders",))
    with pytest.raises(CycleError, match="orders → lines → orders"):
        Dag.of([taking("orders", "lines"), task("lines", materialized="table", checks=checks)])


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    """Each question about a task that is not there says so."""
    dag = Dag.of([task("orders")])

    for ask in (dag.task, dag.upstream, dag.downstream, dag.dependencies, dag.dependents, dag.level_of):
        with pytest.raises(UnknownTaskError, match="'ordres'") as caught:
            ask("ordres")
        assert caught.value.hint == "did you mean 'orders'?"


def test_a_chain_of_100_000_tasks_is_no_matter() -> None:
    """Every walk is a loop: depth costs no stack."""
    dag = Dag.of(chain(100_000))

    assert len(dag.levels()) == 100_000
    assert len(dag.upstream("t99999")) == len(dag.downstream("t0")) == 99_999


def test_a_dag_agrees_with_the_standard_library() -> None:
    """The standard graphlib accepts the order of a star of 2,000 tasks as one of its own."""
    start = task("start")
    middle = [task(f"m{number}", start) for number in range(2000)]
    dag = Dag.of([task("end", *middle), *middle, start])

    assert dag.levels() == (("start",), tuple(each.name for each in middle), ("end",))
    assert (
        len(
            list(
                graphlib.TopologicalSorter(
                    {name: dag.dependencies(name) for name in dag.tasks}
                ).static_order()
            )
        )
        == 2002
    )


def test_a_dag_is_frozen() -> None:
    """Neither its tasks nor its parts can be exchanged."""
    dag: Any = Dag.of([task("a")])

    with pytest.raises(TypeError):
        dag.tasks["b"] = task("b")
    with pytest.raises(AttributeError):
        dag.tasks = {}
