"""Scorecards: from a run's tables to published content and its PDFs."""

from evalsys.services.scorecards.publishing import batch_of, is_published, pdf_path, publish, reprint

__all__ = ["batch_of", "is_published", "pdf_path", "publish", "reprint"]
