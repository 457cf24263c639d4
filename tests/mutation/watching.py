"""Tests in processes of their own.

A fault that runs at import meets them in a fork where the libraries are loaded and nothing of segkit is yet.
One in a function, as nearly all are, is put into the functions at hand, in a fork where all is imported and
no test has run, which saves the seconds that importing and collecting take. What a function with a fault
would have said at import goes unseen there: that can only count too few.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import pytest

from tests.mutation.places import put

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the tests of a room do without any fault."""

    seconds: dict[str, float]
    """Test -> what it takes, its fixtures included."""
    touched: dict[str, dict[str, list[int]]]
    """Test -> file -> lines of it that run in the test or in a fixture it asks for."""


def watch(folder: Path, tests: Sequence[str]) -> Seen:
    """Run the tests once and keep what each of them runs of a folder; SystemExit when one fails."""
    with tempfile.TemporaryDirectory() as work:
        told = Path(work) / "told.json"

        def child() -> int:
            watcher = _Watcher()
            watcher.lines = coverage.Coverage(
                data_file=None, branch=False, include=[f"{folder}/*"], config_file=False
            )
            watcher.lines.start()
            # A thread that ends while lines are kept is none of the tests' faults.
            code = _pytest([*tests], watcher, "-p", "no:unraisableexception")
            watcher.lines.stop()
            told.write_text(json.dumps(watcher.told()))
            return code

        code, _ = forked(child, 1200, Path(work) / "said")
        if code != 0:
            sys.exit(
                f"the tests fail without any fault ({code}):\n{(Path(work) / 'said').read_text()[-3000:]}"
            )
        return Seen(**json.loads(told.read_text()))


Meet = Callable[[Path, str, Sequence[str], float], tuple[str, str | None]]
"""(file of a module, another text, tests, seconds) -> `killed`, `survived` or `timeout`, and what killed."""


def afresh(path: Path, text: str, tests: Sequence[str], limit: float) -> tuple[str, str | None]:
    """Imports all of segkit with the other text."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    def child() -> int:
        sys.meta_path.insert(0, _Planted(module, path, text))
        return _pytest(sorted({test.split("::")[0] for test in tests}), _Chosen(list(tests)), "-x")

    with tempfile.TemporaryDirectory() as work:
        said = Path(work) / "said"
        code, _ = forked(child, limit, said)
        by = re.search(r"^(?:FAILED|ERROR) (tests/\S+)", said.read_text(errors="replace"), re.MULTILINE)
    result = {None: "timeout", 0: "survived"}.get(code, "killed")
    return result, by[1] if by and result == "killed" else None


def served(tests: Sequence[str], serve: Callable[[Meet], object]) -> None:
    """Imports and collects all tests once, and lets `serve` meet what differs in bodies of functions only."""
    with tempfile.TemporaryDirectory() as work:
        said = Path(work) / "said"

        def meet(
            session: pytest.Session, path: Path, text: str, chosen: Sequence[str], limit: float
        ) -> tuple[str, str | None]:
            def child() -> int:
                put(path, text)
                return _first_failing(session, chosen, said)

            said.unlink(missing_ok=True)
            code, _ = forked(child, limit, Path(work) / "told")
            result = {None: "timeout", 0: "survived"}.get(code, "killed")
            return result, said.read_text() if said.exists() and result == "killed" else None

        class Serving:
            def pytest_runtestloop(self, session: pytest.Session) -> bool:
                # Threads of a query do not live on in a fork: it would wait for them for ever.
                names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
                if any(name.startswith("polars-0") for name in names):
                    raise pytest.UsageError("a test module runs a query when it is imported")
                serve(partial(meet, session))
                return True

        if _pytest(tests, Serving(), "-s", f"--basetemp={work}/tests") != 0:
            sys.exit("the tests were not met")


def _first_failing(session: pytest.Session, chosen: Sequence[str], said: Path) -> int:
    items = {item.nodeid: item for item in session.items}
    failed: list[str] = []

    class Told:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failed.append(report.nodeid)

    session.config.pluginmanager.register(Told())
    for test, after in zip(chosen, [*chosen[1:], None], strict=True):
        session.config.hook.pytest_runtest_protocol(
            item=items[test], nextitem=items[after] if after else None
        )
        if failed:
            said.write_text(failed[0])
            return 1
    return 0


def forked(child: Callable[[], int], limit: float, said: Path) -> tuple[int | None, float]:
    """The exit code of a function in a fork, None when it took longer than the limit; and its seconds."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        to = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(to, 1)
        os.dup2(to, 2)
        try:
            code = child()
        except BaseException as error:  # the fork must never go on as its parent
            print(repr(error), file=sys.stderr)
            code = 9
        sys.stdout.flush()
        os._exit(int(code))
    while time.monotonic() - began < limit:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), time.monotonic() - began
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None, limit


def _pytest(tests: Sequence[str], plugin: object, *more: str) -> int:
    plain = ["-q", "-p", "no:cacheprovider", "--no-header", "--hypothesis-seed=0", *more]
    return int(pytest.main([*plain, *tests], plugins=[_Laws(), plugin]))


class _Laws:
    """A law that a fault breaks is broken: no time for the smallest case, and nothing is remembered."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        from hypothesis import Phase, settings

        settings.register_profile(
            "faults", settings.get_profile("suite"), database=None, phases=(Phase.explicit, Phase.generate)
        )
        settings.load_profile("faults")


@dataclass(eq=False)
class _Chosen:
    """Only these tests, in this order."""

    tests: list[str]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {test: at for at, test in enumerate(self.tests)}
        items[:] = sorted(
            (item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid]
        )


@dataclass(eq=False)
class _Watcher:
    """What runs in a fixture shared by several tests is told of each test that asks for it."""

    lines: Any = None
    asks: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    now: str = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._turn(item.nodeid)
        self.asks[item.nodeid] = [f"fixture {name}" for name in getattr(item, "fixturenames", ())]
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.monotonic() - began
            self._turn("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        before = self.now
        if fixturedef.scope != "function":
            self._turn(f"fixture {fixturedef.argname}")
        try:
            return (yield)
        finally:
            self._turn(before)

    def _turn(self, context: str) -> None:
        self.now = context
        self.lines.switch_context(context)

    def told(self) -> dict[str, Any]:
        data = self.lines.get_data()
        by_context: dict[str, dict[str, list[int]]] = {}
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:
                    by_context.setdefault(context, {}).setdefault(file, []).append(line)
        touched: dict[str, dict[str, list[int]]] = {}
        for test, fixtures in self.asks.items():
            whole: dict[str, set[int]] = {}
            for context in (test, *fixtures):
                for file, lines in by_context.get(context, {}).items():
                    whole.setdefault(file, set()).update(lines)
            touched[test] = {file: sorted(lines) for file, lines in whole.items()}
        return {"seconds": self.seconds, "touched": touched}


@dataclass(eq=False)
class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another text than its file's; nothing on the disk is touched."""

    module: str
    path: Path
    text: str

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self.path, loader=self, submodule_search_locations=package
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.text, str(self.path), "exec"), module.__dict__)
