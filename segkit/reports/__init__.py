"""Decisions as answers: tables, the first screen, the summary."""

from segkit.reports.first.layout import WIDTH, Line, Piece, lay_out, plain
from segkit.reports.first.screen import Screen, first_screen
from segkit.reports.first.summary import summary
from segkit.reports.frames import assignments, transitions
from segkit.reports.html.page import page
from segkit.reports.pseudonymous import Answers, answers
from segkit.reports.tables import FORMATS, to_bytes, to_csv, to_parquet
from segkit.reports.worklist import worklist

__all__ = [
    "FORMATS",
    "WIDTH",
    "Answers",
    "Line",
    "Piece",
    "Screen",
    "answers",
    "assignments",
    "first_screen",
    "lay_out",
    "page",
    "plain",
    "summary",
    "to_bytes",
    "to_csv",
    "to_parquet",
    "transitions",
    "worklist",
]
