"""Small faults planted into rule sets, one at a time: each must make one of their tests fail.

`python -m tests.mutants [RULES…]` names those that no test notices; by default of all shipped rule sets.
"""

from __future__ import annotations

import sys
from pathlib import Path

from segkit.reports.ruletests import Watch, faults, judge, run_cases
from segkit.resources import shipped_rules
from segkit.runs.testing import cases_of, rules_alone, tests_of


def survivors(path: Path) -> tuple[int, list[str]]:
    """How many faults were planted, and which no test notices."""
    rules = rules_alone(path)
    cases, _ = cases_of(tests_of(path), rules)
    failed = [verdict.case.name for verdict in judge(run_cases(rules, cases)) if not verdict.passed]
    if failed:
        return 0, [f"{name} (a test that fails without any fault)" for name in failed]
    planted = tuple(faults(rules))
    left = Watch.of(rules, cases).unnoticed(planted)
    return len(planted), [f"{fault.segment or 'order and thresholds'}, {fault.what}" for fault in left]


def main(paths: list[Path]) -> int:
    wrong = 0
    for path in paths:
        count, left = survivors(path)
        print(f"{path.name}: {count} faults, {len(left)} that no test notices")
        print("".join(f"  {what}\n" for what in left), end="", flush=True)
        wrong += len(left)
    return int(wrong > 0)


if __name__ == "__main__":
    named = [Path(each) for each in sys.argv[1:]]
    sys.exit(main(named or sorted(shipped_rules().parent.glob("*.yaml"))))
