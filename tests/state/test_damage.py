"""Random damage: never a traceback, never silently empty, and a repair that loses nothing without telling."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.state.damage import Sample, samples_in, try_one

ROUNDS = 60
_AT_ONCE = 10


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, Sample]:
    return samples_in(tmp_path_factory.mktemp("sample"))


@pytest.mark.parametrize("first", range(0, ROUNDS, _AT_ONCE))
def test_whatever_is_damaged_is_told_and_can_be_repaired(
    tmp_path: Path, samples: tuple[Sample, Sample], first: int
) -> None:
    """Flipped, cut, zeroed, scrambled and misplaced bytes, lost tables and rows, planted pickles.

    What is read is what was written, or an error; a check finds what is refused; a repair keeps the state as
    it was, carries over only what was written, tells what it leaves out, and leaves a state that is sound and
    takes the next run. The seed is the number in a failure's traceback.
    """
    _try(range(first, first + _AT_ONCE), samples, tmp_path)


def test_the_oracle_finds_a_loss_that_is_not_told(
    tmp_path: Path, samples: tuple[Sample, Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repair that forgot everything without a word would not pass for one."""
    monkeypatch.setattr("pydbt.core.state.repair_file.carry", _forget)

    # Some damage changes nothing that is read.
    with pytest.raises(AssertionError, match="lost and not told"):
        _try(range(10), samples, tmp_path)


def _try(seeds: range, samples: tuple[Sample, Sample], folder: Path) -> None:
    for seed in seeds:
        own = folder / f"seed {seed}"
        own.mkdir()
        try_one(seed, samples, own, by_command=seed % _AT_ONCE == 0)


def _forget(*_: object) -> object:
    from pydbt.core.state.salvage import Tally

    return Tally()
