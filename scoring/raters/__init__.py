"""What is asked about raters: how severe each one is, and whether units that rate each other trade marks."""

from scoring.raters.panels import AdjustedPanels, adjust_panels
from scoring.raters.reciprocity import reciprocity
from scoring.raters.severity import Severity, severity

__all__ = ["AdjustedPanels", "Severity", "adjust_panels", "reciprocity", "severity"]
