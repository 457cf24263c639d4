"""The same formulas against two further libraries, where they are installed (the extra `reference`)."""

from __future__ import annotations

import numpy as np
import pytest

from segkit.studies.evaluate.numbers import wilson
from segkit.studies.evaluate.survival import kaplan_meier, log_rank
from tests.studies.test_formulas import SEEDS, sample


def test_wilson_is_statsmodels() -> None:
    why = "statsmodels is installed with segkit[reference]"
    proportion = pytest.importorskip("statsmodels.stats.proportion", reason=why)
    for k, n in ((0, 40), (3, 17), (17, 17), (250, 900)):
        assert wilson(k, n) == pytest.approx(proportion.proportion_confint(k, n, method="wilson"), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_stratified_log_rank_is_statsmodels(seed: int) -> None:
    why = "statsmodels is installed with segkit[reference]"
    survfunc = pytest.importorskip("statsmodels.duration.survfunc", reason=why)
    time, event, group, stratum = sample(seed)
    ours = log_rank(time, event, group, stratum)
    assert ours is not None
    theirs = survfunc.survdiff(time, event.astype(int), group, strata=stratum)
    assert (ours.statistic, ours.p) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.filterwarnings("ignore::Warning")
@pytest.mark.parametrize("seed", SEEDS)
def test_kaplan_meier_is_lifelines(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines", reason="lifelines is installed with segkit[reference]")
    time, event, _, _ = sample(seed)
    theirs = lifelines.KaplanMeierFitter().fit(time, event)
    curve = kaplan_meier(time, event)
    kept = curve.survival > 0
    at = curve.time[kept]
    assert curve.survival[kept] == pytest.approx(theirs.predict(at).to_numpy(), abs=1e-9)
    limits = theirs.confidence_interval_survival_function_.loc[at].to_numpy()
    assert np.stack([curve.low[kept], curve.high[kept]], axis=1) == pytest.approx(limits, abs=1e-9)
