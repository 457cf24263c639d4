"""Tests as they will run: every series as long as the case, every word one that the rules know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, assert_never

from msgspec import Struct, field

from segkit.engine.conditions.reads import deciding
from segkit.errors import ConfigError, Place, Problem
from segkit.periods import epoch_day
from segkit.reports.ruletests.series import Amount, Cell, Slip, Special, numbers, words
from segkit.reports.ruletests.written import CaseFile, Given, Move, OneCase
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import METRICS, Shape, through
from segkit.ruleset.model import MAIN, RuleSet
from segkit.ruleset.scope import account_attributes
from segkit.ruleset.shape import shaped
from segkit.ruleset.suggest import did_you_mean
from segkit.yamltext import Loc, YamlDoc

GONE = Special.GONE.value
ANY = "_"
"""In an expectation: nothing is asked of this week."""
TRUE, FALSE = ("yes", "true"), ("no", "false")

Value = float | str | Special
"""Of one column in one week; truths are 1 and 0, dates epoch days."""


class Expectation(Struct, frozen=True):
    """What must be there; None in a week of which nothing is asked."""

    subject: str
    """A dimension, or a segment or flag with `member`."""
    member: bool
    weeks: tuple[str | None, ...]
    """Labels; `yes` or `no` with `member`; GONE off the roster."""


class Case(Struct, frozen=True):
    """One made-up account, week by week."""

    name: str
    where: Place
    weeks: int
    columns: Mapping[str, tuple[Value, ...]]
    on: tuple[bool, ...]
    """On the roster."""
    expected: tuple[Expectation, ...]
    moves: tuple[Move, ...] | None


def read_cases(
    doc: YamlDoc, rules: RuleSet, attributes: Mapping[str, str]
) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """Every case of a file; and what is wrong with it, then no case at all, or only odd (warnings)."""
    file, problems = shaped(CaseFile, doc, "T101")
    if file is None:
        return (), tuple(problems)
    reader = _Reader(doc, rules, Columns.of(rules, attributes))
    reader.problems += problems
    cases = [reader.case(file.given, each, ("tests", at)) for at, each in enumerate(file.tests)]
    told = tuple(dict.fromkeys(reader.problems))
    if any(problem.severity == "error" for problem in told):
        return (), told
    return tuple(case for case in cases if case is not None), told


class Columns(Struct, frozen=True):
    """What the rules read, and what else they might have."""

    read: Mapping[str, x.Metric | x.Attribute | x.Trait]
    rules: RuleSet
    kinds: Mapping[str, str]

    @classmethod
    def of(cls, rules: RuleSet, attributes: Mapping[str, str]) -> Columns:
        return cls({each.key: each for each in deciding(rules)}, rules, account_attributes(attributes))

    def known(self, key: str) -> bool:
        """Whether it exists at all."""
        bare = key.split(".")[0].split("(")[0]
        base = bare.rpartition("_")[0] if bare.endswith("d") else bare
        return bare in self.kinds or bare in self.rules.metrics or bare in METRICS or base in METRICS

    def shape(self, key: str) -> Shape:
        match self.read[key]:
            case x.Trait():
                return Shape("text")
            case x.Attribute(name=name):
                kind = self.kinds.get(name, "text")
                units = {"date": "date", "moment": "date", "flag": "truth", "text": "text"}
                return Shape(units.get(kind, "number"))
            case x.Metric(name=name, view=view):
                custom = self.rules.metrics.get(name)
                if custom is not None:
                    return Shape(custom.unit) if view is None else Shape("number")
                spec = METRICS[name]
                return through(view, spec.kind, Shape(spec.unit, spec.low, spec.high))
            case each:
                assert_never(each)


class _Reader(Struct):
    doc: YamlDoc
    rules: RuleSet
    columns: Columns
    problems: list[Problem] = field(default_factory=list)

    def say(
        self, code: str, what: str, loc: Loc, hint: str | None = None, *, key: bool = False, odd: bool = False
    ) -> None:
        where = self.doc.place(loc, key=key)
        self.problems.append(Problem(code, what, where, hint, "warning" if odd else "error"))

    def slip(self, code: str, slip: Slip, loc: Loc) -> None:
        """At the very word, where the series is a text."""
        where = self.doc.place(loc)
        mark = self.doc.values.get(loc)
        if mark is not None and isinstance(self._value(loc), str):
            line, column = self.doc.characters(loc)[slip.at]
            where = self.doc.at(line, column, slip.width)
        self.problems.append(Problem(code, slip.what, where, slip.hint))

    def _value(self, loc: Loc) -> Any:
        value = self.doc.value
        for part in loc:
            value = value[part]
        return value

    def case(self, given: Given, written: OneCase, loc: Loc) -> Case | None:
        before = len([each for each in self.problems if each.severity == "error"])
        found: dict[str, tuple[Loc, tuple[Any, ...]]] = {}
        for part, inside in ((given, ("given",)), (written, loc)):
            found |= dict(self._columns(part, inside))
        expected = list(self._expected(written, (*loc, "expect")))
        lengths = [(at, len(cells)) for at, cells in found.values()]
        lengths += [(at, len(each)) for at, _, _, each in expected if not isinstance(each, dict)]
        weeks = written.weeks or max([length for _, length in lengths], default=1)
        for at, length in lengths:
            if length not in (1, weeks):
                what = f"this is {length} weeks long, the case {weeks}"
                self.say("T104", what, at, "one value stands for all weeks; or give every week a value")
        if len([each for each in self.problems if each.severity == "error"]) > before:
            return None
        rows = {key: _stretched(cells, weeks) for key, (_, cells) in found.items()}
        on = tuple(not any(cells[week] is Special.GONE for cells in rows.values()) for week in range(weeks))
        told = tuple(
            Expectation(subject, member, _by_week(each, weeks)) for _, subject, member, each in expected
        )
        self._moves(written, weeks, (*loc, "expect", "moves"))
        return Case(
            written.name, self.doc.place((*loc, "name")), weeks, rows, on, told, _tuple(written.expect.moves)
        )

    # --- what is given ---

    def _columns(self, part: Given, loc: Loc) -> Iterator[tuple[str, tuple[Loc, tuple[Value, ...]]]]:
        traits = {f"trait({name})": value for name, value in part.traits.items()}
        for section, said in (("metrics", part.metrics), ("attributes", part.attributes), ("traits", traits)):
            for key, value in said.items():
                written = key[6:-1] if section == "traits" else key
                at = (*loc, section, written)
                if key not in self.columns.read:
                    self._unread(key, written, at)
                    continue
                cells = self._cells(key, value, at)
                if cells is not None:
                    yield key, (at, cells)

    def _unread(self, key: str, written: str, at: Loc) -> None:
        if self.columns.known(key) or key.startswith("trait("):
            what = f"the rules do not read {written}: it changes nothing"
            self.say("T103", what, at, did_you_mean(key, self.columns.read), key=True, odd=True)
            return
        hint = (
            did_you_mean(key, self.columns.read) or f"the rules read {', '.join(sorted(self.columns.read))}"
        )
        self.say("T102", f"the rules know no '{written}'", at, hint[:300], key=True)

    def _cells(self, key: str, value: Any, at: Loc) -> tuple[Value, ...] | None:
        shape = self.columns.shape(key)
        if shape.unit in ("text", "date"):
            return self._texts(key, value, at, shape.unit)
        if isinstance(value, list):
            parts = [self._cells(key, each, (*at, place)) for place, each in enumerate(value)]
            return None if None in parts else tuple(cell for part in parts if part for cell in part)
        read = numbers(_plain(value))
        if isinstance(read, Slip):
            self.slip("T105", read, at)
            return None
        for cell in read:
            wrong = _unfit(key, cell, shape)
            if wrong is not None:
                self.say("T106", wrong[0], at, wrong[1])
                return None
        return tuple(_number(cell) for cell in read)

    def _texts(self, key: str, value: Any, at: Loc, unit: str) -> tuple[Value, ...] | None:
        """A text holds in all weeks, spaces and all; a list has one for each week."""
        found: list[Value] = []
        for each in value if isinstance(value, list) else [value]:
            text = _plain(each)
            if text in {special.value for special in Special}:
                found.append(Special(text))
            elif unit == "text":
                found.append(text)
            else:
                try:
                    found.append(float(epoch_day(date.fromisoformat(text))))
                except ValueError:
                    self.say("T105", f"'{text}' is no date", at, "write it as 2026-11-15")
                    return None
        return tuple(found)

    # --- what is expected ---

    def _expected(self, written: OneCase, loc: Loc) -> Iterator[tuple[Loc, str, bool, Any]]:
        """Place, subject, whether it is about a membership, and the weeks: a tuple, or {from week: label}."""
        expect = written.expect
        if expect.primary is None and expect.moves is None and not (expect.dimensions or expect.member):
            self.say(
                "T107", "nothing is expected of this case", loc, "write for example primary: active", key=True
            )
        labels = {
            each.name: (*(s.name for s in each.segments), each.otherwise, "unknown", GONE, ANY)
            for each in self.rules.dimensions
        }
        asked = [] if expect.primary is None else [(MAIN, expect.primary, (*loc, "primary"))]
        for name, said in expect.dimensions.items():
            at = (*loc, "dimensions", name)
            if name in labels:
                asked.append((name, said, at))
            else:
                self.say("T102", f"no dimension is called '{name}'", at, did_you_mean(name, labels), key=True)
        for name, said, at in asked:
            read = self._labels(said, at, labels[name])
            if read is not None:
                yield at, name, False, read
        members = [segment.name for segment in self.rules.segments]
        for name, said in expect.member.items():
            at = (*loc, "member", name)
            if name not in members:
                what = f"no segment or flag is called '{name}'"
                self.say("T102", what, at, did_you_mean(name, members), key=True)
                continue
            read = self._labels(said, at, (*TRUE, *FALSE, GONE, ANY))
            if read is not None:
                yield at, name, True, read

    def _labels(self, said: Any, at: Loc, known: Collection[str]) -> Any:
        if isinstance(said, dict):
            return self._from_week(said, at, known)
        read = words(_plain(said))
        if isinstance(read, Slip):
            self.slip("T105", read, at)
            return None
        for label in read:
            if label not in known:
                self._no_label(label, _plain(said), at, known)
                return None
        return tuple(_label(label) for label in read)

    def _from_week(self, said: Mapping[str, Any], at: Loc, known: Collection[str]) -> Any:
        """`{1: steady, 3: at_risk}`: from that week on."""
        found = {}
        for week, label in said.items():
            here = (*at, week)
            if not (week.isdigit() and int(week) >= 1):
                self.say("T105", f"'{week}' is no week", here, "write {1: steady, 3: at_risk}", key=True)
                return None
            if _plain(label) not in known:
                self._no_label(_plain(label), _plain(label), here, known)
                return None
            found[int(week)] = _label(_plain(label))
        return found

    def _no_label(self, label: str, text: str, at: Loc, known: Collection[str]) -> None:
        stem = label.rpartition("x")
        times = stem[0] in known and stem[2].isdigit()
        hint = f"write {stem[0]} x{stem[2]}" if times else did_you_mean(label, known)
        choice = f"known here: {', '.join(each for each in known if each != ANY)}"
        slip = Slip(max(text.find(label), 0), len(label), f"'{label}' is not known here", hint or choice)
        self.slip("T102", slip, at)

    def _moves(self, written: OneCase, weeks: int, loc: Loc) -> None:
        labels = (*(s.name for s in self.rules.main.segments), self.rules.main.otherwise, "unknown", "left")
        for at, move in enumerate(written.expect.moves or ()):
            if move.week > weeks:
                self.say("T104", f"the case has {weeks} weeks", (*loc, at, "week"))
            for key, label in (("from", move.from_), ("to", move.to)):
                if label is not None and label not in labels:
                    what = f"'{label}' is not known here"
                    self.say("T102", what, (*loc, at, key), did_you_mean(label, labels))


def _tuple(moves: list[Move] | None) -> tuple[Move, ...] | None:
    return None if moves is None else tuple(moves)


def _plain(value: Any) -> str:
    """A YAML value as it was typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _label(label: str) -> str | None:
    if label == ANY:
        return None
    return "yes" if label in TRUE else "no" if label in FALSE else label


