"""Step 1: load the files as they came.

A task need not return anything: these write their tables themselves. Every column is text, and what the files
write as NA is NULL. Types come in the next step, in staging.py.
"""

from pathlib import Path

from pydbt import Session, Task

DATA = Path(__file__).parent.parent / "data"


@Task(tags=["raw"])
def raw_airlines(session: Session) -> None:
    """Sixteen airlines and their two-letter codes."""
    load(session, "raw_airlines", DATA / "airlines.csv")


@Task(tags=["raw"])
def raw_airports(session: Session) -> None:
    """Airports of the United States: name, place, altitude, time zone."""
    load(session, "raw_airports", DATA / "airports.csv")


@Task(tags=["raw"])
def raw_planes(session: Session) -> None:
    """Aircraft by tail number: when built, by whom, how many seats."""
    load(session, "raw_planes", DATA / "planes.csv")


@Task(tags=["raw"])
def raw_weather(session: Session) -> None:
    """The weather at the three airports of New York, hour by hour."""
    load(session, "raw_weather", DATA / "weather.csv")


@Task(tags=["raw"])
def raw_flights(session: Session) -> None:
    """Every flight that left New York, or should have."""
    load(session, "raw_flights", DATA / "flights.csv.gz")


def load(session: Session, name: str, file: Path) -> None:
    """Put the rows of a CSV file in the place of the table's: all in one transaction."""
    session.read.csv(file, na="NA", typed=False).write(name)
