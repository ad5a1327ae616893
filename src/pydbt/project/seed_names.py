"""The short spelling of imports: inside a project ``from core.task import Task`` is ``pydbt.core.task``.

The finder stands at the end of ``sys.meta_path``: a package of the user's own named ``core``, ``sql`` or
``connections`` is found before it and wins.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_ROOMS = ("core", "sql", "connections")


class _SameModule(Loader):
    """Gives the module that PyDBT has, not a second copy: classes must be the same under both names."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._name)
        if hasattr(module, "__path__"):
            return _Package(spec.name, module)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just written its own spec into the shared module: give the real one back.
        if self._spec is not None:
            module.__spec__ = self._spec


class _Package(ModuleType):
    """A package under its short name. Its path is empty, or files would be found there and loaded twice."""

    def __init__(self, name: str, module: ModuleType) -> None:
        super().__init__(name, module.__doc__)
        self.__path__: list[str] = []
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


class _SeedNames(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  the interface's signature
        target: ModuleType | None = None,  # noqa: ARG002  the interface's signature
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in _ROOMS:
            return None
        name = f"pydbt.{fullname}"
        if importlib.util.find_spec(name) is None:
            return None
        return ModuleSpec(fullname, _SameModule(name))


_FINDER = _SeedNames()


def install() -> None:
    """Make the short names importable; doing it twice changes nothing.

    >>> install()
    >>> from core.task import Task as short
    >>> from pydbt.core.task import Task as full
    >>> short is full
    True
    """
    if _FINDER not in sys.meta_path:
        sys.meta_path.append(_FINDER)
