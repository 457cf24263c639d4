"""A rule set as a page that anybody can read; its blocks can be pasted back as rules."""

from segkit.reports.described.markdown import markdown
from segkit.reports.described.page import page
from segkit.reports.described.value import Described, Today, described, today_of

__all__ = ["Described", "Today", "described", "markdown", "page", "today_of"]
