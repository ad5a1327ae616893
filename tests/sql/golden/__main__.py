"""Write the golden files anew: ``python -m tests.sql.golden``. Read what changed before it is committed."""

from __future__ import annotations

import sys

from tests.sql.golden.programs import FOLDER, URLS, written

for dialect in URLS:
    path = FOLDER / f"{dialect}.sql"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    now = written(dialect)
    path.write_text(now, encoding="utf-8")
    sys.stdout.write(f"{path.name}: {'as it was' if now == before else 'written'}\n")
