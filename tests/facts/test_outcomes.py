"""What really happened and what was done: read, held to their contracts, counted; no input of a decision."""

from __future__ import annotations

from tests.facts.exports import Exports

USAGE = "at,account_id\n2026-11-02,A1\n2026-11-08,A2\n"


def test_outcomes_and_interventions_are_accepted_or_refused_like_any_source(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write(
        "outcomes.csv", "account_id,kind,at\nA1,churned,2026-11-05\nA1,gone,2026-11-05\nA2,renewed,\n"
    )
    exports.write(
        "done.csv", "account_id,playbook,at,result\nA1,save,2026-11-03,kept\n,save,2026-11-03,kept\n"
    )
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv"},
            "outcomes": {"files": "outcomes.csv"},
            "interventions": {"files": "done.csv"},
        }
    )
    assert loaded.rejected["outcomes"].select("line", "code", "reason").rows() == [
        (3, "D205", "kind is not churned, renewed, expanded, escalated or advocated"),
        (4, "D201", "at is empty"),
    ]
    assert loaded.rejected["interventions"]["code"].to_list() == ["D204"]
    assert [(c.source, c.read, c.accepted) for c in loaded.facts.counts] == [
        ("usage", 2, 2),
        ("outcomes", 3, 1),
        ("interventions", 2, 1),
    ]
    assert loaded.facts.tables["outcomes"].select("account_id", "kind").rows() == [("A1", "churned")]


def test_an_outcome_after_as_of_is_not_seen(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("outcomes.csv", "account_id,kind,at\nA1,churned,2026-11-09\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}, "outcomes": {"files": "outcomes.csv"}})
    assert loaded.facts.tables["outcomes"].is_empty()
