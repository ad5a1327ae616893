"""Config: the ``[config]`` table of the settings, as a task gets it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from pydbt.errors import ConfigKeyError, did_you_mean, user_location


class _Table(dict[str, Any]):
    """A table of TOML that says what it has when it is asked for what it has not."""

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        super().__init__(
            (key, _Table(value, f"{name}.{key}") if isinstance(value, Mapping) else value)
            for key, value in values.items()
        )
        self.name = name

    def __missing__(self, key: object) -> NoReturn:
        hint = did_you_mean(str(key), self) or f"write it below [{self.name}] in pydbt.toml"
        raise ConfigKeyError(f"[{self.name}] has no key {key!r}", where=user_location(), hint=hint)


def config_of(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values, read only; a key that is not there is an error with the nearest ones.

    >>> config = config_of({"smallest_order": 10})
    >>> config["smallest_order"], config.get("largest_order")
    (10, None)
    >>> config["smalest_order"]
    Traceback (most recent call last):
    pydbt.errors.ConfigKeyError: PYDBT-E206: [config] has no key 'smalest_order'...
      did you mean 'smallest_order'?
    """
    return MappingProxyType(_Table(values, "config"))
