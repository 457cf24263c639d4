"""What a playbook says about some accounts: its own words, or those of the first variant that fits."""

from __future__ import annotations

import numpy as np

from segkit.engine.members.membership import Ints
from segkit.engine.tasks.scene import Scene, Texts
from segkit.ruleset.model import Playbook

VARIED = ("owner", "effort", "touch", "say")
"""What is said anew as long as a task is open."""


def said(scene: Scene, book: Playbook, key: str, account: Ints, place: Ints) -> Texts:
    """[account] the text of `due` or one of VARIED in these places; None where nothing is said."""
    found = np.full(len(account), getattr(book, key, "") or None, dtype=object)
    for variant in reversed(book.variants):
        if key in variant.changes:
            found[scene.true(variant.when)[account, place]] = variant.changes[key]
    return found
