"""Step 2: the same tables with types and with names one can read.

Each parameter is named after another task: that makes it a dependency, and gives that task's DataFrame.
"""

from sqlalchemy import Double, Integer, case

from pydbt import DataFrame, Task


@Task(materialized="view", tags=["staging"])
def airlines(raw_airlines: DataFrame) -> DataFrame:
    """One row an airline."""
    return raw_airlines.rename({"name": "airline"})


@Task(materialized="view", tags=["staging"])
def airports(raw_airports: DataFrame) -> DataFrame:
    """One row an airport; the altitude in feet."""
    named = raw_airports.rename({"faa": "airport", "name": "airport_name"})
    columns = ["airport", "airport_name", "lat", "lon", "alt"]
    return typed(named, lat=Double, lon=Double, alt=Integer).select(*columns)


@Task(materialized="view", tags=["staging"])
def planes(raw_planes: DataFrame) -> DataFrame:
    """One row an aircraft; the year it was built is unknown for a few."""
    named = raw_planes.rename({"year": "built"})
    columns = ["tailnum", "built", "manufacturer", "model", "seats"]
    return typed(named, built=Integer, seats=Integer).select(*columns)


@Task(materialized="view", tags=["staging"])
def weather(raw_weather: DataFrame) -> DataFrame:
    """One row an airport and hour: °F, mph, inches, miles."""
    hourly = typed(raw_weather, temp=Double, wind_speed=Double, precip=Double, visib=Double)
    return hourly.select("origin", "time_hour", "temp", "wind_speed", "precip", "visib")


@Task(materialized="table", tags=["staging"])
def flights(raw_flights: DataFrame) -> DataFrame:
    """One row a flight: hours are local, `time_hour` is UTC, delays are minutes and negative when early."""
    cancelled = case((raw_flights.dep_time.is_(None), 1), else_=0)
    whole_numbers = ["year", "month", "day", "hour", "flight"]
    whole_numbers += ["dep_delay", "arr_delay", "air_time", "distance"]
    return (
        typed(raw_flights, **dict.fromkeys(whole_numbers, Integer))
        .with_column("cancelled", cancelled)
        .select(*whole_numbers, "time_hour", "carrier", "tailnum", "origin", "dest", "cancelled")
    )


def typed(frame: DataFrame, **types: type) -> DataFrame:
    """The DataFrame with each named column cast to its type."""
    return frame.with_columns(**{name: frame[name].cast(type_) for name, type_ in types.items()})
