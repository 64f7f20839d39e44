"""Scorecards: from a run's tables to published content, and its public pages' data."""

from evalsys.services.scorecards.publishing import batch_of, publish

__all__ = ["batch_of", "publish"]
