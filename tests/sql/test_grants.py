"""Who may do what with what is published: as it is declared, or as it was; asked with roles that are real."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import GrantError
from pydbt.sql.grants import Granted
from pydbt.sql.materialize import publish
from pydbt.sql.statements import statements
from tests.sql.test_materialize import one, rows, tables

_HELD = sa.text(
    "SELECT coalesce(r.rolname, 'public'), lower(x.privilege_type), a.name, x.is_grantable"
    " FROM pg_class c, LATERAL (SELECT '' AS name, c.relacl AS acl UNION ALL SELECT attname, attacl"
    " FROM pg_attribute WHERE attrelid = c.oid) a, aclexplode(a.acl) x"
    " LEFT JOIN pg_roles r ON r.oid = x.grantee"
    " WHERE c.relname = :name AND x.grantee <> c.relowner"
)


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty PostgreSQL database."""
    yield engine_from(postgresql_url)
    dispose_all()


@pytest.fixture
def role(engine: Engine) -> Iterator[str]:
    """A role of this test's own that may log in; the server's, so it goes with the test."""
    name = f"test_{secrets.token_hex(6)}"
    run(engine, f"CREATE ROLE {name} LOGIN", f"GRANT USAGE ON SCHEMA public TO {name}")
    yield name
    run(engine, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def run(engine: Engine, *texts: str) -> None:
    with engine.begin() as connection:
        for text in texts:
            connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def put(engine: Engine, grants: dict[str, tuple[str, ...]], name: str = "t", **how: Any) -> None:
    publish(engine, one(n=1, m="a"), name, steps=Granted(statements, grants), **how)


def held(engine: Engine, name: str = "t") -> set[tuple[Any, ...]]:
    """What roles other than the owner may do: role, privilege, column, whether they may grant it."""
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(_HELD, {"name": name})}


def owner(engine: Engine, name: str = "t") -> Any:
    with engine.connect() as connection:
        asked = sa.text("SELECT relowner::regrole::text FROM pg_class WHERE relname = :name")
        return connection.execute(asked, {"name": name}).scalar()


def as_role(engine: Engine, role: str) -> Engine:
    return engine_from(engine.url.set(username=role).render_as_string(hide_password=False))


