"""One file of a past run without those who were erased."""

from __future__ import annotations

import io

import polars as pl
import pytest

from segkit.runs.erasing.gone import Gone
from segkit.runs.erasing.rewrite import without

GONE = Gone(
    frozenset({"account:A0001", "user:7", "email:x@y.example"}),
    frozenset({"R&D <Ltd>", "A*B"}),
    frozenset({"Ann Li"}),
)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.csv", "account_id,n\nA0001,7\nA2,7\nA00012,1\n", "account_id,n\nA2,7\nA00012,1\n"),
        ("a.csv", 'account_id,n\n"A0001","a\nb"\nA2,"a\nb"\n', 'account_id,n\nA2,"a\nb"\n'),
        ("a.csv", "user_id,n\n7,1\n8,7\n", "user_id,n\n8,7\n"),
        ("a.csv", "account_id,owner\nA2,X@Y.example\n", "account_id,owner\nA2,[erased]\n"),
        ("r.csv", 'line,raw\n1,"2026,7,b"\n2,"2026,77,b"\n', 'line,raw\n2,"2026,77,b"\n'),
        (
            "r.csv",
            'line,reason,raw\n1,no A0001,"{""at"": ""x"", ""user_id"": ""7""}"\n2,no A0001,77\n',
            "line,reason,raw\n2,no [erased],77\n",
        ),
        (
            "a.csv",
            "account_id,override,also\nA2,like A*B,A*B\n",
            "account_id,override,also\nA2,like [erased],A*B\n",
        ),
        ("a.csv", "account_id,because\nA2,ann LI called\n", "account_id,because\nA2,[erased] called\n"),
        (
            "s.md",
            "- **R&amp;D &lt;Ltd&gt;** and A0001, 7 and A00012",
            "- **[erased]** and [erased], 7 and A00012",
        ),
        ("s.md", "A\\*B, A*B, A0001x, ax@y.example", "[erased], [erased], A0001x, ax@y.example"),
        ("p.html", "<b>R&amp;D &lt;Ltd&gt;</b>", "<b>[erased]</b>"),
        ("p.html", '<i class="A0001">A0001</i>', '<i class="A0001">[erased]</i>'),
        (
            "t.json",
            '{"rows": [{"account_id": "A0001"}, {"account_id": "A2"}], "values": {"A0001": 3}}',
            '{"rows": [{"account_id": "A2"}], "values": {"[erased]": 3}}',
        ),
    ],
)
def test_what_is_taken_out_of_a_file_and_what_is_not(name: str, before: str, after: str) -> None:
    found = without(name, before.encode(), GONE)
    assert found is not None
    told = found.decode()
    assert (told if not name.endswith("json") else told.replace("\n", "").replace(" ", "")) == (
        after if not name.endswith("json") else after.replace(" ", "")
    )


def test_a_workbook_that_holds_them_is_removed_and_another_kept() -> None:
    for word, kept in (("A0001", False), ("A2", True)):
        buffer = io.BytesIO()
        pl.DataFrame({"account_id": [word]}).write_excel(buffer)
        found = without("a.xlsx", buffer.getvalue(), GONE)
        assert (found == buffer.getvalue()) == kept
        assert (found is None) != kept
