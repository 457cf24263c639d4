"""What accounts said beside what they do: traits and topics of their texts, by segment."""

from segkit.reports.voices.counted import (
    NOT_SAID,
    TRAITS,
    Said,
    by_topic,
    by_trait,
    newest_traits,
    said_by,
    shown_traits,
)
from segkit.reports.voices.layout import lay_out_topics, lay_out_traits

__all__ = [
    "NOT_SAID",
    "TRAITS",
    "Said",
    "by_topic",
    "by_trait",
    "lay_out_topics",
    "lay_out_traits",
    "newest_traits",
    "said_by",
    "shown_traits",
]
