"""What a source entry of segkit.yaml may say."""

from __future__ import annotations

import sys
from datetime import date
from subprocess import run

import pytest
from pydantic import ValidationError

from segkit.facts.mapping import SourceConfig, mapping_faults


def test_texts_of_a_yaml_file_become_their_kind() -> None:
    config = SourceConfig.model_validate({"files": "u.csv", "through": "2026-11-15", "encoding": "latin-1"})
    assert (config.through, config.encoding) == (date(2026, 11, 15), "iso8859-1")
    assert SourceConfig(files="u_{date}.csv", through="{date}").through == "{date}"


@pytest.mark.parametrize(
    "entry",
    [
        {"file": "u.csv"},
        {"files": []},
        {"files": "u.csv", "timezone": "Mars/Base"},
        {"files": "u.csv", "separator": ";;"},
        {"files": "u.csv", "encoding": "klingon"},
        {"files": "u.csv", "dates": "dd-mm-yyyy"},
        {"files": "u.csv", "delivery": "sometimes"},
        {"files": "u.csv", "attributes": {"tier": "colour"}},
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SourceConfig.model_validate(entry)


def test_unknown_columns_and_sources_are_named_with_what_was_meant() -> None:
    config = SourceConfig(
        files="u.csv", columns={"acount_id": "Account"}, through="{date}", decimal=",", thousands=","
    )
    assert mapping_faults("usage", config) == [
        (("columns", "acount_id"), "usage has no column acount_id", "did you mean account_id?"),
        (("thousands",), "decimal and thousands are the same mark", None),
        (("through",), "no file name of this source holds {date}", 'files: "usage_{date}.csv"'),
    ]
    assert mapping_faults("usag", SourceConfig(files="u.csv")) == [
        ((), "no source is called usag", "did you mean usage?")
    ]


@pytest.mark.parametrize("name", ["raw_id", "day", "_line", "at_seconds", "seen_timed"])
def test_a_further_column_is_not_called_as_one_of_segkits_own(name: str) -> None:
    """Beside the rows stand such columns; a second one of the name would end in a bug report."""
    config = SourceConfig(files="u.csv", attributes={name: "text", "seen": "moment"}, keys=["first name"])
    other = f"my_{name.strip('_')}"
    assert mapping_faults("usage", config) == [
        (
            ("attributes", name),
            f"'{name}' is a name that segkit needs itself",
            f"call it otherwise and map the header: columns: {{{other}: {name}}}",
        ),
        (
            ("keys", 0),
            "'first name' cannot be used in rules",
            "letters, digits and _; map the header under columns",
        ),
    ]


def test_formats_are_declared_for_all_columns_or_for_one() -> None:
    everywhere = SourceConfig(files="t.csv", dates=["%d-%m-%Y", "%d-%m-%Y %H:%M"])
    one = SourceConfig(files="t.csv", dates={"opened_at": "%d-%m-%Y"})
    assert everywhere.formats("opened_at") == ("%d-%m-%Y", "%d-%m-%Y %H:%M")
    assert (one.formats("opened_at"), one.formats("resolved_at")) == (("%d-%m-%Y",), ())


def test_reading_a_workspace_loads_no_dataframe_library() -> None:
    code = "import segkit.facts.mapping, sys; assert 'polars' not in sys.modules"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
