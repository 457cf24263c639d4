"""`segkit report`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from segkit.cli.options import Folder, LastDay, TableFormat

Rows = Annotated[str | None, typer.Option("-o", "--output", help="Write the rows to a file; - is stdout.")]

report = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@report.callback()
def _top() -> None:
    """Show what lies behind the decisions."""


@report.command("baseline", short_help="One account against what was expected of it.")
def baseline(
    account: Annotated[str, typer.Argument(help="Id, name or domain.")],
    metric: Annotated[str, typer.Argument(help="For example events_28d.")],
    workspace: Folder = None,
    as_of: LastDay = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Write every period to a file; - is stdout.")
    ] = None,
    format: TableFormat = None,
) -> None:
    """Show the series, what was expected, the usual ups and downs, the excuses and the basis.

    A plot and the last twelve periods on the screen; every period with -o FILE or --format csv.
    """
    from segkit.cli.answer import Wish, give_table
    from segkit.reports.baseline import lay_out_baseline
    from segkit.runs.baseline import expected_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    day = as_of.date() if as_of else None
    found = expected_of(open_workspace(workspace), account, metric, now=datetime.now(UTC), as_of=day)
    lines = lay_out_baseline(found.name, found.metric, found.unit, found.rows)
    give_table(lines, found.rows, wish, name="baseline")


@report.command("history", short_help="Past runs at a glance.")
def history(
    workspace: Folder = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Write every run with its segments; - is stdout.")
    ] = None,
    format: TableFormat = None,
) -> None:
    """Show the published runs, newest first: accounts, moves, rows, refusals, what was accepted.

    With -o FILE or --format also when each was made, how long it took, and the size of each segment.
    """
    from segkit.cli.answer import Wish, give_table
    from segkit.reports.pasts import lay_out_pasts
    from segkit.runs.folders.pasts import pasts
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    opened = open_workspace(workspace)
    runs = pasts(opened)
    give_table(lay_out_pasts(opened.name, runs), runs, wish, name="history")


@report.command("html", short_help="The page of the published run.")
def html(
    workspace: Folder = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Write the page to a file; - is stdout.")
    ] = None,
) -> None:
    """Give the page that the published run wrote: one file, to open in a browser, mail or print.

    Without -o FILE it says where the page lies.
    """
    from segkit.cli.answer import place_of, short, write_content
    from segkit.runs.folders.published import PAGE, page_of, published
    from segkit.workspace import open_workspace

    place_of(output)
    head = published(open_workspace(workspace))
    content = page_of(head)
    if output:
        write_content(content, output)
    else:
        print(f"{short(head.folder)}/{PAGE}")


@report.command("xlsx", short_help="The published run as a workbook.")
def xlsx(
    workspace: Folder = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", help="Where to write it; - is stdout. Default: segkit-YYYY-MM-DD.xlsx."
        ),
    ] = None,
) -> None:
    """Write the published run as a workbook: a sheet per segment, transitions, work list, definitions and
    notes on the data.

    Needs the extra xlsx: pip install "segkit[xlsx]".
    """
    from segkit.cli.answer import needs_xlsxwriter, place_of, write_content
    from segkit.cli.terminal import say
    from segkit.runs.folders.published import published, workbook_of
    from segkit.workspace import open_workspace

    place_of(output)
    needs_xlsxwriter()
    opened = open_workspace(workspace)
    head = published(opened)
    target = output or f"segkit-{head.as_of}.xlsx"
    write_content(workbook_of(opened, head), target)
    if target != "-":
        say(f"Written: {target}")


@report.command("transitions", short_help="Who moved where, and why, in any range of weeks.")
def transitions(
    workspace: Folder = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day. Default: thirteen periods back."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day. Default: the last published one."),
    ] = None,
    by: Annotated[
        str, typer.Option(help="cause, or an attribute of the accounts such as csm or industry.")
    ] = "cause",
    dimension: Annotated[str, typer.Option(help="segments, another dimension, or flags.")] = "segments",
    output: Rows = None,
    format: TableFormat = None,
) -> None:
    """Show the published moves of a range: from where to where, what made each segment larger or smaller,
    how long accounts stay, who goes back and forth; and what was going on beside the numbers.

    csv and the like hold from, to, cause (or what --by names), moves, accounts, arr; json holds everything.
    """
    from segkit.cli.answer import Wish, give_document
    from segkit.reports.flows.layout import lay_out_moves
    from segkit.reports.flows.told import document
    from segkit.runs.moves import moves_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    days = [each.date() if each else None for each in (first, last)]
    found = moves_of(open_workspace(workspace), first=days[0], last=days[1], dimension=dimension, by=by)
    give_document(lay_out_moves(found), found.flows, document(found), wish, name="transitions")


@report.command("groups", short_help="Groups of accounts against past years.")
def groups(workspace: Folder = None, output: Rows = None, format: TableFormat = None) -> None:
    """Show what each group of like accounts did against the weeks before and against past years, as of the
    published run: unusual falls first, then those of the season."""
    from segkit.cli.answer import Wish, give_table
    from segkit.reports.groups import lay_out_groups
    from segkit.runs.moves import groups_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    opened = open_workspace(workspace)
    run, rows = groups_of(opened)
    give_table(lay_out_groups(opened.name, run.as_of, rows), rows, wish, name="groups")


@report.command("traits", short_help="What accounts said they want, by segment.")
def traits(workspace: Folder = None, output: Rows = None, format: TableFormat = None) -> None:
    """Show how many accounts of each segment of the published run said what: the newest value of every trait
    in the traits export. Who said nothing is counted, too."""
    from segkit.cli.answer import Wish, give_table
    from segkit.reports.voices import lay_out_traits
    from segkit.runs.voices import traits_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    opened = open_workspace(workspace)
    found = traits_of(opened, now=datetime.now(UTC))
    lines = lay_out_traits(opened.name, found.as_of, found.rows, found.order)
    give_table(lines, found.rows, wish, name="traits")


@report.command("topics", short_help="What comments and tickets are about, by segment.")
def topics(workspace: Folder = None, output: Rows = None, format: TableFormat = None) -> None:
    """Count the comments of surveys and the subjects of tickets of the last 91 days that hold a word of each
    topic (topics: in segkit.yaml), by the segment of the account in the published run."""
    from segkit.cli.answer import Wish, give_table
    from segkit.reports.voices import lay_out_topics
    from segkit.runs.voices import topics_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    opened = open_workspace(workspace)
    found = topics_of(opened, now=datetime.now(UTC))
    lines = lay_out_topics(opened.name, found.as_of, found.rows, found.order)
    give_table(lines, found.rows, wish, name="topics")
