"""Five tasks, each with another fate: skipped by its ttl, run, failing at once, not due, retried in vain."""

from connections import get_engine
from core.schedule import Monthly
from core.task import Task
from sql.session import Session
from sqlalchemy import case, func

engine = get_engine()  # the target's: DuckDB, or PostgreSQL with --target postgresql
session = Session(engine=engine, schema="public")


@Task(ttl_minutes=60)
def task_one():
    df = session.table("predictions")
    df.show()


@Task(depends_on=[task_one])
def task_two():
    df = session.table("predictions")
    df = df.where((df.matchDate == "2022-12-30"))
    df = df.with_column("new_column", case((df.preds == "hw", "W")))
    df = df.group_by(df.matchDate, df.preds, agg={"preds": (func.count, "count_preds")})
    df.show()


@Task(depends_on=[task_one])
def task_three():
    """Fails at once: after the grouping there is no matchDate left to filter by."""
    df = session.table("predictions")
    df = df.with_column("new_column", case((df.preds == "hw", "W")))
    df = df.group_by(df.preds, agg={"preds": (func.count, "count_preds")})
    df = df.where((df.matchDate == "2022-12-31"))
    df.show()


@Task(depends_on=[task_three, task_two], runs_on=Monthly())
def task_four():
    df = session.table("predictions")
    df = df.where((df.matchDate == "2022-12-31"))
    df.show()


@Task(depends_on=[task_four], retry=5)
def task_five():
    raise Exception("Erreur")
