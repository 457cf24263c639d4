"""Files -> Facts: read, accept or refuse each row with a reason, say what the data cover and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segkit.facts.loading import InputFile, Loaded, load

__all__ = ["InputFile", "Loaded", "load"]


def __getattr__(name: str) -> Any:
    # Reading segkit.yaml needs only the source models: dataframes are loaded when files are.
    if name in __all__:
        from segkit.facts import loading

        return getattr(loading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
