"""``python -m tests.docs.record PAGE...``: write into pages what really comes, where they show output.

Look at the difference before it is committed: what comes is not always what should. A page that needs
PostgreSQL takes its URL from ``DATABASE_URL``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.playing import played


def recorded(text: str) -> str:
    """The page with its output as it came."""
    with tempfile.TemporaryDirectory() as folder:
        for shown in sorted(played(text, Path(folder), {}), key=lambda each: each.start, reverse=True):
            if not shown.is_right:
                text = text[: shown.start] + shown.got + text[shown.end :]
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(recorded(page.read_text(encoding="utf-8")), encoding="utf-8")
