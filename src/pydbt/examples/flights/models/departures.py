"""Step 3: one wide table, where each flight meets its airline, aircraft, destination and weather."""

from pydbt import DataFrame, Task


@Task(materialized="table", tags=["core"])
def departures(
    flights: DataFrame, airlines: DataFrame, airports: DataFrame, planes: DataFrame, weather: DataFrame
) -> DataFrame:
    """One row a flight, whatever else is known about it.

    The left joins keep what has no match: four airports are missing from the list, as are the aircraft of
    American Airlines and Envoy Air, and some hours of weather.
    """
    joined = (
        flights.join(airlines, "carrier")
        .join(weather, ["origin", "time_hour"], how="left")
        .join(planes, "tailnum", how="left")
    )
    joined = joined.join(airports, joined.dest == airports.airport, how="left")
    return joined.with_column("age", joined.year - joined.built).select(
        "year", "month", "day", "hour", "carrier", "airline", "flight", "tailnum", "origin", "dest",
        "airport_name", "distance", "air_time", "dep_delay", "arr_delay", "cancelled",
        "manufacturer", "seats", "age", "temp", "wind_speed", "precip", "visib",
    )  # fmt: skip
