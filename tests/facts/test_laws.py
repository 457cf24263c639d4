"""What holds for any export: the row equation, and that the order of rows decides nothing."""

from __future__ import annotations

import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segkit.columns import SOURCES
from segkit.errors import InputError
from segkit.facts.files.found import find_files
from segkit.facts.files.read import batches, open_file
from segkit.facts.files.reading import Reading, plan_reading
from segkit.facts.mapping import SourceConfig
from segkit.facts.rows.accept import Accepted, accept
from segkit.facts.rows.contracts import confirm
from segkit.facts.terms import Terms
from tests.draws import one_in
from tests.facts.exports import Exports, usage_days

CELL = st.one_of(
    st.sampled_from(
        ["2026-11-02", "2026-11-08", "A1", "A2", "3", "-1", "", " ", '"', '"a,b"', '"x\ny"', "nan", "é"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=5),
)
GOOD = st.sampled_from(["2026-11-02,A1,1", "2026-11-03,A2,2", "2026-11-08,A1,"])
KNOWN = {
    ("outcomes", "kind"): "churned",
    ("overrides", "in_or_out"): "in",
    ("overrides", "until"): "2026-12-31",
}
LINE = st.one_of(GOOD, GOOD, st.lists(CELL, max_size=5).map(",".join))


@given(st.lists(LINE, max_size=12), st.booleans())
@example(['2026-11-02,0"', '2026-11-02,0"'], False)
def test_rows_read_are_accepted_or_refused_and_lines_are_never_lost(lines: list[str], ended: bool) -> None:
    text = "at,account_id,count\n" + "\n".join(lines) + ("\n" if ended else "")
    with tempfile.TemporaryDirectory() as folder:
        exports = Exports(Path(folder))
        exports.write("usage.csv", text)
        config = SourceConfig(files="usage.csv")
        files, _ = find_files("usage", config, exports.root)
        reading = plan_reading(open_file(files[0]), config, Terms("UTC"))
        taken, refusal = _accept_all(reading)
    if refusal is not None:
        assert [problem.code for problem in refusal.problems] == ["D107"]
        return
    for part in taken:
        assert part.read == part.rows.height + part.rejected.height
        confirm("usage", {}, part.rows.drop("at_seconds"))
    seen = [line for part in taken for line in (*part.rows["_line"], *part.rejected["line"])]
    assert len(seen) == len(set(seen))
    if '"' not in text:
        filled = [number for number, line in enumerate(text.split("\n"), 1) if line and number > 1]
        assert sorted(seen) == filled


def _accept_all(reading: Reading) -> tuple[list[Accepted], InputError | None]:
    try:
        found = batches(reading.opened, tuple(reading.headers.values()))
        return [accept(reading, batch) for batch in found], None
    except InputError as error:
        return [], error


@one_in(20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_and_files_changes_nothing(shuffle: random.Random) -> None:
    days = [date(2026, 10, 19) + timedelta(days=n) for n in range(21)]
    usage = [f"{day},A{n % 4},u{n % 5},{n % 3}" for n, day in enumerate(days)] + [
        "2026-10-20,,u1,1",
        "x,A1,u1,1",
    ]
    accounts = [f"A{n},Name {n},2026-0{n + 1}-01" for n in range(4)]
    found = []
    for rearrange in (False, True):
        if rearrange:
            shuffle.shuffle(usage)
            shuffle.shuffle(accounts)
        with tempfile.TemporaryDirectory() as folder:
            exports = Exports(Path(folder))
            exports.write("usage_1.csv", "at,account_id,user_id,count\n" + "\n".join(usage[:9]) + "\n")
            exports.write("usage_2.csv", "at,account_id,user_id,count\n" + "\n".join(usage[9:]) + "\n")
            exports.write("accounts.csv", "account_id,name,signup_date\n" + "\n".join(accounts) + "\n")
            sources = {
                "usage": {"files": "usage_*.csv", "delivery": "append"},
                "accounts": {"files": "accounts.csv"},
            }
            found.append(exports.load(sources))
    one, other = found
    assert one.digest == other.digest
    assert usage_days(one) == usage_days(other)
    assert one.facts.roster.snapshots.equals(other.facts.roster.snapshots)
    assert np.array_equal(one.facts.roster.on, other.facts.roster.on)
    assert one.rejected["usage"].height == other.rejected["usage"].height == 1


def test_every_source_keeps_its_contract(exports: Exports) -> None:
    cells = {
        "text": "x",
        "number": "1.5",
        "integer": "2",
        "date": "2026-11-02",
        "moment": "2026-11-02T10:00:00Z",
        "flag": "yes",
    }
    for source in SOURCES.values():
        header = [column.name for column in source.columns]
        row = [KNOWN.get((source.name, column.name), cells[column.kind]) for column in source.columns]
        exports.write(f"{source.name}.csv", ",".join(header) + "\n" + ",".join(row) + "\n")
        config = SourceConfig(files=f"{source.name}.csv", attributes={})
        files, _ = find_files(source.name, config, exports.root)
        reading = plan_reading(open_file(files[0]), config, Terms("UTC"))
        (batch,) = batches(reading.opened, tuple(reading.headers.values()))
        taken = accept(reading, batch)
        assert taken.rows.height == 1, taken.rejected
        confirm(source.name, {}, taken.rows)


def test_the_contract_and_the_checks_refuse_the_same_values() -> None:
    import pandera.errors

    rows = pl.DataFrame(
        {"at": [date(2026, 11, 2)], "account_id": ["A1"], "count": [-1], "seconds": [1.0]},
    )
    with pytest.raises(pandera.errors.SchemaErrors):
        confirm("usage", {}, rows)
