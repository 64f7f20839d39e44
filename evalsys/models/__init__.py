"""Every table of the application, one file a noun."""

from evalsys.models.account import Account, LoginSession, Role, SignInThrottle
from evalsys.models.assignment import Assignment
from evalsys.models.audit import AuditEntry
from evalsys.models.indicator import Indicator
from evalsys.models.questionnaire import Question, Questionnaire
from evalsys.models.response import Cell, Comment, Credential, Dirty, Inbox, Response, Submission
from evalsys.models.round import Round, RoundState, RoundUnit
from evalsys.models.run import Run, RunTable
from evalsys.models.scheme import SchemeVersion
from evalsys.models.scorecard import PublishedScorecard
from evalsys.models.translation import Translation
from evalsys.models.unit import Category, Service, Unit, UnitService
from evalsys.models.work import WorkItem

__all__ = [
    "Account",
    "Assignment",
    "AuditEntry",
    "Category",
    "Cell",
    "Comment",
    "Credential",
    "Dirty",
    "Inbox",
    "Indicator",
    "LoginSession",
    "PublishedScorecard",
    "Question",
    "Questionnaire",
    "Response",
    "Role",
    "Round",
    "RoundState",
    "RoundUnit",
    "Run",
    "RunTable",
    "SchemeVersion",
    "Service",
    "SignInThrottle",
    "Submission",
    "Translation",
    "Unit",
    "UnitService",
    "WorkItem",
]
