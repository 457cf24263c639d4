"""The `identity:` block of segkit.yaml: which evidence counts and wins, and whether children stand alone."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

Evidence = Literal["crosswalk", "keys", "contacts", "person", "domain", "name"]
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)


class IdentityConfig(BaseModel):
    """Which evidence about ids counts, and what a family of accounts is."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    precedence: Annotated[
        list[Evidence],
        Field(
            min_length=1,
            description="Which evidence wins where two disagree, the strongest first; what is left out is "
            "not used. crosswalk: the crosswalk source; keys: a source that holds the key and account_id; "
            "contacts: the contact list; person: another id of the same person; domain: the domain of the "
            "address; name: an address of the same name.",
        ),
    ] = list(EVIDENCE)
    children: Annotated[
        Literal["own", "rolled_up"],
        Field(
            description="own: an account with a parent_id stands alone. rolled_up: its rows count for the "
            "top of its family, and only that is assigned."
        ),
    ] = "own"
    shared_domains: Annotated[
        list[str],
        Field(description="Domains that say nothing about the company, beside the known mail providers."),
    ] = []

    @field_validator("precedence")
    @classmethod
    def _each_once(cls, value: list[Evidence]) -> list[Evidence]:
        if len(set(value)) < len(value):
            raise ValueError("each kind of evidence stands once")
        return value


AS_USUAL = IdentityConfig()
"""Where segkit.yaml says nothing."""
