"""Citizen supervisors: terms and areas, visits, declared conflicts, and visits as evidence."""

from evalsys.services.visits.area import Area, AreaUnit, area_of
from evalsys.services.visits.evidence import EvidenceLine, has_visits, own_evidence, round_evidence
from evalsys.services.visits.sending import (
    FilledVisit,
    VisitPage,
    declare_conflict,
    read_visit,
    read_visit_to_send,
    send_visit,
    was_sent,
)
from evalsys.services.visits.terms import NewTerm, TermsPage, give_term, import_terms, preview_terms, terms_page

__all__ = [
    "Area",
    "AreaUnit",
    "EvidenceLine",
    "FilledVisit",
    "NewTerm",
    "TermsPage",
    "VisitPage",
    "area_of",
    "declare_conflict",
    "give_term",
    "has_visits",
    "import_terms",
    "own_evidence",
    "preview_terms",
    "read_visit",
    "read_visit_to_send",
    "round_evidence",
    "send_visit",
    "terms_page",
    "was_sent",
]
