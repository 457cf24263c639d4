"""`erase`: who an id stands for, and everything that is kept without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import ConfigError, Problem
from segkit.facts.keyed import Hashed
from segkit.facts.load import Loaded
from segkit.facts.pseudonyms import Pseudonyms
from segkit.facts.rows.erased import KINDS
from segkit.lock import hold
from segkit.ruleset.suggest import did_you_mean
from segkit.runs.erasing import generation
from segkit.runs.erasing.called import called
from segkit.runs.erasing.gone import Gone
from segkit.runs.erasing.remains import Holder, holders, remains
from segkit.runs.folders import history
from segkit.runs.folders.history import PRIMARIES, Published
from segkit.runs.folders.keyfile import pseudonyms, workspace_key
from segkit.runs.given.inputs import read_facts
from segkit.runs.given.suppression import Suppression, suppression
from segkit.workspace import Workspace


class Meant(Struct, frozen=True):
    """Who an id stands for. `known`: whether anything here holds them."""

    id: str
    """With its kind before it."""
    gone: Gone
    known: bool

    @property
    def kind(self) -> str:
        return self.id.partition(":")[0]

    def count(self, kind: str) -> int:
        return len(self.gone.of(kind))


class Erased(Struct, frozen=True):
    meant: Meant
    rewritten: generation.Rewritten
    remains: tuple[Holder, ...]


def who(workspace: Workspace, asked: str, *, now: datetime) -> Meant:
    """Whom `asked` means: an id as written, an address in any case, or either with its kind before it.

    A person is all their ids that contacts or a crosswalk join; an account also the ids that stand for it
    alone. Raises: ConfigError (S170, S171) where nobody is called so, or several are; InputError, IoError.
    """
    head = history.head(workspace.state, workspace.out)
    loaded = read_facts(workspace, None, now=now, head=head)
    keys = sorted({key for config in workspace.sources.values() for key in config.keys})
    seen = _seen(loaded, head)
    known = _pseudonyms(workspace, head)
    if known is not None:
        accounts = (each.partition(":")[2] for each in seen if each.startswith("account:"))
        asked = known.meant(asked, accounts) or asked
    said = _said(asked, keys)
    held = holders(workspace, frozenset(said))
    here = [each for each in said if each in seen or any(each in holder.ids for holder in held)]
    explicit = len(said) == 1 and asked.partition(":")[0] == said[0].partition(":")[0]
    if not here and not explicit:
        raise ConfigError(_unknown(asked, loaded, seen))
    chosen = here or said
    if len({_person(each, loaded) for each in chosen}) > 1:
        both = " or ".join(chosen)
        raise ConfigError(Problem("S171", f"{asked} is the id of several", hint=f"say which: {both}"))
    meant = _whole(chosen, loaded, head)
    return Meant(chosen[0], replace(meant, people=called(workspace, meant.ids)), bool(here))


def erase(workspace: Workspace, asked: str, *, now: datetime) -> Erased:
    """Puts the ids on the list of who is dropped for ever and writes every run anew without them.

    The old runs, or the new ones, are there whole at any moment. Raises: ConfigError, InputError, IoError.
    """
    with hold(workspace.state / "lock", now=now):
        head = generation.start(workspace.state, workspace.out)
        meant = who(workspace, asked, now=now)
        before = suppression(workspace.state)
        hashes = Hashed(workspace_key(workspace.state), before.hashes).with_ids(meant.gone.ids).hashes
        grown = Suppression(before.generation + 1, hashes)
        everywhere = _under_all_names(meant.gone, workspace_key(workspace.state))
        rewritten = generation.stage(workspace.out, head.name if head else None, everywhere, grown)
        generation.commit(workspace.state, grown)
        generation.finish(workspace.state, workspace.out)
        return Erased(meant, rewritten, tuple(remains(workspace, everywhere)))


def _pseudonyms(workspace: Workspace, head: Published | None) -> Pseudonyms | None:
    """Under which results may name accounts. Raises: IoError (I105)."""
    if head is None or not (head.pseudonymised or workspace.pseudonymise):
        return None
    return pseudonyms(workspace.state, make=False, used=head.pseudonymised)


def _under_all_names(gone: Gone, key: bytes) -> Gone:
    """Their pseudonyms, too: results may have been published under them, now or before."""
    names = Pseudonyms(key)
    return replace(gone, ids=gone.ids | {f"account:{names.account(each)}" for each in gone.of("account")})


def _said(asked: str, keys: Sequence[str]) -> list[str]:
    """The ids that a word may be, with their kind before them."""
    kinds = [*dict.fromkeys(KINDS.values()), *keys]
    kind, _, value = asked.partition(":")
    if kind in kinds and value:
        return [f"{kind}:{value.lower() if kind == 'email' else value}"]
    if "@" in asked:
        return [f"email:{asked.lower()}", f"user:{asked}"]
    return [f"{each}:{asked}" for each in kinds if each != "email"]


def _seen(loaded: Loaded, head: Published | None) -> frozenset[str]:
    """Ids that the exports or what is kept of earlier ones hold."""
    identity = loaded.identity
    ids = [identity.mapping["raw_id"], identity.claims["raw_id"], loaded.persons.members["id"]]
    ids += [rows["raw_id"] for rows in loaded.orphans.values()]
    accounts = [loaded.ledger["account_id"].drop_nulls()]
    before = head.ledger() if head is not None else None
    if before is not None:
        accounts.append(before["account_id"].drop_nulls())
    if head is not None:
        accounts.append(head.frame(PRIMARIES)["account_id"])
    ids += ["account:" + each for each in accounts]
    return frozenset(pl.concat([each.alias("id") for each in ids]).drop_nulls().unique())


def _person(raw_id: str, loaded: Loaded) -> str:
    """The person an id belongs to, else the id itself."""
    members = loaded.persons.members
    found = members.filter(pl.col("id") == raw_id)["person"]
    return str(found[0]) if len(found) else raw_id


def _whole(chosen: Sequence[str], loaded: Loaded, head: Published | None) -> Gone:
    """All ids that stand for the same person; for an account all that stand for it alone, and its names."""
    ids = set(chosen)
    accounts = {each.partition(":")[2] for each in ids if each.startswith("account:")}
    if accounts:
        ids |= _of_accounts(accounts, loaded)
    members = loaded.persons.members
    persons = members.filter(pl.col("id").is_in(sorted(ids)))["person"].unique()
    ids |= set(members.filter(pl.col("person").is_in(persons.implode()))["id"])
    ids |= {
        f"email:{each.partition(':')[2].lower()}" for each in ids if each.startswith("user:") and "@" in each
    }
    return Gone(frozenset(ids), _names(accounts, loaded, head))


def _of_accounts(accounts: set[str], loaded: Loaded) -> set[str]:
    """Ids that rows claim for these accounts and for no other."""
    claims = loaded.identity.claims.with_columns(theirs=pl.col("account_id").is_in(sorted(accounts)))
    shared = claims.filter(~pl.col("theirs"))["raw_id"].unique()
    own = claims.filter(pl.col("theirs") & ~pl.col("raw_id").is_in(shared.implode()))["raw_id"]
    return {each for each in own.unique() if not each.startswith(("domain:", "name:"))}


def _names(accounts: set[str], loaded: Loaded, head: Published | None) -> frozenset[str]:
    ledgers = [loaded.ledger, head.ledger() if head is not None else None]
    found: set[str] = set()
    for ledger in ledgers:
        if ledger is not None and "name" in ledger.columns:
            found.update(ledger.filter(pl.col("account_id").is_in(sorted(accounts)))["name"].drop_nulls())
    return frozenset(found)


def _unknown(asked: str, loaded: Loaded, seen: frozenset[str]) -> Problem:
    kind = "email" if "@" in asked else "user"
    close = did_you_mean(asked, [each.partition(":")[2] for each in seen if "@" not in each])
    hint = f"{kind}:{asked} puts it on the list all the same, for exports to come"
    return Problem("S170", f"nothing here holds {asked}", hint=f"{close} {hint}" if close else hint)
