"""The exports folder of a test."""

from tests.facts.conftest import exports

__all__ = ["exports"]
