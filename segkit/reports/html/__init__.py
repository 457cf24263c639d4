"""report.html: one page for people, without script and without network."""

from segkit.reports.html.outcomes import evaluation_page, figure
from segkit.reports.html.page import page, story_page

__all__ = ["evaluation_page", "figure", "page", "story_page"]
