"""Random timers, answers and rosters for the laws of membership."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from segkit.engine.members.membership import Answers, Ground, Latches, Scan, scan
from segkit.ruleset.expr import Holds, Metric
from segkit.ruleset.model import Segment, Times
from tests.laws.fold import fold

ACCOUNTS = 40
LAW = settings(
    # A case is a batch of accounts: shrinking takes minutes and says little more.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Case:
    segment: Segment
    answers: Answers
    ground: Ground

    def part(self, start: int, stop: int, before: Latches) -> Scan:
        """The scan of the periods from `start` up to `stop`."""
        said = self.answers
        answers = Answers(
            said.enter[:, start:stop],
            None if said.exit is None else said.exit[:, start:stop],
            None if said.at_once is None else said.at_once[:, start:stop],
        )
        g = self.ground
        ground = Ground(g.on[start:stop], g.paused[start:stop], g.waive[start:stop], g.periods[start:stop])
        return scan(self.segment, answers, ground, before)

    def whole(self) -> Scan:
        return scan(self.segment, self.answers, self.ground, Latches.out(ACCOUNTS))

    def folded(self) -> np.ndarray:
        """[A, T] weeks of membership, by the oracle."""
        said, g = self.answers, self.ground
        written = said.exit is not None
        at_once = said.at_once is not None
        return np.array(
            [
                fold(
                    self.segment,
                    [
                        (
                            int(said.enter[a, t]),
                            int(said.exit[a, t]) if written else None,
                            int(said.at_once[a, t]) if at_once else None,
                            bool(g.on[t, a]),
                            bool(g.paused[t, a]),
                            bool(g.waive[t, a]),
                        )
                        for t in range(g.on.shape[0])
                    ],
                )
                for a in range(ACCOUNTS)
            ]
        )


@st.composite
def times(draw: st.DrawFn) -> Times:
    of = draw(st.integers(1, 5))
    return Times(draw(st.sampled_from([of, of, max(of - 1, 1), 1])), of)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Answers that stay for a while, so that long streaks and long silences happen."""
    segment = Segment(
        "s",
        Holds(Metric("m")),
        enter_after=draw(times()),
        exit_after=draw(times()),
        min_stay=draw(st.integers(0, 6)),
        cooldown=draw(st.integers(0, 6)),
        max_gap=draw(st.integers(1, 5)),
        expire_after=draw(st.integers(1, 9)),
    )
    periods = draw(st.integers(1, 40))
    calm = draw(st.sampled_from([0.2, 0.5, 0.8]))
    unknown = draw(st.sampled_from([0.0, 0.2, 0.6]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    has_exit, has_at_once = draw(st.booleans()), draw(st.booleans())

    def tri() -> np.ndarray:
        fresh = rng.choice(
            [0, 1, -1], p=[(1 - unknown) / 2, (1 - unknown) / 2, unknown], size=(ACCOUNTS, periods)
        )
        keep = rng.random((ACCOUNTS, periods)) < calm
        for t in range(1, periods):
            fresh[:, t] = np.where(keep[:, t], fresh[:, t - 1], fresh[:, t])
        return fresh.astype(np.int8)

    gaps = tri().T == 1
    on = (rng.random(ACCOUNTS) < 0.5)[None, :] | gaps
    early = (np.arange(periods) < 4)[:, None] & (rng.random(ACCOUNTS) < 0.5)[None, :]
    ground = Ground(
        on=on,
        paused=rng.random((periods, ACCOUNTS)) < 0.2,
        waive=early & on,
        periods=np.arange(2900, 2900 + periods, dtype=np.int32),
    )
    return Case(segment, Answers(tri(), tri() if has_exit else None, tri() if has_at_once else None), ground)