def test_what_is_declared_is_all_that_holds(engine: Engine, role: str) -> None:
    """Whatever the database gives to new tables, and whatever somebody has granted by hand since."""
    run(engine, f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO {role}, PUBLIC")
    put(engine, {"select": (role,)})
    first = held(engine)
    run(
        engine,
        f"GRANT SELECT ON t TO {role} WITH GRANT OPTION",
        f"GRANT UPDATE (n) ON t TO {role}",
        f"SET ROLE {role}",
        "GRANT SELECT ON t TO pg_monitor",
        "RESET ROLE",
    )
    put(engine, {"select": (role, "pg_monitor"), "delete": (role,)}, mode="append")
    second = held(engine)
    put(engine, {"select": ("public",)}, kind="view")
    third = held(engine)
    put(engine, {})

    assert first == {(role, "select", "", False)}
    assert second == {(who, "select", "", False) for who in (role, "pg_monitor")} | {
        (role, "delete", "", False)
    }
    assert (third, held(engine)) == ({("public", "select", "", False)}, set())


def test_what_was_granted_by_hand_stays_where_nothing_is_declared(engine: Engine, role: str) -> None:
    """Of a table, a view, a table that becomes one; new tables' own privileges do not come to it."""
    publish(engine, one(n=1, m="a"), "t")
    run(
        engine,
        f"GRANT SELECT, DELETE ON t TO {role} WITH GRANT OPTION",
        "GRANT INSERT (n), UPDATE (m, n) ON t TO PUBLIC",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT TRUNCATE ON TABLES TO {role}, PUBLIC",
    )
    before = held(engine)
    seen = []
    for select, kind in ((one(n=2, m="b"), "table"), (one(m="c", n=3), "view"), (one(n=1, m=4), "view")):
        publish(engine, select, "t", kind=kind)  # type: ignore[arg-type]  # one of its kinds
        seen.append(held(engine))

    assert (len(before), seen) == (5, [before] * 3)


def test_a_table_that_becomes_a_view_is_its_maker_s(engine: Engine, role: str) -> None:
    """A view's owner has to be let into what it reads; who owned the table can read the view."""
    publish(engine, one(n=1, m="a"), "raw")
    publish(engine, one(n=1, m="a"), "t")
    run(engine, f"GRANT CREATE ON SCHEMA public TO {role}", f"ALTER TABLE t OWNER TO {role}")

    publish(engine, sa.select(sa.column("n"), sa.column("m")).select_from(sa.table("raw")), "t", kind="view")

    assert (owner(engine), rows(as_role(engine, role), "t", "n")) == ("postgres", [(1,)])


def test_a_column_that_is_gone_takes_its_grants_along(engine: Engine, role: str) -> None:
    """What was granted of the others stays."""
    publish(engine, one(n=1, m="a"), "t")
    run(engine, f"GRANT SELECT (n), SELECT (m) ON t TO {role}")

    publish(engine, one(n=1), "t")

    assert held(engine) == {(role, "select", "n", False)}


def test_a_role_reads_all_the_time(engine: Engine, role: str) -> None:
    """Also in the instant in which the new version takes the name; declared, and granted by hand."""
    publish(engine, one(n=1, m="a"), "kept")
    run(engine, f"GRANT SELECT ON kept TO {role}")
    put(engine, {"select": (role,)}, "told")
    reader, is_over, refused = as_role(engine, role), threading.Event(), []

    def read() -> None:
        with reader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not is_over.is_set():
                for name in ("kept", "told"):
                    try:
                        seen = connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()
                    except DBAPIError as error:
                        seen = str(error)
                    if seen != 1:
                        refused.append(seen)

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(10):
        publish(engine, one(n=1, m="a"), "kept")
        put(engine, {"select": (role,)}, "told")
    is_over.set()
    thread.join()

    assert refused == []


@pytest.mark.parametrize("name", ['ro"le', "current_user", "Ro le %s", ":x", "a.b; --", "user@host", "é\\"])
def test_a_role_is_named_as_it_is(engine: Engine, name: str) -> None:
    """Whatever SQL or a driver would make of it."""
    quoted = '"' + name.replace('"', '""') + '"'
    run(engine, f"CREATE ROLE {quoted}")
    try:
        put(engine, {"select": (name,)})
        first = held(engine)
        put(engine, {"insert": (name,)})
        assert (first, held(engine)) == ({(name, "select", "", False)}, {(name, "insert", "", False)})
    finally:
        run(engine, f"DROP OWNED BY {quoted}", f"DROP ROLE {quoted}")


def test_an_unknown_role_stops_it_before_anything_is_done(engine: Engine, role: str) -> None:
    """It is named, with the one that is nearest; the rows stay as they were."""
    publish(engine, one(n=7, m="a"), "t")

    with pytest.raises(GrantError, match=f"the role '{role}x', which the database does not have") as caught:
        put(engine, {"select": (role, f"{role}x")})

    assert (rows(engine, "t", "n"), tables(engine), role in caught.value.hint) == ([(7,)], {"t"}, True)


def test_a_new_version_has_the_owner_of_the_old_one(engine: Engine, role: str) -> None:
    """And what others may do with it; whoever publishes keeps what the owner's are given."""
    publish(engine, one(n=1, m="a"), "t")
    run(engine, f"GRANT CREATE ON SCHEMA public TO {role}", f"ALTER TABLE t OWNER TO {role}")
    run(engine, "GRANT SELECT ON t TO PUBLIC")

    publish(engine, one(n=2, m="b"), "t")
    seen = (owner(engine), held(engine))
    put(engine, {"select": ("pg_monitor", role)})

    assert seen == (role, {("public", "select", "", False)})
    assert (owner(engine), held(engine)) == (role, {("pg_monitor", "select", "", False)})


def test_an_owner_whose_tables_one_may_not_make_goes_on_reading(engine: Engine, role: str) -> None:
    """Whoever owns the schema may drop what others made there, and not make anything theirs."""
    publish(engine, one(n=1, m="a"), "t")
    other = f"{role}_other"
    run(
        engine,
        f"CREATE ROLE {other} LOGIN",
        f"ALTER TABLE t OWNER TO {other}",
        f"ALTER SCHEMA public OWNER TO {role}",
    )
    run(engine, f"GRANT SELECT ON t TO {role}")

    publish(as_role(engine, role), one(n=2, m="b"), "t")

    found = {(who, privilege) for who, privilege, _column, _grantable in held(engine)}
    assert (owner(engine), (other, "select") in found, (other, "delete") in found) == (role, True, True)
    run(
        engine,
        "ALTER SCHEMA public OWNER TO pg_database_owner",
        f"DROP OWNED BY {other}",
        f"DROP ROLE {other}",
    )


def test_who_publishes_for_a_group_leaves_the_table_the_group_s(engine: Engine, role: str) -> None:
    """A member may give a table to it, and then goes on with what is the group's."""
    publish(engine, one(n=1, m="a"), "t")
    group = f"{role}_group"
    run(engine, f"CREATE ROLE {group}", f"GRANT {group} TO {role}", f"ALTER TABLE t OWNER TO {group}")
    run(engine, f"GRANT CREATE ON SCHEMA public TO {group}, {role}", "GRANT SELECT ON t TO pg_monitor")

    publish(as_role(engine, role), one(n=2, m="b"), "t")
    seen = held(engine)
    put(as_role(engine, role), {"insert": ("pg_monitor",)})

    assert (owner(engine), seen) == (group, {("pg_monitor", "select", "", False)})
    assert (owner(engine), held(engine)) == (group, {("pg_monitor", "insert", "", False)})
    run(engine, f"DROP OWNED BY {group}", f"DROP ROLE {group}")


# MariaDB: privileges belong to a name, and each GRANT commits.


@pytest.fixture
def mariadb(mysql_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty MariaDB database."""
    yield engine_from(mysql_url)
    dispose_all()


@pytest.fixture
def users(mariadb: Engine) -> Iterator[tuple[str, str]]:
    """A role, and a user whom nobody would call so."""
    role, user = f"test_{secrets.token_hex(6)}", f"o'x`%s@{secrets.token_hex(6)}@localhost"
    quoted = f"`{user.rpartition('@')[0].replace('`', '``')}`@localhost"
    run(mariadb, f"CREATE ROLE {role}", f"CREATE USER {quoted}")
    yield role, user
    run(mariadb, f"DROP ROLE {role}", f"DROP USER {quoted}")


def of_name(engine: Engine, name: str = "t") -> set[tuple[Any, ...]]:
    asked = sa.text(
        "SELECT user, lower(table_priv) FROM mysql.tables_priv WHERE db = database() AND table_name = :name"
    )
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(asked, {"name": name})}


def test_what_is_declared_is_all_that_holds_on_mariadb(mariadb: Engine, users: tuple[str, str]) -> None:
    """Of a table, in each way to publish it, and of the view that it becomes."""
    role, user = users
    name = user.rpartition("@")[0]
    put(mariadb, {"select": (role, user), "insert": (role,)})
    first = of_name(mariadb)
    run(mariadb, f"GRANT ALL PRIVILEGES ON t TO {role} WITH GRANT OPTION", f"GRANT SELECT (n) ON t TO {role}")
    run(mariadb, "GRANT SELECT ON t TO PUBLIC")
    put(mariadb, {"select": (role,)}, mode="append")
    second = of_name(mariadb)
    put(mariadb, {"select": (user, "public")}, kind="view")
    third = of_name(mariadb)
    put(mariadb, {})

    assert first == {(role, "select,insert"), (name, "select")}
    assert (second, third) == ({(role, "select")}, {(name, "select"), ("PUBLIC", "select")})
    assert of_name(mariadb) == set()


def test_what_mariadb_does_not_know_stops_it_before_anything_is_done(
    mariadb: Engine, users: tuple[str, str]
) -> None:
    """GRANT would make a user of the name; TRUNCATE is no privilege there."""
    role, _user = users
    refused: list[tuple[dict[str, tuple[str, ...]], str]] = [
        ({"select": (role, f"{role}x")}, f"the role '{role}x', which the database does not have"),
        ({"truncate": (role,)}, "'truncate', which is no privilege of mysql"),
    ]
    for grants, told in refused:
        with pytest.raises(GrantError, match=told):
            put(mariadb, grants)

    with mariadb.connect() as connection:
        asked = sa.text("SELECT count(*) FROM mysql.user WHERE user = :name")
        made = connection.execute(asked, {"name": f"{role}x"}).scalar()
    assert (made, tables(mariadb)) == (0, set())


def test_who_may_not_see_the_grants_of_mariadb_declares_none(mariadb: Engine, users: tuple[str, str]) -> None:
    """What one cannot see one cannot take away: it is told before anything is done."""
    role, user = users
    quoted = f"`{user.rpartition('@')[0].replace('`', '``')}`@localhost"
    run(mariadb, f"GRANT ALL ON `{mariadb.url.database}`.* TO {quoted} WITH GRANT OPTION")
    limited = as_role(mariadb, user.rpartition("@")[0])

    with pytest.raises(DBAPIError, match=r"denied to user .* for table `mysql`\.`user`"):
        put(limited, {"select": (role,)})

    assert tables(mariadb) == set()


def test_what_was_granted_by_hand_stays_on_mariadb(mariadb: Engine, users: tuple[str, str]) -> None:
    """It is the name's."""
    publish(mariadb, one(n=1, m="a"), "t")
    run(mariadb, f"GRANT SELECT, UPDATE ON t TO {users[0]}")

    publish(mariadb, one(n=2, m="b"), "t")

    assert (of_name(mariadb), rows(mariadb, "t", "n")) == ({(users[0], "select,update")}, [(2,)])
