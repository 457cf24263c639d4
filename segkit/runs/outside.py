"""`assign` on bare files, without a workspace: the packaged rules, and what had to be assumed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from segkit.errors import InputError, Place, Problem
from segkit.facts.mapping import SourceConfig
from segkit.periods import Calendar
from segkit.resources import shipped_rules
from segkit.ruleset.model import Definitions, Selection
from segkit.runs.assign import assign
from segkit.runs.given.commonest import commonest
from segkit.runs.given.places import places
from segkit.runs.run import Run
from segkit.workspace import Workspace

CORE = 5
"""How many of the most used features count as core where nobody said which do."""


def assign_files(
    usage: Path,
    accounts: Path | None,
    *,
    now: datetime,
    rules: Path | None = None,
    as_of: date | None = None,
    accept: Mapping[str, str] | None = None,
) -> Run:
    """One dry run over all history of these files. Raises: ConfigError, InputError."""
    missing = [path for path in (usage, accounts) if path is not None and not path.is_file()]
    if missing:
        raise InputError([Problem("D101", "there is no such file", Place(str(path))) for path in missing])
    paths = {"usage": usage, **({"accounts": accounts} if accounts else {})}
    with TemporaryDirectory(prefix="segkit-") as folder:
        # The exports folder of a workspace is searched whole; the user's folder may be the whole disk.
        root = Path(folder)
        links = {name: _link(root, name, path) for name, path in paths.items()}
        real = {str(root / link): str(paths[name]) for name, link in links.items()}
        sources = {name: SourceConfig(files=link) for name, link in links.items()}
        with places(lambda name: real.get(str(root / name), name)):
            definitions, assumed = assume(root, sources["usage"])
        workspace = Workspace(
            root=root,
            file=root / "segkit.yaml",
            name=usage.name,
            calendar=Calendar(),
            timezone="UTC",
            rules=rules or shipped_rules(),
            exports=root,
            state=root / "state",
            out=root / "out",
            sources=sources,
            definitions=definitions,
            quiet_days=2,
            snapshot_grace=3,
        )
        with places(lambda name: real.get(name, name)):
            run = assign(workspace, now=now, as_of=as_of, dry_run=True, accept=accept)
    assert run.screen is not None
    # What the rules miss without further sources is said by the screen itself.
    return replace(run, screen=run.screen.remarked(assumed), warnings=())


def _link(root: Path, source: str, path: Path) -> str:
    """The file, linked under a name without pattern signs."""
    name = "".join("_" if sign in "*?[]{}" else sign for sign in path.name)
    (root / source).mkdir()
    (root / source / name).symlink_to(path.resolve())
    return f"{source}/{name}"


def assume(exports: Path, config: SourceConfig) -> tuple[Definitions, tuple[str, ...]]:
    """Definitions from what is commonest in the usage file, and sentences that say so. Raises: InputError."""
    found = commonest(exports, config)
    logins, features = found.logins, tuple(name for name, _ in found.features)
    core, advanced = features[:CORE], features[CORE:]
    definitions = Definitions(
        login=Selection(events=logins) if logins else "active_day",
        core_features=core,
        advanced_features=advanced,
        core_workflow=Selection(),
    )
    said = [
        f"a login is {' or '.join(logins) if logins else 'a day with use'}",
        f"core features are the most used: {', '.join(core)}" if core else "no features are exported",
        "every event counts as a core workflow",
    ]
    return definitions, (f"Assumed, because no segkit.yaml says it: {'; '.join(said)}",)
