"""Random numbers by name: every part draws from its own stream, so that a new part changes no other one."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, name: str, *index: int) -> np.random.Generator:
    """The generator of `name` (and `index`, such as a week) under `seed`; the same one on every call."""
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode()), *index]))
    )
