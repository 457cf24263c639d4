"""The page as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from segkit.reports.definitions import NO_MORE, TRIALS
from segkit.reports.described.value import Card, Described, Part
from segkit.reports.words import clean, day, number, plural
from segkit.ruleset.model import FLAGS, MAIN, Playbook


def markdown(told: Described) -> str:
    """The YAML blocks, put below the keys that their headings name, are the rule set."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Described) -> Iterator[str]:
    rules = told.rules
    yield f"# Rule set {rules.name}, version {rules.version}"
    yield ""
    if told.today is not None:
        which = "" if told.today.same_rules else ", which other rules decided"
        yield f"Sizes are those of {day(told.today.as_of)}{which}: {plural(told.today.accounts, 'account')}."
        yield ""
    if told.since is not None:
        yield f"## What changed since {_text(told.since)}"
        yield ""
        yield from (f"- {_text(change)}" for change in told.changes or ("nothing that decides",))
        yield ""
    for part in told.parts:
        yield from _part(part)
    if told.named:
        yield from ("## Names in these conditions", "", *_block(told.named))
    if told.words:
        yield from ("## What is counted", "")
        yield from (f"- **{name}**: {_text(said)}" for name, said in told.words)
        yield ""
    if told.playbooks:
        yield from ("## Playbooks", "")
        for book, written in told.playbooks:
            yield from (f"### {book.name}", "", *_book(book), *_block(written))


def _part(part: Part) -> Iterator[str]:
    title = {MAIN: "Segments", FLAGS: "Flags", TRIALS: "On trial"}.get(part.name, f"Dimension {part.name}")
    yield from (f"## {title}", "")
    if part.name == TRIALS:
        yield from ("Accounts are counted in these, and nobody acts on it.", "")
    elif part.otherwise is None:
        yield from ("Each stands alone: an account can have several.", "")
    else:
        yield "An account is in the first of these that it fits:"
        yield ""
        yield from (f"{at}. {_sized(c.definition.name, c.size)}" for at, c in enumerate(part.cards, 1))
        yield f"{len(part.cards) + 1}. else {_sized(part.otherwise, part.rest)}"
        yield ""
    for card in part.cards:
        yield from _card(card)


def _card(card: Card) -> Iterator[str]:
    yield from (f"### {_sized(card.definition.name, card.size)}", "")
    if card.definition.means:
        yield from (_text(card.definition.means), "")
    for label, said in card.definition.said:
        code = label.endswith("when") and said != NO_MORE
        yield f"- {label} {f'`{said}`' if code else said}"
    if card.playbook is not None:
        goal = f": {_text(card.playbook.goal)}" if card.playbook.goal else ""
        yield f"- playbook {card.playbook.name}{goal}"
    if card.example is not None:
        why = f": {_text(card.example.because)}" if card.example.because else ""
        yield f"- for example {_text(card.example.account)}{why}"
    yield from ("", *_block(card.written))


def _book(book: Playbook) -> Iterator[str]:
    if book.goal:
        yield from (_text(book.goal), "")
    said = [f"{word} {value}" for word, value in (("owner", book.owner), ("due in", book.due)) if value]
    if said:
        yield from (", ".join(said) + ".", "")
    if book.steps:
        yield from (*(f"{at}. {_text(step)}" for at, step in enumerate(book.steps, 1)), "")


def _sized(name: str, size: int | None) -> str:
    return name if size is None else f"{name} ({number(size)})"


def _block(written: str) -> list[str]:
    """Longer fences than any in the text."""
    fence = "```"
    while fence in written:
        fence += "`"
    return [f"{fence}yaml", *written.rstrip("\n").split("\n"), fence, ""]


def _text(said: str) -> str:
    """Words of other people, so that none of them is a mark."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in clean(said))
