"""What a segment was called, and whether it counts: `was:`, `status: trial`, and what cannot be so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from segkit.ruleset import schema
from segkit.ruleset.model import MAIN, Playbook, Segment
from segkit.ruleset.order import reads, segment_reads
from segkit.ruleset.written import Reader
from segkit.yamltext import Loc


def counting(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Those that are not on trial."""
    return tuple(segment for segment in segments if not segment.trial_of)


def earlier_names(entry: schema.SegmentFile) -> tuple[str, ...]:
    """The newest first."""
    return (entry.was,) if isinstance(entry.was, str) else tuple(entry.was or ())


def refuse_earlier_names(
    reader: Reader, groups: Sequence[tuple[Loc, list[schema.SegmentFile]]], now: Mapping[str, str]
) -> None:
    """R116, R117: a `was` that names what is there (`now`), or what somebody else was.

    What can be followed is put down in `reader.names.renamed`.
    """
    names = reader.names
    for loc, entries in groups:
        for i, entry in enumerate(entries):
            for at, old in enumerate(earlier_names(entry)):
                place = (*loc, i, "was") if isinstance(entry.was, str) else (*loc, i, "was", at)
                span = reader.span_of(place)
                if old in now:
                    hint = f"leave was: {old} out, or give the other one another name"
                    names.say("R116", f"'{old}' is still there", span, hint)
                elif old in names.renamed:
                    what = f"'{old}' has become another segment already ({names.renamed[old]})"
                    names.say("R117", what, span, f"only one can go on as what {old} was")
                else:
                    names.renamed[old] = entry.name


def refuse_trials(
    reader: Reader, file: schema.RuleFile, every: Sequence[Segment], playbooks: Iterable[Playbook]
) -> None:
    """R118: nothing counts. R119: something that counts hangs on a segment on trial."""
    say, trials = reader.names.say, {segment.name for segment in every if segment.trial_of}
    readers = [(f"'{each.name}'", segment_reads(each)) for each in counting(every)]
    for book in playbooks:
        found = [reads(each) for each in (book.success, book.escalate_when) if each is not None]
        found += [reads(variant.when) for variant in book.variants]
        readers += [(f"the playbook '{book.name}'", each) for each in found]
    for who, read in readers:
        for name in sorted(read.keys() & trials):
            what = f"{who} counts, and reads {name}, which is on trial"
            say("R119", what, read[name].span, "read what it reads, or let it count")
    lists: list[tuple[Loc, list[schema.SegmentFile]]] = [((MAIN,), file.segments)]
    lists += [(("dimensions", name), entries) for name, entries in file.dimensions.items()]
    for loc, entries in lists:
        if all(entry.status == "trial" for entry in entries):
            what = "every segment here is on trial: nobody would be anywhere"
            say("R118", what, reader.span_of((*loc, 0, "status")), "let one of them count")
