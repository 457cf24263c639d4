"""`capacity:` in segkit.yaml: how many hours a week people have for the tasks of the work list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Hours = Annotated[float, Field(gt=0, le=10_000)]


class CapacityFile(BaseModel):
    """What is not written is not planned."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    hours: Annotated[
        Hours | None, Field(description="Hours a week for tasks, of each owner that is not named below.")
    ] = None
    owners: Annotated[
        dict[str, Hours], Field(description="CSM or other owner of tasks: hours a week of theirs.")
    ] = {}

    def minutes(self, owner: str | None) -> float | None:
        """A week's minutes of an owner; None where nobody declared them, or nobody owns."""
        hours = None if owner is None else self.owners.get(owner, self.hours)
        return None if hours is None else hours * 60

    def called(self, name: Callable[[str], str]) -> CapacityFile:
        """The same, also under the names that outputs give to people."""
        return self.model_copy(
            update={"owners": {**self.owners, **{name(each): hours for each, hours in self.owners.items()}}}
        )

    @property
    def key(self) -> str:
        """Equal where plans are; empty where nothing is declared."""
        return self.model_dump_json() if self.hours is not None or self.owners else ""


NOBODY_COUNTS = CapacityFile()
