"""What guards found, as values and in run.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec import Struct

from segkit.errors import Tripped


class Finding(Struct, frozen=True):
    """A guard that tripped, and why a person accepted what it saw; None: nobody did."""

    tripped: Tripped
    because: str | None = None

    def written(self) -> dict[str, str | None]:
        """As run.json holds it."""
        found = self.tripped
        return {
            "guard": found.name,
            "saw": found.saw,
            "expected": found.expected,
            "what_to_do": found.what_to_do,
            "because": self.because,
        }

    @classmethod
    def read(cls, written: Mapping[str, str | None]) -> Finding:
        """Raises: KeyError."""
        names = ("guard", "saw", "expected", "what_to_do")
        return cls(Tripped(*(str(written[name]) for name in names)), written["because"])


class Verdict(Struct, frozen=True):
    """What all guards say of one run."""

    findings: tuple[Finding, ...] = ()
    """Of every guard that tripped, accepted or not."""
    needless: tuple[str, ...] = ()
    """Guards that were to be accepted and did not trip."""

    @property
    def tripped(self) -> tuple[Tripped, ...]:
        """What nobody accepted; empty: the run may be published."""
        return tuple(finding.tripped for finding in self.findings if finding.because is None)

    @property
    def accepted(self) -> Mapping[str, str]:
        """Guard -> why."""
        return reasons(self.findings)

    @property
    def key(self) -> tuple[str, ...]:
        """What the acceptances add to the id of a run: nothing where there are none."""
        return (json.dumps(self.accepted, sort_keys=True),) if self.accepted else ()

    def remarks(self) -> tuple[str, ...]:
        """What a reader of the results must know."""
        return tuple(
            f"{finding.tripped.name} tripped and was accepted: {finding.because}"
            if finding.because is not None
            else f"{finding.tripped.name} tripped, so that this is not published: {finding.tripped.saw}; "
            f"expected: {finding.tripped.expected}"
            for finding in self.findings
        )


def reasons(findings: Sequence[Finding]) -> dict[str, str]:
    """Guard -> why, of those that were accepted."""
    return {f.tripped.name: f.because for f in findings if f.because is not None}
