"""Step 5: what the answers come to, as a page for people and a table on the screen."""

from pathlib import Path
from typing import Any

from pydbt import DataFrame, Task

REPORT = Path(__file__).parent.parent / "reports" / "flights.md"

NEXT = """\
The report is in reports/flights.md. What next?
  pydbt show routes        the rows of any table
  pydbt sql departures     the SQL that a task runs
  pydbt export-dag .       a picture of all this: dag.svg and dag.png
  pydbt run --select delay_by_wind+    one task, and all that comes after it
"""


@Task(tags=["report"])
def report(
    delay_by_carrier: DataFrame,
    delay_by_carrier_and_hour: DataFrame,
    delay_by_wind: DataFrame,
    delay_by_visibility: DataFrame,
    aircraft_age: DataFrame,
    routes: DataFrame,
    worst_days: DataFrame,
) -> None:
    """Write reports/flights.md, show who is late, and say what to type next."""
    carriers = often(delay_by_carrier).order_by("mean_arr_delay", descending=True)
    hours = often(delay_by_carrier_and_hour).order_by("mean_dep_delay", descending=True)
    ages = often(aircraft_age).order_by("mean_dep_delay", descending=True)
    answers = {
        "Who is late?": carriers,
        "Who is late when?": hours.limit(10),
        "Does wind matter?": delay_by_wind.order_by("mean_dep_delay"),
        "Does fog matter?": delay_by_visibility.order_by("mean_dep_delay"),
        "How old are the aircraft that are late?": ages.limit(10),
        "Where do all these people go?": routes.order_by(routes.flights.desc(), "origin", "dest").limit(10),
        "When to stay at home?": worst_days.order_by(worst_days.cancelled.desc(), "month", "day"),
    }
    page = "\n\n".join(f"## {question}\n\n{markdown(answer)}" for question, answer in answers.items())
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(f"# Flights from New York\n\n{page}\n", encoding="utf-8")
    print(f"Minutes of delay in New York, by airline:\n\n{markdown(carriers)}\n\n{NEXT}")


def often(frame: DataFrame) -> DataFrame:
    """Only what rests on thirty flights or more: one late flight makes no late airline."""
    return frame.where(frame.flights >= 30)


def markdown(frame: DataFrame) -> str:
    """The rows as a Markdown table."""
    rows = [[shown(value) for value in row] for row in frame.collect()]
    widths = [max(map(len, column)) for column in zip(frame.columns, *rows, strict=True)]
    lines = [frame.columns, ["-" * width for width in widths], *rows]
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)


def shown(value: Any) -> str:
    """A value as people read it: one decimal is enough for minutes."""
    return f"{value:.1f}" if isinstance(value, float) else "" if value is None else str(value)
