"""Every table of the application, one file a noun."""

from evalsys.models.account import Account, LoginSession, Role, SignInThrottle, Throttle
from evalsys.models.assignment import Assignment
from evalsys.models.audit import AuditEntry
from evalsys.models.entry import PaperEntry
from evalsys.models.figure import Figure
from evalsys.models.group import RaterGroup
from evalsys.models.indicator import Indicator
from evalsys.models.panel import CalibrationAttempt, CalibrationCase, Competence, Document
from evalsys.models.place import Place
from evalsys.models.quality import ExcludedResponse, Exclusion, Flag, QualityRule, Target
from evalsys.models.questionnaire import Question, Questionnaire, QuestionnaireVersion
from evalsys.models.response import Cell, Comment, Credential, Dirty, Draft, Inbox, Response, Submission, UsedPuzzle
from evalsys.models.roll import RollEntry
from evalsys.models.round import Round, RoundState, RoundUnit
from evalsys.models.run import Run, RunTable
from evalsys.models.scheme import SchemeVersion
from evalsys.models.scorecard import PublishedScorecard
from evalsys.models.transfer import Transfer
from evalsys.models.translation import Translation
from evalsys.models.unit import Category, Service, Unit, UnitService
from evalsys.models.visit import Term, TermUnit, Visit
from evalsys.models.work import WorkItem

__all__ = [
    "Account",
    "Assignment",
    "AuditEntry",
    "CalibrationAttempt",
    "CalibrationCase",
    "Category",
    "Cell",
    "Comment",
    "Competence",
    "Credential",
    "Dirty",
    "Document",
    "Draft",
    "ExcludedResponse",
    "Exclusion",
    "Figure",
    "Flag",
    "Inbox",
    "Indicator",
    "LoginSession",
    "PaperEntry",
    "Place",
    "PublishedScorecard",
    "QualityRule",
    "Question",
    "Questionnaire",
    "QuestionnaireVersion",
    "RaterGroup",
    "Response",
    "Role",
    "RollEntry",
    "Round",
    "RoundState",
    "RoundUnit",
    "Run",
    "RunTable",
    "SchemeVersion",
    "Service",
    "SignInThrottle",
    "Submission",
    "Target",
    "Term",
    "TermUnit",
    "Throttle",
    "Transfer",
    "Translation",
    "Unit",
    "UnitService",
    "UsedPuzzle",
    "Visit",
    "WorkItem",
]
