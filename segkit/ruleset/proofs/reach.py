"""Rules that nobody or everybody meets, and segments that stand in another one's shadow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from segkit.errors import Problem, Witness
from segkit.ruleset import expr as x
from segkit.ruleset.model import Segment
from segkit.ruleset.proofs.domain import MISSING, NONE
from segkit.ruleset.proofs.search import impossible, search
from segkit.ruleset.proofs.simple import Form
from segkit.ruleset.proofs.subject import Subject, needed, parts, said
from segkit.ruleset.proofs.ways import NOT_TRUE, F, T


def never(subject: Subject) -> Iterator[Problem]:
    """R301: a segment or flag that nobody can enter, or a branch of it. R316: that nobody can leave."""
    told: set[x.Span] = set()
    for segment in subject.rules.segments:
        for condition, code, what in (
            (segment.enter, "R301", f"nobody can ever come into {segment.name}"),
            (segment.exit, "R316", f"nobody can ever leave {segment.name}"),
        ):
            if condition is None:
                continue
            if subject.impossible(subject.holds(condition)):
                yield _contradiction(subject, condition, code, what)
            else:
                yield from _branches(subject, condition, told)


def _branches(subject: Subject, condition: x.Condition, told: set[x.Span]) -> Iterator[Problem]:
    """Alternatives inside a condition that can never be the one."""
    for part in _alternatives(condition):
        if part.span in told:
            continue
        told.add(part.span)
        if subject.impossible(subject.holds(part)):
            yield _contradiction(subject, part, "R301", "this can never hold, whatever an account does")


def _alternatives(condition: x.Condition) -> Iterator[x.Condition]:
    inside = x.children(condition)
    for child in inside:
        if isinstance(condition, x.Any | x.AtLeast) and not isinstance(child, x.Named):
            yield child
        yield from _alternatives(child)


def _contradiction(subject: Subject, condition: x.Condition, code: str, what: str) -> Problem:
    """What stands in each other's way, and an account that meets all of it but one."""

    def contradict(some: Sequence[x.Condition]) -> bool:
        return subject.impossible(*(subject.holds(each) for each in some))

    core = needed(parts(condition), contradict)
    reason = f"{said(core)} {'never holds' if len(core) == 1 else 'are never true together'}"
    account = subject.account(*(subject.holds(each) for each in core[:-1]), (subject.form(core[-1]), F))
    witness = None
    if account is not None:
        shows = f"{said(core[-1:])} does not hold"
        witness = subject.witness([account], shows)
    hint = _swapped([subject.form(each) for each in core]) or "change or drop one of these conditions"
    return subject.problem(code, f"{what}: {reason}", condition, hint, witness)


def _swapped(core: Sequence[Form]) -> str | None:
    """`over 90` and `under 30` of one value may be the two ends of a range."""
    if len(core) != 2 or not all(isinstance(each, x.Compare) for each in core):
        return None
    one, other = core
    assert isinstance(one, x.Compare)
    assert isinstance(other, x.Compare)
    if one.left == other.left and {one.op[0], other.op[0]} == {"<", ">"}:
        return "did you swap the two numbers, or mean any: instead of all:?"
    return None


def always(subject: Subject) -> Iterator[Problem]:
    """R303: a condition that holds for every account whose values are known."""
    told: set[x.Span] = set()
    for segment in subject.rules.segments:
        if _certain(subject, segment.enter):
            witness = _anybody(subject, segment.enter, f"it comes into {segment.name}, as every account does")
            what = f"every account comes into {segment.name}: {said([segment.enter])} always holds"
            hint = "leave the segment out, or ask for something that some accounts do not do"
            yield subject.problem("R303", what, segment.enter, hint, witness)
            continue
        for part in parts(segment.enter):
            if isinstance(part, x.Compare) and part.span not in told and _certain(subject, part):
                told.add(part.span)
                witness = _anybody(subject, part, "it holds, as for every account")
                what = f"{said([part])} always holds and changes nothing"
                yield subject.problem("R303", what, part, "leave it out, or correct the number", witness)


def _certain(subject: Subject, condition: x.Condition) -> bool:
    # Who asks for missing values means accounts that have none.
    asked = any(isinstance(leaf, x.IsMissing) for leaf in x.leaves(condition))
    ground = subject.ground(False, frozenset({MISSING}) if asked else NONE)
    if not impossible(ground, [(subject.form(condition), NOT_TRUE)]):
        return False
    return search(ground, [subject.holds(condition)]).possible is True


def _anybody(subject: Subject, condition: x.Condition, shows: str) -> Witness | None:
    account = subject.account(subject.holds(condition))
    return None if account is None else subject.witness([account], shows)


def shadowed(subject: Subject) -> Iterator[Problem]:
    """R302: a segment into which nobody comes without being in one above it."""
    for dimension in subject.rules.dimensions:
        for place, segment in enumerate(dimension.segments):
            enters = subject.holds(segment.enter)
            if subject.impossible(enters):
                continue
            above = _hiding(subject, segment, dimension.segments[:place])
            if not above:
                continue
            names = " or ".join(each.name for each in above)
            fits_above = x.Any(tuple(subject.form(each.enter) for each in above))  # type: ignore[misc]
            account = subject.account(enters, (fits_above, T))
            witness = None
            if account is not None:
                witness = subject.witness([account], f"it fits {segment.name}, and is in {names}")
            what = f"{segment.name} is never the primary of who comes into it: all of them fit {names} above"
            hint = f"put {segment.name} above {above[0].name}, or ask for more there"
            yield subject.problem("R302", what, segment, hint, witness)


def _hiding(subject: Subject, segment: Segment, above: Sequence[Segment]) -> list[Segment]:
    """The segments above that together take everybody who comes into this one; [] where they do not."""
    enters = subject.holds(segment.enter)

    def takes(some: Sequence[Segment]) -> bool:
        return subject.impossible(enters, *((subject.form(each.enter), NOT_TRUE) for each in some))

    for each in above:
        if _no_slower(each, segment) and takes([each]):
            return [each]
    quick = [each for each in above if each.enter_after.of == 1 and each.cooldown == 0]
    if len(quick) < 2 or not takes(quick):
        return []
    for each in list(quick):
        fewer = [other for other in quick if other is not each]
        if takes(fewer):
            quick = fewer
    return quick


def _no_slower(upper: Segment, lower: Segment) -> bool:
    """Whether an account that waits for both has come into the upper one when it comes into the lower one."""
    in_a_row = upper.enter_after.need == upper.enter_after.of
    lower_in_a_row = lower.enter_after.need == lower.enter_after.of
    if upper.cooldown or not in_a_row:
        return False
    if upper.enter_after.need == 1:
        return True
    return lower_in_a_row and lower.at_once is None and upper.enter_after.need <= lower.enter_after.need