def _number(cell: Cell) -> Value:
    if isinstance(cell, Special):
        return cell
    return cell.value if isinstance(cell, Amount) else float(cell)


def _unfit(key: str, cell: Cell, shape: Shape) -> tuple[str, str | None] | None:
    """What is wrong with a value for a column of this shape."""
    if isinstance(cell, Special):
        return None
    if isinstance(cell, bool) != (shape.unit == "truth"):
        wanted_now = "yes or no" if shape.unit == "truth" else "a number"
        return f"{key} is {wanted_now}", f"write {wanted_now}" if shape.unit == "truth" else None
    if isinstance(cell, bool):
        return None
    if cell.percent and shape.unit not in ("share", "number"):
        return f"{key} is no share, {cell.value:.0%} is one", "write it without %"
    if (shape.low is not None and cell.value < shape.low) or (
        shape.high is not None and cell.value > shape.high
    ):
        meant = f"did you mean {cell.value:g}%?" if shape.unit == "share" and not cell.percent else None
        ends = f"from {shape.low:g}" if shape.low is not None else ""
        ends += f" to {shape.high:g}" if shape.high is not None else ""
        return f"{key} can never be {cell.value:g}: it goes {ends.strip()}", meant
    if shape.unit == "share" and not cell.percent and abs(cell.value) >= 5:
        return f"{key} is a share; {cell.value:g} is {cell.value:.0%}", f"did you mean {cell.value:g}%?"
    return None


def _stretched(cells: tuple[Any, ...], weeks: int) -> tuple[Any, ...]:
    return cells * weeks if len(cells) == 1 else cells


def _by_week(each: Any, weeks: int) -> tuple[str | None, ...]:
    if not isinstance(each, dict):
        return _stretched(each, weeks)
    found: list[str | None] = []
    now = None
    for week in range(1, weeks + 1):
        now = each.get(week, now)
        found.append(now)
    return tuple(found)


def refuse(problems: Collection[Problem]) -> None:
    """Raises: ConfigError with every error among them."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ConfigError(errors)
