"""The workbench of weights: numbers tried at once on answers that are there, bounds, and how firm an order is."""

from evalsys.services.bounds import Bound
from evalsys.services.workbench.bounding import BoundsPage, bounds_page, set_bounds
from evalsys.services.workbench.fragility import FragilityPage, Question, fragility_page
from evalsys.services.workbench.page import Bench, Sight, bench_of, look_at
from evalsys.services.workbench.scaling import scale_families

__all__ = [
    "Bench", "Bound", "BoundsPage", "FragilityPage", "Question", "Sight", "bench_of", "bounds_page", "fragility_page",
    "look_at", "scale_families", "set_bounds",
]  # fmt: skip
