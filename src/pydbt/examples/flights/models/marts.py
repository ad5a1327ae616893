"""Step 4: the answers. Each is a small table that somebody wants to look at."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, case, func, select

from pydbt import DataFrame, Task


@Task(materialized="table", tags=["marts"])
def delay_by_carrier(departures: DataFrame, config: Mapping[str, Any]) -> DataFrame:
    """Who is late? `late` counts the arrivals after the minutes that [config] in pydbt.toml allows."""
    is_late = departures.arr_delay > config["late_after_minutes"]
    marked = departures.with_column("late", case((is_late, 1), else_=0))
    return marked.group_by("carrier", "airline").agg(
        flights=func.count(),
        cancelled=func.sum(marked.cancelled),
        late=func.sum(marked.late),
        mean_dep_delay=func.avg(marked.dep_delay),
        mean_arr_delay=func.avg(marked.arr_delay),
    )


@Task(materialized="table", tags=["marts"])
def delay_by_carrier_and_hour(departures: DataFrame) -> DataFrame:
    """When is who late? `hour` is the scheduled hour of departure."""
    return departures.group_by("carrier", "hour").agg(
        flights=func.count(),
        cancelled=func.sum(departures.cancelled),
        mean_dep_delay=func.avg(departures.dep_delay),
        worst_dep_delay=func.max(departures.dep_delay),
    )


@Task(materialized="table", tags=["marts"])
def delay_by_wind(departures: DataFrame) -> DataFrame:
    """Does wind delay flights? Hours without a measurement are `unknown`."""
    speed = departures.wind_speed
    wind = case(
        (speed.is_(None), "unknown"),
        (speed < 8, "light, under 8 mph"),
        (speed < 19, "breeze, 8 to 18 mph"),
        (speed < 32, "strong breeze, 19 to 31 mph"),
        else_="gale, 32 mph and more",
    )
    return delays_by("wind", departures.with_column("wind", wind))


@Task(materialized="table", tags=["marts"])
def delay_by_visibility(departures: DataFrame) -> DataFrame:
    """Does fog delay flights? Ten miles is as far as the instruments see."""
    miles = departures.visib
    visibility = case(
        (miles.is_(None), "unknown"),
        (miles < 1, "under 1 mile"),
        (miles < 3, "1 to 3 miles"),
        (miles < 10, "3 to 10 miles"),
        else_="10 miles",
    )
    return delays_by("visibility", departures.with_column("visibility", visibility))


@Task(materialized="table", tags=["marts"])
def aircraft_age(departures: DataFrame) -> DataFrame:
    """Are old aircraft late more often? One row a year of age; NULL holds the aircraft nobody knows."""
    return departures.group_by("age").agg(
        aircraft=func.count(departures.tailnum.distinct()),
        flights=func.count(),
        cancelled=func.sum(departures.cancelled),
        mean_dep_delay=func.avg(departures.dep_delay),
    )


@Task(materialized="table", tags=["marts"])
def routes(departures: DataFrame) -> DataFrame:
    """Where to, how far, how often, and by how many airlines?"""
    return departures.group_by("origin", "dest", "airport_name").agg(
        miles=func.max(departures.distance),
        airlines=func.count(departures.carrier.distinct()),
        flights=func.count(),
        mean_air_time=func.avg(departures.air_time),
        mean_arr_delay=func.avg(departures.arr_delay),
    )


@Task(materialized="table", tags=["marts"])
def worst_days(departures: DataFrame) -> Select[Any]:
    """Ten days to stay at home.

    Plain SQLAlchemy: `departures.query` is the DataFrame's Select, and what comes back is a Select, too.
    """
    flown = departures.query.subquery()
    return (
        select(
            flown.c.month,
            flown.c.day,
            func.count().label("flights"),
            func.sum(flown.c.cancelled).label("cancelled"),
            func.max(flown.c.dep_delay).label("worst_dep_delay"),
        )
        .group_by(flown.c.month, flown.c.day)
        .order_by(func.sum(flown.c.cancelled).desc(), flown.c.month, flown.c.day)
        .limit(10)
    )


def delays_by(column: str, departures: DataFrame) -> DataFrame:
    """Flights, cancellations and the mean delay for each value of a column."""
    return departures.group_by(column).agg(
        flights=func.count(),
        cancelled=func.sum(departures.cancelled),
        mean_dep_delay=func.avg(departures.dep_delay),
    )
