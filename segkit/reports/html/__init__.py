"""report.html: one page for people, without script and without network."""

from segkit.reports.html.page import page, story_page

__all__ = ["page", "story_page"]
