"""Weights asked of the board: four ways to ask, each member's answer, and what the answers say together."""

from evalsys.services.elicitations.acts import Asked, answer_elicitation, close_elicitation, open_elicitation
from evalsys.services.elicitations.methods import METHODS, SCALE
from evalsys.services.elicitations.pages import (
    Question,
    QuestionPage,
    Questions,
    Sheet,
    question_page,
    questions_page,
    sheet_page,
    try_sheet,
)

__all__ = [
    "METHODS",
    "SCALE",
    "Asked",
    "Question",
    "QuestionPage",
    "Questions",
    "Sheet",
    "answer_elicitation",
    "close_elicitation",
    "open_elicitation",
    "question_page",
    "questions_page",
    "sheet_page",
    "try_sheet",
]
