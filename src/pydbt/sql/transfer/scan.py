"""SQL text that a user wrote, looked through once: what is quoted, what it names, whether it is one query."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydbt.errors import NotAQueryError, nearest, user_location

# Quoted pieces and comments first: nothing inside them counts. A name right behind a quote, a bracket
# or another colon is no parameter: ``{'a':x}``, ``x::int``.
_TOKENS = re.compile(
    r"""
      (?P<text>    [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' )
    | (?P<dollar>  (?<![\w$])\$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
    | (?P<quoted>  "(?:[^"]|"")*" | `(?:[^`]|``)*` )
    | (?P<line>    --[^\n]* )
    | (?P<comment> /\*.*?\*/ )
    | (?P<open>    ['"`] | /\* )
    | (?P<double>  :: | := )
    | (?P<value>   (?<![\w)\]'":]):(?P<name>[^\W\d]\w*) )
    | (?P<word>    [^\W\d][\w$]* )
    | (?P<sign>    [();:] )
    """,
    re.VERBOSE | re.DOTALL,
)
_QUERIES = frozenset({"select", "with", "values", "table", "from", "pivot", "unpivot", "show", "describe"})


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a text of SQL holds.

    Args:
        text: The text as SQLAlchemy's ``text()`` reads it rightly: other colons are escaped.
        parameters: The names after a colon, in order, each once.
        words: All names in it, in small letters.
    """

    text: str
    parameters: tuple[str, ...]
    words: frozenset[str]


def scan(text: str) -> Scanned:
    """Read one query.

    Raises:
        NotAQueryError: It is no query, more than one, or a quote, a bracket or a comment does not end.

    >>> made = scan("select ':a', b::int from t where c > :least -- :no")
    >>> made.parameters, sorted(made.words)
    (('least',), ['b', 'c', 'from', 'int', 'select', 't', 'where'])
    """
    if not isinstance(text, str) or not text.strip():
        raise _refused(f"{text!r} is no SQL", 'write a query: session.sql("SELECT * FROM games")')
    if "\x00" in text:
        raise _refused("the SQL holds a NUL character", "take it out")
    scanning = _Scanning()
    last = 0
    for found in _TOKENS.finditer(text):
        scanning.add_blank(text[last : found.start()])
        scanning.add(found)
        last = found.end()
    scanning.add_blank(text[last:])
    return scanning.finished()


@dataclass(slots=True)
class _Scanning:
    pieces: list[str] = field(default_factory=list)
    parameters: dict[str, None] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    depth: int = 0
    has_ended: bool = False

    def add_blank(self, text: str) -> None:
        """What stands between the tokens: operators, numbers, spaces."""
        if text.strip():
            self._check_open()
        self.pieces.append(text)

    def add(self, found: re.Match[str]) -> None:
        """One piece."""
        piece = found[0]
        if piece.startswith(("--", "/*")) and found["open"] is None:
            self.pieces.append("\n")  # What follows on its line would be lost.
        elif piece == ";":
            self._end()
        else:
            self._check_open()
            self._add_token(found, piece)

    def _add_token(self, found: re.Match[str], piece: str) -> None:
        if found["open"] is not None:
            raise _refused(f"what begins with {piece} does not end", "close the quote or the comment")
        self.depth += {"(": 1, ")": -1}.get(piece, 0)
        if self.depth < 0:
            raise _refused("a bracket is closed that was not opened", "look at the brackets")
        if found["value"] is not None:
            self.parameters[found["name"]] = None
        else:
            piece = piece.replace(":", "\\:")
        self.pieces.append(piece)
        if found["word"] is not None or found["quoted"] is not None:
            self.words.append(found[0].strip('"`').lower())

    def _end(self) -> None:
        if self.depth:
            raise _refused("a semicolon stands inside brackets", "give one query")
        self.has_ended = True

    def _check_open(self) -> None:
        if self.has_ended:
            raise _refused(
                "the SQL has more than one statement",
                "give one query; other statements run with session.engine.begin()",
            )

    def finished(self) -> Scanned:
        """All of it, when nothing is left open."""
        if self.depth:
            raise _refused("a bracket is not closed", "look at the brackets")
        if not self.words or self.words[0] not in _QUERIES:
            told = self.words[0].upper() if self.words else "no word"
            near = nearest(told.lower(), _QUERIES)
            hint = f"did you mean {near[0].upper()}?" if near else _READS
            raise _refused(f"the SQL begins with {told}, and that is no query", hint)
        return Scanned("".join(self.pieces).strip(), tuple(self.parameters), frozenset(self.words))


_READS = "session.sql() reads; what changes the database runs with session.engine.begin()"


def _refused(what: str, hint: str) -> NotAQueryError:
    return NotAQueryError(what, where=user_location(), hint=hint)
