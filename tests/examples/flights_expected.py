"""What each table of the flights example has to hold, worked out from the CSV files in plain Python.

Nothing here uses PyDBT, SQLAlchemy or SQL, and nothing is shared with the models: the two ways can only
agree on a row by both being right, or by both making the same mistake.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

Row = dict[str, Any]

LATE_AFTER_MINUTES = 15


def read_rows(file: Path) -> list[dict[str, str | None]]:
    """The rows of a CSV file as text, with None for NA."""
    with gzip.open(file, "rt", newline="") if file.suffix == ".gz" else file.open(newline="") as lines:
        return [
            {name: None if value == "NA" else value for name, value in row.items()}
            for row in csv.DictReader(lines)
        ]


def expected_tables(data: Path) -> dict[str, list[Row]]:
    """Every table of the example by name, in no order."""
    raw = {
        "raw_airlines": read_rows(data / "airlines.csv"),
        "raw_airports": read_rows(data / "airports.csv"),
        "raw_planes": read_rows(data / "planes.csv"),
        "raw_weather": read_rows(data / "weather.csv"),
        "raw_flights": read_rows(data / "flights.csv.gz"),
    }
    staging = _staging(raw)
    departures = _departures(staging)
    return {**raw, **staging, "departures": departures, **_marts(departures)}


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _staging(raw: dict[str, list[dict[str, str | None]]]) -> dict[str, list[Row]]:
    whole = ("year", "month", "day", "hour", "flight", "dep_delay", "arr_delay", "air_time", "distance")
    return {
        "airlines": [{"carrier": row["carrier"], "airline": row["name"]} for row in raw["raw_airlines"]],
        "airports": [
            {
                "airport": row["faa"],
                "airport_name": row["name"],
                "lat": _number(row["lat"]),
                "lon": _number(row["lon"]),
                "alt": _whole(row["alt"]),
            }
            for row in raw["raw_airports"]
        ],
        "planes": [
            {
                "tailnum": row["tailnum"],
                "built": _whole(row["year"]),
                "manufacturer": row["manufacturer"],
                "model": row["model"],
                "seats": _whole(row["seats"]),
            }
            for row in raw["raw_planes"]
        ],
        "weather": [
            {"origin": row["origin"], "time_hour": row["time_hour"]}
            | {name: _number(row[name]) for name in ("temp", "wind_speed", "precip", "visib")}
            for row in raw["raw_weather"]
        ],
        "flights": [
            {name: _whole(row[name]) for name in whole}
            | {name: row[name] for name in ("time_hour", "carrier", "tailnum", "origin", "dest")}
            | {"cancelled": int(row["dep_time"] is None)}
            for row in raw["raw_flights"]
        ],
    }


def _by_key(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], Row]:
    """Each row under its key, which must be unique: a join on it neither drops nor doubles a flight."""
    found = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        assert key not in found, f"{key} twice"
        found[key] = row
    return found


def _departures(staging: dict[str, list[Row]]) -> list[Row]:
    airlines = _by_key(staging["airlines"], "carrier")
    airports = _by_key(staging["airports"], "airport")
    planes = _by_key(staging["planes"], "tailnum")
    weather = _by_key(staging["weather"], "origin", "time_hour")
    copied = ("year", "month", "day", "hour", "carrier", "flight", "tailnum", "origin", "dest")
    measured = ("distance", "air_time", "dep_delay", "arr_delay", "cancelled")
    rows = []
    for flight in staging["flights"]:
        plane = planes.get((flight["tailnum"],), {})
        hour = weather.get((flight["origin"], flight["time_hour"]), {})
        built = plane.get("built")
        rows.append(
            {name: flight[name] for name in copied + measured}
            | {
                "airline": airlines[(flight["carrier"],)]["airline"],
                "airport_name": airports.get((flight["dest"],), {}).get("airport_name"),
                "manufacturer": plane.get("manufacturer"),
                "seats": plane.get("seats"),
                "age": None if built is None else flight["year"] - built,
            }
            | {name: hour.get(name) for name in ("temp", "wind_speed", "precip", "visib")}
        )
    return rows


def _grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _known(rows: Iterable[Row], name: str) -> list[int]:
    return [row[name] for row in rows if row[name] is not None]


def _mean(rows: Iterable[Row], name: str) -> float | None:
    values = _known(rows, name)
    # Exact until the one division at the end.
    return float(Fraction(sum(values), len(values))) if values else None


def _counts(rows: list[Row]) -> Row:
    return {"flights": len(rows), "cancelled": sum(row["cancelled"] for row in rows)}


def wind_of(row: Row) -> str:
    """The name of a flight's wind."""
    if row["wind_speed"] is None:
        return "unknown"
    names = ("light, under 8 mph", "breeze, 8 to 18 mph", "strong breeze, 19 to 31 mph")
    for limit, name in zip((8, 19, 32), names, strict=True):
        if row["wind_speed"] < limit:
            return name
    return "gale, 32 mph and more"


