"""DuckDB asked one of the SQL files here: python -m benchmarks.references.duck NAME WORKSPACE OUT.

Parameters in the statements: $usage, $tickets, $surveys, $accounts (files), $first (Monday of the first
week), $end (the day after the last), $reader and $out.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb

from segkit.simulator.levels import LAST

HERE = Path(__file__).parent
TYPES = {
    "at": "TIMESTAMP",
    "account_id": "VARCHAR",
    "user_id": "VARCHAR",
    "event": "VARCHAR",
    "feature": "VARCHAR",
    "seconds": "BIGINT",
}
"""Of the columns of usage in a CSV file: told, so that nothing has to be guessed."""


def ask(name: str, workspace: Path, out: Path) -> None:
    """The answer of `<name>.sql` over the exports of a workspace, as a Parquet file."""
    exports = workspace / "exports"
    weeks = sorted(exports.glob("usage_*"))
    first = date.fromisoformat(weeks[0].stem.removeprefix("usage_"))
    usage = exports / f"usage_*{weeks[0].suffix}"
    given = {
        "$usage": _text(usage),
        "$tickets": _text(exports / "tickets_*.csv"),
        "$surveys": _text(exports / "surveys_*.csv"),
        "$accounts": _text(exports / "accounts.csv"),
        "$first": _text(first),
        "$end": f"cast({_text(LAST + timedelta(days=1))} as timestamp)",
        "$reader": _reader(usage),
        "'$out'": _text(out),
    }
    statement = (HERE / f"{name}.sql").read_text("utf-8")
    for word, value in given.items():
        statement = statement.replace(word, value)
    connection = duckdb.connect(config={"memory_limit": "8GB", "temp_directory": str(out.parent)})
    if "copy (" not in statement:
        statement = f"copy ({statement}) to {_text(out)} (format parquet)"
    connection.execute(statement)


def _text(value: object) -> str:
    return f"'{value}'"


def _reader(usage: Path) -> str:
    if usage.suffix == ".parquet":
        return f"read_parquet({_text(usage)})"
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    return f"read_csv({_text(usage)}, header = true, columns = {{{types}}})"


if __name__ == "__main__":
    ask(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
