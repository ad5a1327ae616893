"""The flights example, run by the real command: every table right to the row, on every database."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.flights_data import write_flights_data
from tests.examples.commands import PYDBT, run_command
from tests.examples.flights_expected import Row, expected_tables
from tests.examples.rows import differences, read_table

EXAMPLE = Path(__file__).parents[2] / "src" / "pydbt" / "examples" / "flights"
MOST_BYTES = 1_500_000


@dataclass(frozen=True)
class Flights:
    """A copy of the example that has run: where, on which database, and what has to be in it."""

    folder: Path
    target: str
    url: str
    output: str
    expected: dict[str, list[Row]]

    def run(self) -> str:
        """Run it once more."""
        return run_flights(self.folder, self.target, self.url)

    def wrong(self) -> dict[str, list[str]]:
        """The tables that are not what they have to be, with the first differences of each."""
        compared = {
            name: differences(read_table(self.url, name), rows) for name, rows in self.expected.items()
        }
        return {name: told for name, told in compared.items() if told}


def run_flights(folder: Path, target: str, url: str) -> str:
    """What `pydbt run` prints; only the target for PostgreSQL takes its URL from outside."""
    command = (*PYDBT, "run", "--target", target, "--log-format", "plain")
    return run_command(*command, cwd=folder, env={"DATABASE_URL": url})


def new_flights(parent: Path) -> Path:
    """A new project made by `pydbt init`."""
    run_command(*PYDBT, "init", "flights", "--example", "flights", cwd=parent)
    return parent / "flights"


@pytest.fixture(scope="module", params=["duckdb", "sqlite", "postgresql"])
def january(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flights:
    """The example as it is shipped, on each of its targets."""
    folder = new_flights(tmp_path_factory.mktemp("january"))
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_module_url")
    else:
        url = f"{request.param}:///{folder / f'flights.{request.param}'}"
    output = run_flights(folder, request.param, url)
    return Flights(folder, request.param, url, output, expected_tables(EXAMPLE / "data"))


def test_every_table_of_january_is_right_to_the_row(january: Flights) -> None:
    """Each of the 18 tables holds what plain Python finds in the CSV files."""
    assert len(january.expected) == 18
    assert january.wrong() == {}


def test_another_run_leaves_the_same_tables(january: Flights) -> None:
    """Loading and publishing take the old rows' place, whatever views stand on them."""
    january.run()

    assert january.wrong() == {}


def test_the_run_ends_with_a_table_and_with_what_to_type_next(january: Flights) -> None:
    """The newcomer sees who is late, worst first, and the next commands."""
    output = january.output
    ranked = [line.split(" | ")[1].strip() for line in output.splitlines() if line.startswith("| ")][2:]

    often = [row for row in january.expected["delay_by_carrier"] if row["flights"] >= 30]
    expected = sorted(often, key=lambda row: -row["mean_arr_delay"])
    assert ranked == [row["airline"] for row in expected]
    assert "pydbt show routes" in output


def test_the_report_answers_seven_questions(january: Flights) -> None:
    """reports/flights.md has a table for each question, with its values in one form on every database."""
    page = (january.folder / "reports" / "flights.md").read_text()

    cells = [re.sub(r" +", " ", line) for line in page.splitlines()]
    assert len([line for line in cells if line.startswith("## ")]) == 7
    assert "| EV | ExpressJet Airlines Inc. | 4171 | 182 | 1593 | 24.2 | 25.2 |" in cells
    assert "| 1 | 30 | 900 | 98 | 265 |" in cells


@pytest.mark.timeout(600)
def test_every_table_of_the_year_is_right_to_the_row(whole_year: Path, tmp_path: Path) -> None:
    """The same models on all 336,776 flights, with the hour that autumn repeats and missing weather."""
    folder = new_flights(tmp_path)
    write_flights_data(whole_year, folder / "data")
    url = f"duckdb:///{folder / 'flights.duckdb'}"
    output = run_flights(folder, "duckdb", url)
    year = Flights(folder, "duckdb", url, output, expected_tables(folder / "data"))

    assert len(year.expected["departures"]) == 336_776
    assert year.wrong() == {}


def test_the_shipped_data_is_january_of_the_whole(whole_year: Path, tmp_path: Path) -> None:
    """The script that is described in the repository makes the files in the package."""
    write_flights_data(whole_year, tmp_path, month=1)

    made = {file.name: _content(file) for file in tmp_path.iterdir()}
    assert made == {file.name: _content(file) for file in (EXAMPLE / "data").iterdir()}


def test_the_shipped_example_is_small() -> None:
    """The wheel carries the example, so its data stays under 1.5 MB."""
    assert sum(file.stat().st_size for file in (EXAMPLE / "data").iterdir()) <= MOST_BYTES


def _content(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
