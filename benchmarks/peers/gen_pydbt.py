"""pydbt: one @Task(materialized="table") a model, written with the DataFrame; ttl_minutes skips the second run."""
from dag import *

SETTINGS = """name = "bench"
threads = {threads}

[targets.dev]
url = "duckdb:///bench.duckdb"
"""
HEAD = "from pydbt import Task\nfrom ctas import nap\n\nfrom sqlalchemy import func\n\n"

def project(out, n, threads=4):
    common(out, n)
    write(out / "pydbt.toml", SETTINGS.format(threads=threads))

def model(i, name, parents):
    """The DataFrame program of model i: the same rows as `select`'s."""
    if not parents:
        return f'@Task(materialized="table", ttl_minutes=600)\ndef {name}(session):\n    seed = session.table("seed")\n    return seed.select(seed.id, v=(seed.v + 7) % 1000)\n'
    first, *rest = parents
    joins = "".join(f'.join({p}, "id", suffix="_{k}")' for k, p in enumerate(rest, 1))
    total = " + ".join(["t.v"] + [f"t.v_{k}" for k, _ in enumerate(rest, 1)])
    return (f'@Task(materialized="table", ttl_minutes=600)\ndef {name}({", ".join(parents)}):\n'
            f"    t = {first}{joins}\n    return t.select(t.id, v=({total} + 7) % 1000)\n")

def generate(out, n):
    project(out, n)
    write(out / "models/pipeline.py", HEAD + "\n".join(model(i, m, ps) for i, (m, ps) in enumerate(dag(n))))

def generate_tasks(out, kind, n):
    project(out, n)
    write(out / "models/pipeline.py", HEAD + "\n".join(f"@Task(depends_on=[{', '.join(ps)}])\ndef {t}():\n    pass\n" for t, ps in tasks(kind, n)))

def generate_sleep(out):
    project(out, 8)
    write(out / "models/pipeline.py", HEAD + "\n".join(
        f"@Task(depends_on=[{', '.join(ps)}])\ndef {t}():\n    nap({t!r}, {s})\n" for t, ps, s in sleep_dag()))

RESET = "rm -rf .pydbt bench.duckdb*; cp seed.duckdb bench.duckdb"
RESET_TASKS = "rm -rf .pydbt"
STARTUP = {"--help": "{bin}/pydbt --help", "import": "{bin}/python -c 'import pydbt'", "import click": "{bin}/python -c 'import click'"}
RUN = CACHED = TASKS = "{bin}/pydbt run"
VARIANTS = {"threads 1": "{bin}/pydbt run --threads 1", "threads 2": "{bin}/pydbt run --threads 2", "serial": "{bin}/pydbt run --executor serial"}
PARSE = {"pydbt ls": "{bin}/pydbt ls", "pydbt plan": "{bin}/pydbt plan"}
CHANGE_FILE = "models/pipeline.py"