def visibility_of(row: Row) -> str:
    """The name of how far one sees."""
    if row["visib"] is None:
        return "unknown"
    for limit, name in ((1, "under 1 mile"), (3, "1 to 3 miles"), (10, "3 to 10 miles")):
        if row["visib"] < limit:
            return name
    return "10 miles"


def _marts(departures: list[Row]) -> dict[str, list[Row]]:
    return {
        "delay_by_carrier": [
            {"carrier": carrier, "airline": airline}
            | _counts(rows)
            | {
                "late": sum(delay > LATE_AFTER_MINUTES for delay in _known(rows, "arr_delay")),
                "mean_dep_delay": _mean(rows, "dep_delay"),
                "mean_arr_delay": _mean(rows, "arr_delay"),
            }
            for (carrier, airline), rows in _grouped(
                departures, lambda row: (row["carrier"], row["airline"])
            ).items()
        ],
        "delay_by_carrier_and_hour": [
            {"carrier": carrier, "hour": hour}
            | _counts(rows)
            | {
                "mean_dep_delay": _mean(rows, "dep_delay"),
                "worst_dep_delay": max(_known(rows, "dep_delay"), default=None),
            }
            for (carrier, hour), rows in _grouped(
                departures, lambda row: (row["carrier"], row["hour"])
            ).items()
        ],
        "delay_by_wind": _delays_by("wind", departures, wind_of),
        "delay_by_visibility": _delays_by("visibility", departures, visibility_of),
        "aircraft_age": [
            {"age": age, "aircraft": len({row["tailnum"] for row in rows} - {None})}
            | _counts(rows)
            | {"mean_dep_delay": _mean(rows, "dep_delay")}
            for age, rows in _grouped(departures, lambda row: row["age"]).items()
        ],
        "routes": [
            {
                "origin": origin,
                "dest": dest,
                "airport_name": airport_name,
                "miles": max(_known(rows, "distance")),
                "airlines": len({row["carrier"] for row in rows}),
                "flights": len(rows),
                "mean_air_time": _mean(rows, "air_time"),
                "mean_arr_delay": _mean(rows, "arr_delay"),
            }
            for (origin, dest, airport_name), rows in _grouped(
                departures, lambda row: (row["origin"], row["dest"], row["airport_name"])
            ).items()
        ],
        "worst_days": _worst_days(departures),
    }


def _delays_by(column: str, departures: list[Row], name: Callable[[Row], str]) -> list[Row]:
    return [
        {column: group} | _counts(rows) | {"mean_dep_delay": _mean(rows, "dep_delay")}
        for group, rows in _grouped(departures, name).items()
    ]


def _worst_days(departures: list[Row]) -> list[Row]:
    days = [
        {"month": month, "day": day}
        | _counts(rows)
        | {"worst_dep_delay": max(_known(rows, "dep_delay"), default=None)}
        for (month, day), rows in _grouped(departures, lambda row: (row["month"], row["day"])).items()
    ]
    return sorted(days, key=lambda row: (-row["cancelled"], row["month"], row["day"]))[:10]
