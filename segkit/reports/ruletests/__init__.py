"""Tests of rules: what a made-up account does week by week, and where it must be."""

from segkit.reports.ruletests.cases import Case, read_cases
from segkit.reports.ruletests.coverage import Covered, coverage
from segkit.reports.ruletests.faults import Fault, faults
from segkit.reports.ruletests.noticing import Boundaries, Watch, boundaries
from segkit.reports.ruletests.running import Ran, run_cases
from segkit.reports.ruletests.telling import coverage_lines, junit, lines
from segkit.reports.ruletests.verdicts import Verdict, judge

__all__ = [
    "Boundaries",
    "Case",
    "Covered",
    "Fault",
    "Ran",
    "Verdict",
    "Watch",
    "boundaries",
    "coverage",
    "coverage_lines",
    "faults",
    "judge",
    "junit",
    "lines",
    "read_cases",
    "run_cases",
]
