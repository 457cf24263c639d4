"""Every built-in metric of a source other than usage, by its name in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from segkit.engine.counting.context import Compute
from segkit.engine.metrics import contract, health, milestones, people, surveys, tickets

TABLES: Mapping[str, Compute] = {
    "tickets": tickets.tickets,
    "open_tickets": tickets.open_tickets,
    "repeat_topic_tickets": tickets.repeat_topic_tickets,
    "median_resolution_hours": tickets.median_resolution_hours,
    "escalations": tickets.escalations,
    "positive_tickets": tickets.positive_tickets,
    "nps_latest": surveys.nps_latest,
    "csat_mean": surveys.csat_mean,
    "response_rate": surveys.response_rate,
    "days_since_touchpoint": people.days_since_touchpoint,
    "missed_touchpoints": people.missed_touchpoints,
    "key_users_left": people.key_users_left,
    "milestones_done": milestones.milestones_done,
    "milestones_overdue": milestones.milestones_overdue,
    "days_to_first_value": milestones.days_to_first_value,
    "days_to_renewal": contract.days_to_renewal,
    "notice_given": contract.notice_given,
    "seats_used": contract.seats_used,
    "plan_limit_used": contract.plan_limit_used,
    "arr": contract.arr,
    "arr_change": contract.arr_change,
    "payments_overdue": contract.payments_overdue,
    "health_score": health.health_score,
}
