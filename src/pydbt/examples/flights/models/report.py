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
    delay_by_wind: DataFrame,
    delay_by_visibility: DataFrame,
    worst_days: DataFrame,
) -> None:
    """Write reports/flights.md, show who is late, and say what to type next."""
    often = delay_by_carrier.where(delay_by_carrier.flights >= 30)
    carriers = often.order_by(often.mean_arr_delay.desc())
    wind = delay_by_wind.order_by(delay_by_wind.mean_dep_delay)
    visibility = delay_by_visibility.order_by(delay_by_visibility.mean_dep_delay)
    days = worst_days.order_by(worst_days.cancelled.desc(), "month", "day")
    page = [
        "# Flights from New York",
        *("## Who is late, of those with 30 flights or more?", markdown(carriers)),
        *("## Does wind matter?", markdown(wind)),
        *("## Does fog matter?", markdown(visibility)),
        *("## When to stay at home", markdown(days)),
    ]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n\n".join(page) + "\n", encoding="utf-8")
    print(f"Minutes of delay in New York, by airline:\n\n{markdown(carriers)}\n\n{NEXT}")


def markdown(frame: DataFrame) -> str:
    """The rows as a Markdown table."""
    rows = [[shown(value) for value in row] for row in frame.collect()]
    widths = [max(map(len, column)) for column in zip(frame.columns, *rows, strict=True)]
    lines = [frame.columns, ["-" * width for width in widths], *rows]
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)


def shown(value: Any) -> str:
    """A value as people read it: one decimal is enough for minutes."""
    return f"{value:.1f}" if isinstance(value, float) else "" if value is None else str(value)
