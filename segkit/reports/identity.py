"""Whose the ids are, as lines of 80 cells: the audit of all of them, and one down to its evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import polars as pl

from segkit.facts.identity.audit import Audit
from segkit.facts.identity.bots import ODD, PUNCTUAL, RESTLESS, patterns
from segkit.facts.identity.drill import Drilled
from segkit.periods import from_epoch_day
from segkit.reports.first.layout import WIDTH, Line, Piece, Role
from segkit.reports.words import cells, clean, day, fit, fit_right, listed, plural, wrap

TOP = 5
"""Lines of each part of the audit; all of it is in --format csv."""
MANY = 12
"""Lines of each part about one id."""
_KINDS = {"email": "e-mail address", "user": "user id", "account": "account id", "domain": "domain"}
_REFUSED = {
    "shared": "a mail provider, or declared as shared: joins nobody",
    "claimed twice": "listed by two accounts: joins neither",
    "contradicted": "most of its listed addresses are another account's: joins nobody",
}
_BOTS = {
    ODD: "does one thing that hardly anybody else does, and keeps no office day",
    RESTLESS: "rests neither at night nor at weekends",
    PUNCTUAL: "comes on the same minutes of the hour",
}


def lay_out_audit(workspace: str, as_of: date, found: Audit, everybody: Sequence[str]) -> list[Line]:
    """everybody: user keys seen in usage."""
    return [
        *_title(clean(workspace), f"whose the ids are · to {day(as_of)}"),
        *_matched(found),
        *_orphans(found),
        *_conflicts(found),
        *_moves(found),
        *_people(found),
        *_domains(found),
        *_bots(found, everybody),
        (),
        (Piece("  One id with all its evidence: segkit identity ID. Every line: --format csv", "dim"),),
    ]


def lay_out_id(found: Drilled) -> list[Line]:
    kind, _, value = found.raw_id.partition(":")
    use = plural(found.rows, "usage row") if found.rows else "no usage"
    lines = [*_title(clean(value), f"{_KINDS.get(kind, kind)} · {use}")]
    if found.first_day is not None and found.last_day is not None:
        lines += _text(f"Used from {_on(found.first_day)} to {_on(found.last_day)}")
    lines += _heading("Belongs to")
    lines += [
        line
        for row in found.spans.head(MANY).iter_rows(named=True)
        for line in _claim(row["account_id"], _span(row["from_day"], row["to_day"]), row["evidence"], "name")
    ] or _text("nobody" + (f": the domain is {_REFUSED[found.refused]}" if found.refused else ""))
    lines += _evidence(found)
    if found.people:
        lines += [*_heading("One person with"), *_text(clean(listed(list(found.people), MANY)))]
    if found.ids.height:
        title = "Ids that belong to it now" if kind == "account" else "Addresses, and whose they are now"
        lines += _heading(title, plural(found.ids.height, "id"))
        lines += [
            _row((fit(clean(raw_id), 40), "plain"), fit_right(f"{rows:,}", 9), f"  {clean(of or 'nobody')}")
            for raw_id, of, rows in found.ids.head(MANY).iter_rows()
        ]
    return lines


def exclude_block(users: Sequence[str], everybody: Sequence[str]) -> list[str]:
    """Lines for segkit.yaml that leave the users out."""
    names = (json.dumps(name, ensure_ascii=False) for name in patterns(users, everybody))
    return ["exclude:", *(f"  - {{users: [{name}], reason: bot}}" for name in names)]


def _matched(found: Audit) -> Iterator[Line]:
    total = int(found.evidence["rows"].sum())
    whose = found.evidence.filter(pl.col("kind").is_not_null())
    matched = int(whose["rows"].sum())
    if total:
        yield from _heading("Usage rows", f"{matched:,} of {total:,} have an account")
        for kind, ids, rows in whose.iter_rows():
            yield _row(
                (fit(f"by {kind}", 34), "plain"), fit_right(f"{rows:,}", 12), f" rows  {plural(ids, 'id')}"
            )


def _orphans(found: Audit) -> Iterator[Line]:
    lost = found.orphans
    if lost.is_empty():
        return
    said = f"{plural(int(lost['rows'].sum()), 'row')} of {plural(lost['raw_id'].n_unique(), 'id')}"
    yield from _heading("Orphans: rows of nobody", said, "warn")
    groups = lost.group_by("label", "source").agg(ids=pl.col("raw_id").n_unique(), rows=pl.col("rows").sum())
    groups = groups.sort(["rows", "label", "source"], descending=[True, False, False])
    for label, source, ids, rows in groups.head(TOP).iter_rows():
        what = label if "." in label else f"{label} ids"
        yield _row(
            (fit(clean(what), 34), "name"),
            fit_right(f"{rows:,}", 12),
            f" rows  {plural(ids, 'id')} in {source}",
        )
    yield from _more(groups.height, "domain or kind", "domains or kinds")


def _conflicts(found: Audit) -> Iterator[Line]:
    rows = found.conflicts
    if rows.is_empty():
        return
    count = plural(rows["raw_id"].n_unique(), "id")
    yield from _heading("Conflicts", f"{count} claimed by two accounts", "warn")
    for row in rows.unique("raw_id", keep="first", maintain_order=True).head(TOP).iter_rows(named=True):
        won = f"{row['account_id']} by {row['evidence']}" if row["account_id"] else "left to nobody"
        yield from _text(f"{row['raw_id']}: {won}, not {row['other_account']} by {row['other_evidence']}")
    yield from _more(rows["raw_id"].n_unique(), "id")


def _moves(found: Audit) -> Iterator[Line]:
    if found.moves.height:
        ids = found.moves["raw_id"].unique(maintain_order=True)
        yield from _heading("Moves", f"{plural(len(ids), 'id')} changed hands")
        for raw_id in ids.head(TOP):
            spans = found.moves.filter(raw_id=raw_id)
            said = [
                f"{each['account_id']} {_span(each['from_day'], each['to_day']).strip()}"
                for each in spans.iter_rows(named=True)
            ]
            yield from _text(f"{raw_id}: {'; '.join(said)}")
        yield from _more(len(ids), "id")
    if found.chain.height:
        yield from _heading(
            "Accounts that count for others", plural(found.chain["account_id"].n_unique(), "account")
        )
        for row in found.chain.head(TOP).iter_rows(named=True):
            how = "merged into" if row["how"] == "merged" else "counts for its parent"
            yield from _text(
                f"{row['account_id']} {how} {row['into']}, {_span(row['from_day'], row['to_day']).strip()}"
            )
        yield from _more(found.chain.height, "line")


def _people(found: Audit) -> Iterator[Line]:
    if found.people.height:
        ids = int(found.people["ids"].sum())
        yield from _heading(
            "People with several ids", f"{plural(found.people.height, 'person', 'people')}, {ids:,} ids"
        )
        for person, count in found.people.head(TOP).iter_rows():
            yield _row((fit(clean(person), 34), "plain"), fit_right(f"{count:,}", 12), " ids")
        yield from _more(found.people.height, "person", "people")
    if found.shared.height:
        yield from _heading(
            "Shared: would join too many, joins nobody", plural(found.shared.height, "id"), "warn"
        )
        for raw_id, count, why in found.shared.head(TOP).iter_rows():
            yield _row((fit(clean(raw_id), 34), "name"), fit_right(f"{count:,}", 12), f" ids  {why}")
        yield from _more(found.shared.height, "id")


def _domains(found: Audit) -> Iterator[Line]:
    if found.domains.is_empty():
        return
    yield from _heading("Domains that join nobody", plural(found.domains.height, "domain"), "warn")
    for domain, why, accounts in found.domains.head(TOP).iter_rows():
        yield from _text(f"{domain} of {listed(accounts.split(', '), 3)}: {_REFUSED[why]}")
    yield from _more(found.domains.height, "domain")


def _bots(found: Audit, everybody: Sequence[str]) -> Iterator[Line]:
    if found.bots.is_empty():
        return
    yield from _heading("Behave like machines", plural(found.bots.height, "user"), "warn")
    for row in found.bots.head(2 * TOP).iter_rows(named=True):
        value = row["user_key"].partition(":")[2]
        why = "; ".join(_BOTS[each] for each in row["why"].split(", "))
        main = f", mostly {row['main']}" if row["main"] else ""
        yield (
            Piece(f"  {fit(clean(value), 46)}", "name"),
            Piece(fit_right(f"{row['rows']:,} rows on {row['days']:,} days", 32)),
        )
        yield from _text(f"{why}{main}", 4, "dim")
    yield from _more(found.bots.height, "user", shown=2 * TOP)
    yield from _text("Nobody is left out by this. If they are machines, add to segkit.yaml:")
    yield ()
    for line in exclude_block(list(found.bots["user_key"]), everybody):
        yield (Piece(line),)


def _evidence(found: Drilled) -> Iterator[Line]:
    if found.evidence.is_empty():
        return
    yield from _heading("Evidence", plural(found.evidence.height, "claim"))
    for row in found.evidence.head(MANY).iter_rows(named=True):
        place = f", {row['place']}" if row["place"] else ""
        said = "" if row["evidence"] == row["kind"] else f" ({row['evidence']})"
        yield from _claim(row["account_id"], _dates(row["from"], row["to"]), f"{row['kind']}{said}{place}")
    for row in found.conflicts.head(MANY).iter_rows(named=True):
        won = (
            f"{row['account_id']} by {row['evidence']} is stronger"
            if row["account_id"]
            else "neither is stronger"
        )
        yield from _text(f"not {row['other_account']} by {row['other_evidence']}: {won}", 4, "warn")


def _claim(account: str, when: str, why: str, role: Role = "plain") -> list[Line]:
    """Account, days and evidence; evidence that is too long stands below."""
    start = (fit(clean(account), 24), role)
    if cells(clean(why)) <= WIDTH - 2 - 24 - cells(when):
        return [_row(start, when, why)]
    return [_row(start, when), *_text(why, 4, "dim")]


def _title(left: str, right: str) -> list[Line]:
    name = fit(left, min(cells(left), WIDTH - cells(right) - 1))
    return [
        (Piece(name, "title"), Piece(fit_right(right, WIDTH - cells(name)), "dim")),
        (Piece("─" * WIDTH, "dim"),),
    ]


def _heading(text: str, remark: str = "", role: Role = "dim") -> list[Line]:
    return [(), (Piece(text, "heading"), Piece(fit_right(remark, WIDTH - cells(text)), role))]


def _row(first: tuple[str, Role], *rest: str) -> Line:
    """Two blanks, then the cells; the last is cut at the edge."""
    start = cells(first[0]) + 2 + sum(cells(each) for each in rest[:-1])
    last = fit(clean(rest[-1]), WIDTH - start)
    return (Piece("  "), Piece(first[0], first[1]), *(Piece(each) for each in rest[:-1]), Piece(last))


def _text(text: str, indent: int = 2, role: Role = "plain") -> list[Line]:
    lines = wrap(clean(text), WIDTH - indent - 2)
    return [(Piece(" " * (indent + 2 * (at > 0)) + line, role),) for at, line in enumerate(lines)]


def _more(count: int, one: str, many: str | None = None, shown: int = TOP) -> Iterable[Line]:
    left = count - shown
    return [(Piece(f"  and {plural(left, one, many)} more", "dim"),)] if left > 0 else []


def _on(value: int) -> str:
    return day(from_epoch_day(value))


def _span(first: int | None, last: int | None) -> str:
    return _dates(
        None if first is None else from_epoch_day(first), None if last is None else from_epoch_day(last)
    )


def _dates(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        said = "always"
    elif last is None:
        said = f"from {day(first)}" if first else ""
    elif first is None:
        said = f"until {day(last)}"
    else:
        said = f"{day(first)} to {day(last)}"
    return fit(said, 27)
