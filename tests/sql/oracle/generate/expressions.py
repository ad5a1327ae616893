"""Random expressions that are valid over the columns there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from tests.sql.oracle.generate.choices import Choices, Known, Typed
from tests.sql.oracle.program import Call, Col, Key, Lit, Right
from tests.sql.oracle.values import LARGEST, NUMBERS, PARTS, PATTERNS, POOLS, WIDEST

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
EXACT = ("int", "long", "decimal", "float")
_WHOLE = ("int", "long")
_SMALL = 1_000
_BEYOND_32_BITS = 2**40


class Expressions:
    """Makes expressions over some columns.

    Args:
        choices: Who decides.
        columns: What is there.
        earlier: The columns of earlier frames: a column that is still there may be taken from one of them.
        is_right: The columns are the right side's, in the condition of a join.
    """

    def __init__(
        self,
        choices: Choices,
        columns: Sequence[Known],
        earlier: Sequence[Sequence[Known]] = (),
        *,
        is_right: bool = False,
    ) -> None:
        self.choices = choices
        self.columns = columns
        self.earlier = earlier
        self.is_right = is_right

    def reference(self, known: Known) -> Any:
        """The column, at times taken from an earlier frame."""
        if self.is_right:
            return Right(known.name)
        if self.earlier and self.choices.chance(12):
            places = [
                (number, other.name)
                for number, frame in enumerate(self.earlier)
                for other in frame
                if other.identity == known.identity
            ]
            if places:
                return Col(known.name, self.choices.pick(places))
        return Col(known.name)

    def of(self, kinds: Iterable[str]) -> list[Known]:
        """The columns of these kinds."""
        return [known for known in self.columns if known.kind in kinds]

    def leaf(self, kinds: Sequence[str]) -> Typed:
        """A column of one of these kinds, or a value where there is none."""
        found = self.of(kinds)
        values = [kind for kind in kinds if kind in POOLS]
        if found and not (values and self.choices.chance(6)):
            known = self.choices.pick(found)
            return Typed(self.reference(known), known.kind, known.bound)
        return self.literal(self.choices.pick(values))

    def literal(self, kind: str) -> Typed:
        """A value of a kind."""
        value = self.choices.pick(POOLS[kind])
        return Typed(Lit(value, kind), kind, bound_of(value))

    def fit(self, made: Typed, limit: int) -> Typed:
        """The number, kept below a limit where it may be above."""
        if made.bound <= limit:
            return made
        if made.kind in _WHOLE and self.choices.chance(70):
            return Typed(Call("%", (made.expr, Lit(_SMALL, "int"))), made.kind, _SMALL)
        ends = Lit(_value(made.kind, -_SMALL), made.kind), Lit(_value(made.kind, _SMALL), made.kind)
        is_small = Call("between", (made.expr, *ends))
        return Typed(Call("case", (is_small, made.expr)), made.kind, _SMALL)

    def number(self, depth: int = 1) -> Typed:  # noqa: C901, PLR0911  one form each
        """A number that is exact."""
        form = self.choices.below(21) if depth else 0
        one = self.leaf(EXACT)
        if form <= 2:
            return one
        if form <= 8:
            return self._arithmetic(form, one)
        if form == 9:
            return self._same(one, self.leaf([one.kind]), "coalesce")
        if form == 10:
            other = self.number(depth - 1)
            other = other if other.kind == one.kind else self.leaf([one.kind])
            return self._case(one, other, depth)
        if form == 11:
            return self._same(one, self.leaf([one.kind]), "nullif")
        if form >= 19:
            return self._whole(one, depth)
        if form >= 16:
            return self._counted(form, one, depth)
        if form == 12:
            return Typed(Call("length", (self.text(depth - 1).expr,)), "long", 200)
        if form == 13:
            one = self.fit(self.leaf(_WHOLE), LARGEST["float"])
            return Typed(Call("as_float", (one.expr,)), "float", one.bound)
        if form == 14:
            one = self.leaf(["float"])
            return Typed(Call("floor", (one.expr,)), "float", one.bound + 1)
        one = self.fit(one, WIDEST[one.kind])
        return Typed(Call(self.choices.pick(("neg", "abs")), (one.expr,)), one.kind, one.bound)

    def _whole(self, one: Typed, depth: int) -> Typed:
        """Functions of whole numbers, and those that make them."""
        name = self.choices.pick(("round", "ceil", "trunc", "bitwise", "not", "ascii", "of_day", "of_time"))
        if name == "ascii":
            return Typed(Call(name, (self.text(depth - 1).expr,)), "long", 2**21)
        if name.startswith("of_"):
            of_time, of_day = ("hour", "minute", "second"), ("quarter", "week", "day_of_week", "day_of_year")
            kind = "moment" if name == "of_time" else self.choices.pick(("date", "moment"))
            part = self.choices.pick(of_time if name == "of_time" else of_day)
            return Typed(Call(part, (self.moment(kind, depth - 1).expr,)), "long", 400)
        if name in {"bitwise", "not"}:
            one = self.leaf(_WHOLE)
            if name == "not":
                return Typed(Call("bitwise_not", (one.expr,)), one.kind, one.bound + 1)
            other = self.leaf([one.kind])
            sign = self.choices.pick(("bitwise_and", "bitwise_or", "bitwise_xor"))
            return Typed(Call(sign, (one.expr, other.expr)), one.kind, 2 * max(one.bound, other.bound))
        one = self.fit(self.leaf(("decimal", "float")), 10**6)
        if name != "round":
            return Typed(Call(name, (one.expr,)), one.kind, one.bound + 1)
        if self.choices.chance(40):
            one = self.fit(self.leaf(_WHOLE), 10**6)
        digits = -1 if one.kind in _WHOLE else 0
        return Typed(Call(name, (one.expr, Lit(digits, "int"))), one.kind, one.bound + 10)

    def _counted(self, form: int, one: Typed, depth: int) -> Typed:
        """Functions that count, of texts and days; and the greatest of numbers."""
        if form == 16:
            return self._same(one, self.leaf([one.kind]), self.choices.pick(("greatest", "least")))
        if form == 17:
            part = Lit(self.choices.pick(PARTS), "text")
            return Typed(Call("strpos", (self.text(depth - 1).expr, part)), "long", 200)
        kind = self.choices.pick(("date", "moment"))
        name = self.choices.pick(("year", "month", "day", "diff_days", "diff_months", "sign"))
        if name == "sign":
            return Typed(Call(name, (one.expr,)), "int", 1)
        args = [self.moment(kind, depth - 1).expr]
        if name.startswith("diff"):
            args.append(self.leaf([kind]).expr)
        return Typed(Call(name, tuple(args)), "long", 10**5)

    def upon(self, one: Typed) -> Typed:
        """Arithmetic that another order of its signs would change, with this number in it."""
        sign = self.choices.pick(("*", "-", "%", "//", "neg"))
        if sign == "neg":
            one = self.fit(one, WIDEST[one.kind])
            return Typed(Call(sign, (one.expr,)), one.kind, one.bound)
        if sign != "-":
            return self._calculated(sign, one)
        one, other = self.fit(one, 10**6), self.fit(self.leaf([one.kind]), 10**6)
        return Typed(Call(sign, (other.expr, one.expr)), one.kind, one.bound + other.bound)

    def _arithmetic(self, form: int, one: Typed) -> Typed:
        return self._calculated(("+", "-", "*", "//", "%", "+")[form - 3], one)

    def _calculated(self, sign: str, one: Typed) -> Typed:
        other = self.leaf(EXACT) if self.choices.chance(50) else self._small(one.kind)
        if {one.kind, other.kind} == {"decimal", "float"} and Lit in {type(one.expr), type(other.expr)}:
            other = self._small(one.kind)  # A float by itself would be read as the decimal that it is beside.
        if sign in {"//", "%"}:
            return self._floored(sign, one, other)
        if sign == "*":
            other = self._small("int")
        one, other = self.fit(one, 10**6), self.fit(other, 10**6)
        bound = one.bound * other.bound if sign == "*" else one.bound + other.bound
        kind = max(one.kind, other.kind, key=EXACT.index)
        if bound > WIDEST[kind]:
            return one
        return Typed(Call(sign, (one.expr, other.expr)), kind, bound)

    def _floored(self, sign: str, one: Typed, other: Typed) -> Typed:
        # At the very end of a type's range its databases run over on the way; a value has 32 bits if it can.
        is_short = one.kind == "int" or isinstance(one.expr, Lit)
        one, other = self.fit(one, 10**9 if is_short else 2**60), self.fit(other, 10**6)
        if one.kind in _WHOLE and other.kind in _WHOLE:
            if sign == "//":
                return Typed(Call(sign, (one.expr, other.expr)), "long", one.bound + 1)
            return Typed(Call(sign, (one.expr, other.expr)), one.kind, other.bound)
        one = self.fit(one, 10**6)
        bound = one.bound * 8 + 1 if sign == "//" else other.bound + 1
        return Typed(Call(sign, (one.expr, other.expr)), "float", bound)

    def ratio(self) -> Typed:
        """A true division: as exact as a float is, the same everywhere, but no longer summed exactly."""
        one, other = (self.fit(self.leaf(EXACT), 10**6) for _ in range(2))
        return Typed(Call("/", (one.expr, other.expr)), "ratio", one.bound * 8)

    def _small(self, kind: str) -> Typed:
        value = _value(kind, self.choices.pick((2, 1, 3, -2, -3, 7, 10)))
        return Typed(Lit(value, kind), kind, 10)

    def _same(self, one: Typed, other: Typed, name: str) -> Typed:
        return Typed(Call(name, (one.expr, other.expr)), one.kind, max(one.bound, other.bound))

    def _case(self, one: Typed, other: Typed, depth: int) -> Typed:
        args = [self.condition(depth - 1), one.expr, other.expr]
        if self.choices.chance(30):
            args = [*args[:2], self.condition(depth - 1), *args[2:]]
            if self.choices.chance(50):
                args.append(one.expr)
        elif self.choices.chance(20):
            args.pop()
        return Typed(Call("case", tuple(args)), one.kind, max(one.bound, other.bound))

    def text(self, depth: int = 1) -> Typed:  # noqa: C901, PLR0911  one form each
        """A text."""
        form = self.choices.below(16) if depth else 0
        one = self.leaf(["text"])
        if form <= 1:
            return one
        if form == 2:
            return self._text("+", one, self.leaf(["text"]).expr)
        if form == 3:
            return self._text(self.choices.pick(("lower", "trim")), one)
        if form == 4:
            ends = Lit(self.choices.below(3) + 1, "int"), Lit(self.choices.below(4), "int")
            return self._text("substr", one, *ends)
        if form == 5:
            parts = (Lit(self.choices.pick(PARTS), "text") for _ in range(2))
            return self._text("replace", one, *parts)
        if form == 6:
            return self._text("coalesce", one, self.leaf(["text"]).expr)
        if form == 7:
            return self._text("nullif", one, self.literal("text").expr)
        if form == 8:
            return self._case(one, self.leaf(["text"]), depth)
        if form == 11:
            return self._text("reverse", one) if self.choices.chance(50) else self._text("upper", _plain(one))
        if form == 12:
            name = self.choices.pick(("left", "right"))
            return self._text(name, one, Lit(self.choices.pick((1, 2, 0, -1, 5)), "int"))
        if form >= 13:
            return self._built(one)
        known = self.of(("int", "long", "date"))
        if form == 9 and known:
            return Typed(Call("as_text", (self.reference(self.choices.pick(known)),)), "text")
        return self._text("+", one, self.literal("text").expr)

    def _built(self, one: Typed) -> Typed:
        """Functions that make a text longer or shorter."""
        name = self.choices.pick(
            ("lpad", "rpad", "ltrim", "rtrim", "repeat", "split_part", "concat_ws", "md5")
        )
        if name == "concat_ws":
            sign = Lit(self.choices.pick(("-", "", ", ")), "text")
            return Typed(Call(name, (sign, one.expr, self.leaf(["text"]).expr)), "text")
        if name == "md5":
            return self._text(name, one)
        if name in {"lpad", "rpad"}:
            fill = Lit(self.choices.pick(("*", "ab", "é", " ")), "text")
            return self._text(name, one, Lit(self.choices.pick((3, 0, 1, 6)), "int"), fill)
        if name == "repeat":
            return self._text(name, one, Lit(self.choices.pick((2, 0, 1, 3, -1)), "int"))
        part = Lit(self.choices.pick(("a", " ", "b", "%", "\\")), "text")
        if name == "split_part":
            return self._text(name, one, part, Lit(self.choices.pick((1, 2, -1, 3, -2)), "int"))
        return self._text(name, one, part)

    def _text(self, name: str, one: Typed, *others: Any) -> Typed:
        return Typed(Call(name, (one.expr, *others)), "text")

    def moment(self, kind: str, depth: int = 1) -> Typed:
        """A date, or a date with time."""
        form = self.choices.below(6) if depth else 0
        one = self.leaf([kind])
        if form <= 1:
            return one
        if form == 2:
            return self._same(one, self.leaf([kind]), "coalesce")
        if form == 3:
            return self._case(one, self.leaf([kind]), depth)
        if form == 4:
            name = self.choices.pick(("add_days", "add_months"))
            count = Lit(self.choices.pick((1, -1, 0, 12, 30)), "int")
            return Typed(Call(name, (one.expr, count)), kind)
        if kind == "date" and self.choices.chance(25):
            return Typed(Call("date", (self.leaf(["moment"]).expr,)), kind)
        name = "last_day" if kind == "date" and self.choices.chance(50) else "month_begin"
        return Typed(Call(name, (one.expr,)), kind)

    def any(self, depth: int = 1) -> Typed:
        """Anything that may be a column."""
        form = self.choices.below(14)
        if form <= 6:
            return self.number(depth)
        if form <= 9:
            return self.text(depth)
        if form == 10:
            return self.ratio()
        if form == 11:
            return Typed(self.condition(depth), "bool")
        return self.moment(self.choices.pick(("date", "moment")), depth)

    def of_kind(self, kind: str) -> Typed:
        """Something of a kind, as simple as can be."""
        if kind == "ratio":
            return self.ratio()
        return self.leaf([kind])

    def condition(self, depth: int = 1) -> Any:  # noqa: PLR0911  one form each
        """A condition."""
        form = self.choices.below(14)
        if depth and form >= 11:
            return self._logic(form, depth)
        if form <= 2:
            return self._compared(self.number(depth))
        if form == 3 and self.of(["ratio"]):
            return self._compared(self.leaf(["ratio"]), Typed(Lit(0.75, "float"), "float"))
        if form <= 5:
            return self._of_text(depth)
        if form <= 7:
            return self._of_moment(depth)
        if form == 8 and self.of(["bool"]):
            return self.reference(self.choices.pick(self.of(["bool"])))
        known = self.choices.pick(self.columns)
        return Call(self.choices.pick(("is_not_null", "is_null")), (self.reference(known),))

    def _logic(self, form: int, depth: int) -> Any:
        one = self.condition(depth - 1)
        if form == 11:
            return Call("not", (one,))
        return Call("or" if form == 12 else "and", (one, self.condition(depth - 1)))

    def _compared(self, one: Typed, other: Typed | None = None) -> Any:
        sign = self.choices.pick(COMPARISONS)
        if other is None:
            form = self.choices.below(6)
            if form == 0 and one.kind in POOLS:
                return self._listed(one)
            if form == 1 and one.kind in _WHOLE and self.choices.chance(20):
                return Call(sign, (one.expr, Lit(_BEYOND_32_BITS, "long")))
            other = self.literal(one.kind) if form <= 3 else self.leaf(EXACT)
        if other.kind != one.kind and "float" in {one.kind, other.kind}:
            one, other = self.fit(one, 10**6), self.fit(other, 10**6)
        if isinstance(other.expr, Lit) and self.choices.chance(15):
            one, other = other, one
        return Call(sign, (one.expr, other.expr))

    def _listed(self, one: Typed) -> Any:
        others = tuple(self.literal(one.kind).expr for _ in range(self.choices.below(3) + 1))
        if len(others) == 2 and self.choices.chance(50):
            return Call("between", (one.expr, *others))
        return Call("not_in" if self.choices.chance(40) else "in", (one.expr, *others))

    def _of_text(self, depth: int) -> Any:
        one = self.text(depth)
        form = self.choices.below(8)
        if form <= 1:
            return self._compared(one, self.literal("text"))
        if form == 2:
            return self._compared(one, self.leaf(["text"]))
        if form == 3:
            return self._listed(one)
        if form <= 5:
            name = self.choices.pick(("like", "not_like", "ilike"))
            return Call(name, (one.expr, Lit(self.choices.pick(PATTERNS), "text")))
        name = self.choices.pick(("contains", "startswith", "endswith"))
        return Call(name, (one.expr, Lit(self.choices.pick(PARTS), "text")))

    def _of_moment(self, depth: int) -> Any:
        kind = self.choices.pick(("date", "moment"))
        one = self.moment(kind, depth)
        form = self.choices.below(5)
        if form <= 1:
            return self._compared(one, self.literal(kind))
        if form == 2:
            return self._listed(one)
        other = kind if form == 3 else ("moment" if kind == "date" else "date")
        if self.of([kind]) and self.of([other]) and not isinstance(one.expr, Lit):
            known = self.choices.pick(self.of([other]))  # No value: of a date and a moment that is refused.
            return self._compared(one, Typed(self.reference(known), other))
        return self._compared(one, self.literal(kind))

    def keys(self, columns: Sequence[Known]) -> tuple[Key, ...]:
        """Keys of an order: these columns, upwards or downwards."""
        return tuple(
            Key(
                self.reference(known), descending=self.choices.chance(35), nulls_first=self.choices.chance(15)
            )
            for known in columns
        )


def equal(one: Known, other: Known) -> bool:
    """Whether two columns may be keys of a join."""
    if one.kind in NUMBERS and other.kind in NUMBERS:
        return one.kind == other.kind or (one.kind in _WHOLE and other.kind in _WHOLE)
    return one.kind == other.kind


def _plain(one: Typed) -> Typed:
    """The text without what has other capitals in some locales of PostgreSQL."""
    made = one.expr
    for letter, other in (("é", "e"), ("ß", "s")):
        made = Call("replace", (made, Lit(letter, "text"), Lit(other, "text")))
    return Typed(made, "text")


def bound_of(value: Any) -> int:
    """How large a value is; 0 where it is no number."""
    return abs(int(value)) + 1 if isinstance(value, (int, float, Decimal)) else 0


def _value(kind: str, number: int) -> Any:
    kinds: dict[str, Any] = {"decimal": Decimal, "float": float}
    return kinds.get(kind, int)(number)
