"""Who moved where and by which cause: matrix, waterfalls, stays, who goes back and forth."""

from segkit.reports.flows.flapping import Flapping, flapping
from segkit.reports.flows.matrix import Flow, Matrix, flows, flows_frame, matrix, moved
from segkit.reports.flows.stays import Pace, Stay, pace, stays
from segkit.reports.flows.waterfall import Part, Waterfall, waterfalls

__all__ = [
    "Flapping",
    "Flow",
    "Matrix",
    "Pace",
    "Part",
    "Stay",
    "Waterfall",
    "flapping",
    "flows",
    "flows_frame",
    "matrix",
    "moved",
    "pace",
    "stays",
    "waterfalls",
]
