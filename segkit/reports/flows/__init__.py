"""Who moved where and by which cause: matrix, waterfalls, stays, who goes back and forth."""

from segkit.reports.flows.around import Around, Seen
from segkit.reports.flows.flapping import Flapping, flapping
from segkit.reports.flows.layout import lay_out_moves
from segkit.reports.flows.matrix import Flow, Matrix, flows, flows_frame, matrix, moved
from segkit.reports.flows.stays import Pace, Stay, pace, stays
from segkit.reports.flows.told import Range, Told, document, told
from segkit.reports.flows.waterfall import Part, Waterfall, waterfalls

__all__ = [
    "Around",
    "Flapping",
    "Flow",
    "Matrix",
    "Pace",
    "Part",
    "Range",
    "Seen",
    "Stay",
    "Told",
    "Waterfall",
    "document",
    "flapping",
    "flows",
    "flows_frame",
    "lay_out_moves",
    "matrix",
    "moved",
    "pace",
    "stays",
    "told",
    "waterfalls",
]
