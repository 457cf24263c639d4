"""Invented accounts with a known truth: seasons, declines, outages, people, and what a CRM would hold."""

from __future__ import annotations

from segkit.simulator.levels import Shares, Simulated, simulate
from segkit.simulator.raw import write_events
from segkit.simulator.workspace import write_workspace

__all__ = ["Shares", "Simulated", "simulate", "write_events", "write_workspace"]
