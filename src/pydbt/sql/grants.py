"""Who may do what with what is published: as it is declared, or as it was before a new version came."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql.expression import Executable, TableClause

from pydbt.errors import GrantError, Location, did_you_mean
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import Grant, Revoke, SetOwner
from pydbt.sql.dialects import Dialect
from pydbt.sql.publication import Adjustment, Existing, Publication, Step, Steps


@dataclass(frozen=True, slots=True, order=True)
class Privilege:
    """What a role may do with a relation.

    Args:
        role: The role; ``public`` for everybody.
        is_grantable: Whether it may let others do so.
        name: The privilege, in small letters.
        column: The only column it is for; empty for all of them.
    """

    role: str
    is_grantable: bool
    name: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Who owns a relation, and what others may do with it.

    Args:
        owner: The owner; None where there is none.
        may_own: Whether who publishes may give the owner another relation.
        privileges: What each role may do, the owner too.
    """

    owner: str | None
    may_own: bool
    privileges: frozenset[Privilege]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Held:
        """Read off what `Dialect.privileges` gives of one relation."""
        owner, may_own, found = None, False, set()
        for _relation, owner, may_own, column, role, names, is_grantable in rows:  # noqa: B007  the same in each
            for name in str(names or "").lower().split(","):
                if role is not None and name:
                    found.add(Privilege(role, bool(is_grantable), name, column or ""))
        return cls(owner, bool(may_own), frozenset(found))

    def beside(self, *owners: str | None) -> frozenset[Privilege]:
        """What roles may do that are none of these."""
        return frozenset(each for each in self.privileges if each.role not in owners)


@dataclass(frozen=True, slots=True)
class Granted:
    """A way to publish with grants: another way, and then nobody but the owner may do what is not declared.

    Args:
        steps: The other way.
        grants: Roles by privilege.
        where: Where the task stands.
    """

    steps: Steps
    grants: Mapping[str, tuple[str, ...]]
    where: Location | None = None

    def __call__(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        """What runs, as `pydbt.sql.publication.Steps`.

        Raises:
            GrantError: The database has no such privilege.
        """
        assert dialect.privileges is not None, "others have no grants"
        assert dialect.roles is not None, "others have no grants"
        unknown = next((name for name in self.grants if name in dialect.ungranted), None)
        if unknown is not None:
            told = f"grants= names {unknown!r}, which is no privilege of {dialect.name}"
            raise GrantError(told, where=self.where, hint="leave it out")
        known = Adjustment(dialect.roles, self._known, "each role is there")
        query = dialect.privileges(wanted.schema, wanted.name, wanted.name)
        held = Adjustment(
            query, lambda rows: self._difference(wanted.table, rows), "privileges are as declared"
        )
        taken = self.steps(dialect, wanted, columns, existing)
        if dialect.has_transactional_ddl or existing is None:
            return (known, *taken, held)
        # Privileges belong to the name there, and to grant one would commit what the rows are half done with.
        return (known, held, *taken)

    def _known(self, rows: Sequence[Sequence[Any]]) -> tuple[Executable, ...]:
        """Before anything is done: MariaDB would make a user of a name that it does not know."""
        known = {"public", *(row[0] for row in rows)}
        for role in itertools.chain(*self.grants.values()):
            if role not in known:
                raise GrantError(
                    f"grants= names the role {role!r}, which the database does not have",
                    where=self.where,
                    hint=did_you_mean(role, sorted(known)),
                )
        return ()

    def _difference(self, table: TableClause, rows: Sequence[Sequence[Any]]) -> tuple[Executable, ...]:
        held = Held.of(rows)
        pairs = ((role, name) for name, roles in self.grants.items() for role in roles if role != held.owner)
        declared = {Privilege(role, is_grantable=False, name=name) for role, name in pairs}
        return _changes(table, held.beside(held.owner), declared)


def kept(
    dialect: Dialect, old: TableClause, new: TableClause, columns: Collection[str], *, is_owned: bool
) -> tuple[Step, ...]:
    """What gives a new version the owner and the privileges of the one that it takes the place of.

    Args:
        dialect: The database's differences.
        old: What is dropped next.
        new: What takes its name.
        columns: The names of the columns that it has.
        is_owned: Whether it is to have the owner; who may not be it has its privileges.
    """
    if dialect.privileges is None or not dialect.has_transactional_ddl:
        return ()

    def statements(rows: Sequence[Sequence[Any]]) -> tuple[Executable, ...]:
        before, now = (Held.of(row for row in rows if row[0] == each.name) for each in (old, new))
        moves = is_owned and before.may_own and before.owner != now.owner
        owner = before.owner if moves else now.owner
        given = (SetOwner(new, str(owner)),) if moves else ()
        wanted = {each for each in before.beside(owner) if not each.column or each.column in columns}
        return (*given, *_changes(new, now.beside(now.owner, owner), wanted))

    query = dialect.privileges(old.schema, old.name, new.name)
    return (Adjustment(query, statements, "owner and privileges stay as they are"),)


def _changes(
    table: TableClause, held: AbstractSet[Privilege], wanted: AbstractSet[Privilege]
) -> tuple[Executable, ...]:
    gone = held - wanted
    # What is taken from a role is taken from those that have it from there, too.
    added = wanted if gone else wanted - held
    return (
        *(Revoke(table, names, role) for role, _is_grantable, names in _by_role(gone)),
        *(Grant(table, names, role, is_grantable=further) for role, further, names in _by_role(added)),
    )


def _by_role(privileges: Iterable[Privilege]) -> Iterator[tuple[str, bool, list[tuple[str, str | None]]]]:
    for (role, is_grantable), each in itertools.groupby(
        sorted(privileges), key=lambda privilege: (privilege.role, privilege.is_grantable)
    ):
        yield role, is_grantable, [(privilege.name, privilege.column or None) for privilege in each]
