"""The big list of naughty strings, and what attackers write into names."""

from __future__ import annotations

import json

from tests.corpora.reading import CORPORA, here

__all__ = ["XSS", "here", "naughty"]

XSS = (
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</svg><svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<!--<script>-->alert(1)//",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7*7 }}{% for x in y %}",
    "${alert(1)}`-alert(1)-`",
    "\u2028<script\u2029>alert(1)</script\x00>",
)
"""Twenty ways to run a script from a name."""


def naughty() -> list[str]:
    """All 515 strings."""
    found: list[str] = json.loads((CORPORA / "blns/blns.json").read_text(encoding="utf-8"))
    return found
