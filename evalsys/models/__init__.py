"""Every table of the application, one file a noun."""

from evalsys.models.account import Account, AccountInvite, AccountRequest, LoginSession, Role, SignInThrottle, Throttle
from evalsys.models.assignment import Assignment
from evalsys.models.audit import AuditEntry
from evalsys.models.calendar import Holiday, RestDay, RoundDate
from evalsys.models.commitment import Commitment, CommitmentReport
from evalsys.models.consultation import Consultation, ConsultationComment, PollAnswer
from evalsys.models.elicitation import Elicitation, ElicitationAnswer
from evalsys.models.entry import PaperEntry
from evalsys.models.figure import Figure
from evalsys.models.finding import Finding
from evalsys.models.group import RaterGroup
from evalsys.models.indicator import Indicator, IndicatorVersion, RoundIndicator
from evalsys.models.objection import Objection, ObjectionDocument, ObjectionVote, ResultReply, ResultVote
from evalsys.models.panel import CalibrationAttempt, CalibrationCase, Competence, Document
from evalsys.models.place import Place
from evalsys.models.publication import PrintedFile, PublicationFile
from evalsys.models.quality import ExcludedResponse, Exclusion, Flag, QualityRule, Target
from evalsys.models.questionnaire import Question, Questionnaire, QuestionnaireVersion
from evalsys.models.release import PreparedScorecard, Release
from evalsys.models.response import Cell, Comment, Credential, Dirty, Draft, Inbox, Response, Submission, UsedPuzzle
from evalsys.models.roll import RollEntry
from evalsys.models.round import BEFORE_OPENING, IN_REVIEW, OVER, PUBLIC, Round, RoundState, RoundUnit
from evalsys.models.rules import RuleDocument
from evalsys.models.run import Run, RunTable
from evalsys.models.scheme import SchemeRemark, SchemeVersion, SchemeVote, WeightBound
from evalsys.models.scorecard import PublishedScorecard, SignedFile, Withdrawal
from evalsys.models.transfer import Transfer
from evalsys.models.translation import Translation
from evalsys.models.unit import Category, Lineage, Service, Unit, UnitService
from evalsys.models.visit import Term, TermUnit, Visit
from evalsys.models.work import WorkItem

__all__ = [
    "BEFORE_OPENING",
    "IN_REVIEW",
    "OVER",
    "PUBLIC",
    "Account",
    "AccountInvite",
    "AccountRequest",
    "Assignment",
    "AuditEntry",
    "CalibrationAttempt",
    "CalibrationCase",
    "Category",
    "Cell",
    "Comment",
    "Commitment",
    "CommitmentReport",
    "Competence",
    "Consultation",
    "ConsultationComment",
    "Credential",
    "Dirty",
    "Document",
    "Draft",
    "Elicitation",
    "ElicitationAnswer",
    "ExcludedResponse",
    "Exclusion",
    "Figure",
    "Finding",
    "Flag",
    "Holiday",
    "Inbox",
    "Indicator",
    "IndicatorVersion",
    "Lineage",
    "LoginSession",
    "Objection",
    "ObjectionDocument",
    "ObjectionVote",
    "PaperEntry",
    "Place",
    "PollAnswer",
    "PreparedScorecard",
    "PrintedFile",
    "PublicationFile",
    "PublishedScorecard",
    "QualityRule",
    "Question",
    "Questionnaire",
    "QuestionnaireVersion",
    "RaterGroup",
    "Release",
    "Response",
    "RestDay",
    "ResultReply",
    "ResultVote",
    "Role",
    "RollEntry",
    "Round",
    "RoundDate",
    "RoundIndicator",
    "RoundState",
    "RoundUnit",
    "RuleDocument",
    "Run",
    "RunTable",
    "SchemeRemark",
    "SchemeVersion",
    "SchemeVote",
    "Service",
    "SignInThrottle",
    "SignedFile",
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
    "WeightBound",
    "Withdrawal",
    "WorkItem",
]
