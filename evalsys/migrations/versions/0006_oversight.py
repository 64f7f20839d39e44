"""Oversight: the states of a whole year, design, consultation, votes, findings, objections, accounts.

A round that was scored has draft results now. SQLite makes its table anew, and with it the trigger that looks at it.
"""

import sqlalchemy as sa
from alembic import op

from evalsys.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = (
    "draft",
    "consulted",
    "approved",
    "collecting",
    "closed",
    "quality_control",
    "draft_results",
    "right_of_reply",
    "final",
    "published",
    "improving",
    "followed_up",
    "archived",
)
FORMER_STATES = ("draft", "approved", "collecting", "closed", "scored", "published")
FORMER_STATE = {
    "consulted": "draft",
    "quality_control": "closed",
    "draft_results": "scored",
    "right_of_reply": "scored",
    "final": "scored",
    "improving": "published",
    "followed_up": "published",
    "archived": "published",
}
MOVE = sa.text("UPDATE round SET state = :former WHERE state = :state")
LOCK = "questionnaire_keeps_its_content"
IS_CHANGED = "(NEW.body <> OLD.body OR NEW.digest <> OLD.digest OR NEW.version <> OLD.version)"
IS_LOCKED = "(SELECT state FROM round WHERE id = OLD.round_id) NOT IN ('draft', 'consulted', 'approved')"
WAS_LOCKED = "(SELECT state FROM round WHERE id = OLD.round_id) NOT IN ('draft', 'approved')"
PUBLIC_REASON = "scheme_version_amends_in_public"
KEEPS_REASON = "scheme_version_keeps_its_public_reason"
REASON_CHANGED = (
    "NEW.is_amendment <> OLD.is_amendment OR ((OLD.public_reason <> '' OR OLD.state <> 'proposed') AND "
    "(NEW.public_reason <> OLD.public_reason OR NEW.public_reason_locale <> OLD.public_reason_locale))"
)
REMARK = "scheme_remark_refuses_"
VOTE = "scheme_vote_keeps_its_choice_"
IS_DECIDED = "(SELECT state FROM scheme_version WHERE id = NEW.version_id) <> 'proposed'"


def _added() -> list[tuple[str, sa.Column[object]]]:
    return [
        ("round", sa.Column("is_pilot", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("round", sa.Column("quorum", sa.Integer(), nullable=False, server_default="1")),
        ("round", sa.Column("majority", sa.String(length=10), nullable=False, server_default="half")),
        ("round", sa.Column("reply_days", sa.Integer(), nullable=False, server_default="14")),
        ("round", sa.Column("reply_until", sa.Date(), nullable=True)),
        ("round", sa.Column("opened_scheme", sa.String(length=64), nullable=False, server_default="")),
        ("round", sa.Column("rules_digest", sa.String(length=64), nullable=False, server_default="")),
        ("round", sa.Column("suspended_at", UtcDateTime(), nullable=True)),
        ("round", sa.Column("suspended_reason", sa.Text(), nullable=False, server_default="")),
        ("round", sa.Column("adopted_at", UtcDateTime(), nullable=True)),
        ("run", sa.Column("reason", sa.Text(), nullable=False, server_default="")),
        ("run", sa.Column("is_as_opened", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("scheme_version", sa.Column("public_reason", sa.Text(), nullable=False, server_default="")),
        ("scheme_version", sa.Column("public_reason_locale", sa.String(length=8), nullable=False, server_default="")),
        ("scheme_version", sa.Column("is_amendment", sa.Boolean(), nullable=False, server_default=sa.false())),
    ]


CHECKS = {
    "majority": "majority IN ('half', 'two_thirds', 'all')",
    "quorum": "quorum >= 1",
    "suspended": "suspended_at IS NULL OR suspended_reason <> ''",
}


def upgrade() -> None:
    """Apply the change."""
    _create_tables_of_design()
    _create_tables_of_results()
    for table, column in _added():
        op.add_column(table, column)
    _unlock_questionnaires()
    with op.batch_alter_table("round") as batch:
        batch.drop_constraint(op.f("ck_round_state"), type_="check")
    op.execute("UPDATE round SET state = 'draft_results' WHERE state = 'scored'")
    op.execute(
        "UPDATE round SET opened_scheme = coalesce((SELECT digest FROM scheme_version "
        "WHERE round_id = round.id AND state = 'approved'), '') WHERE opened_at IS NOT NULL"
    )
    with op.batch_alter_table("round") as batch:
        batch.create_check_constraint(op.f("ck_round_state"), _is_one_of(STATES))
        for name, condition in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_round_{name}"), condition)
    _lock_questionnaires(IS_LOCKED)
    _amend_in_public()
    _keep_debates()


def downgrade() -> None:
    """Take it back; a state that did not exist becomes the one before it. Refused where that would undo a decision."""
    _refuse_to_undo_decisions()
    table = "scheme_version"
    for name in (PUBLIC_REASON, KEEPS_REASON):
        op.execute(f"DROP TRIGGER {name} ON {table}" if _is_postgresql() else f"DROP TRIGGER {name}")
    _unlock_questionnaires()
    with op.batch_alter_table("round") as batch:
        for name in ("state", *CHECKS):
            batch.drop_constraint(op.f(f"ck_round_{name}"), type_="check")
    for state, former in FORMER_STATE.items():
        op.execute(MOVE.bindparams(state=state, former=former))
    with op.batch_alter_table("round") as batch:
        batch.create_check_constraint(op.f("ck_round_state"), _is_one_of(FORMER_STATES))
    _lock_questionnaires(WAS_LOCKED)
    for table, column in reversed(_added()):
        op.drop_column(table, column.name)
    _drop_tables()


def _refuse_to_undo_decisions() -> None:
    """Without its columns a suspended round would go on, and weights changed later would pass for the opening ones."""
    found = op.get_bind().scalar
    if found(sa.text("SELECT count(*) FROM round WHERE suspended_at IS NOT NULL")):
        raise RuntimeError("0006 is not taken back: a round is suspended and would go on. Resume it first.")
    if found(sa.text("SELECT count(*) FROM scheme_version WHERE is_amendment = :yes").bindparams(yes=True)):
        raise RuntimeError(
            "0006 is not taken back: weights were changed after a round had opened, and the reason given in public "
            "would be lost. Restore a copy made before the upgrade instead."
        )


def _drop_tables() -> None:
    op.drop_table("objection_vote")
    op.drop_table("objection_document")
    op.drop_table("result_vote")
    op.drop_index(op.f("ix_poll_answer_consultation_id"), table_name="poll_answer")
    op.drop_table("poll_answer")
    op.drop_index(op.f("ix_objection_round_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_consultation_comment_consultation_id"), table_name="consultation_comment")
    op.drop_table("consultation_comment")
    op.drop_table("scheme_vote")
    if _is_postgresql():
        for act in ("insert", "update", "delete"):
            op.execute(f"DROP FUNCTION {VOTE}{act}()")
    op.drop_index(op.f("ix_scheme_remark_version_id"), table_name="scheme_remark")
    op.drop_table("scheme_remark")
    op.drop_table("round_indicator")
    op.drop_table("elicitation_answer")
    op.drop_table("consultation")
    op.drop_index(
        "uq_rule_document_one_in_force",
        table_name="rule_document",
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_table("rule_document")
    op.drop_table("result_reply")
    op.drop_table("indicator_version")
    op.drop_index(op.f("ix_finding_round_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix_elicitation_round_id"), table_name="elicitation")
    op.drop_table("elicitation")
    op.drop_table("account_request")
    op.drop_index(op.f("ix_account_invite_account_id"), table_name="account_invite")
    op.drop_table("account_invite")
    op.drop_table("lineage")
    op.drop_table("weight_bound")
    op.drop_table("round_date")
    op.drop_table("rest_day")
    op.drop_table("holiday")


def _create_tables_of_design() -> None:
    op.create_table(
        "holiday", sa.Column("day", sa.Date(), nullable=False), sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday"))
    )
    op.create_table(
        "rest_day",
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_rest_day_weekday")),
        sa.PrimaryKeyConstraint("weekday", name=op.f("pk_rest_day")),
    )
    op.create_table(
        "round_date",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=30), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_date_round_id")),
        sa.PrimaryKeyConstraint("round_id", "step", name=op.f("pk_round_date")),
    )
    op.create_table(
        "weight_bound",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("family", sa.String(length=80), nullable=False),
        sa.Column("member", sa.String(length=60), nullable=False),
        sa.Column("low", sa.String(length=20), nullable=False),
        sa.Column("high", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_weight_bound_round_id")),
        sa.PrimaryKeyConstraint("round_id", "family", "member", name=op.f("pk_weight_bound")),
    )
    op.create_table(
        "lineage",
        sa.Column("former_id", sa.Integer(), nullable=False),
        sa.Column("later_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('split', 'merge', 'succeed')", name=op.f("ck_lineage_kind")),
        sa.CheckConstraint("former_id <> later_id", name=op.f("ck_lineage_two_units")),
        sa.ForeignKeyConstraint(["former_id"], ["unit.id"], name=op.f("fk_lineage_former_id")),
        sa.ForeignKeyConstraint(["later_id"], ["unit.id"], name=op.f("fk_lineage_later_id")),
        sa.PrimaryKeyConstraint("former_id", "later_id", name=op.f("pk_lineage")),
    )
    op.create_table(
        "account_invite",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_invite_account_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_account_invite_created_by")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_account_invite")),
    )
    op.create_index(op.f("ix_account_invite_account_id"), "account_invite", ["account_id"], unique=False)
    op.create_table(
        "account_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposer_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decider_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_account_request_reason")),
        sa.CheckConstraint("state = 'proposed' OR decider_id IS NOT NULL", name=op.f("ck_account_request_decided")),
        sa.CheckConstraint("state IN ('proposed', 'done', 'declined')", name=op.f("ck_account_request_state")),
        sa.CheckConstraint(
            "decider_id IS NULL OR decider_id <> proposer_id", name=op.f("ck_account_request_two_persons")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_request_account_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["account.id"], name=op.f("fk_account_request_decider_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["account.id"], name=op.f("fk_account_request_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_request")),
    )
    op.create_table(
        "elicitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("family", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("method IN ('budget', 'ahp', 'rank', 'swing')", name=op.f("ck_elicitation_method")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_elicitation_opened_by")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_elicitation_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elicitation")),
    )
    op.create_index(op.f("ix_elicitation_round_id"), "elicitation", ["round_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("points", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposer_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decider_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_finding_reason")),
        sa.CheckConstraint("state = 'proposed' OR decider_id IS NOT NULL", name=op.f("ck_finding_decided")),
        sa.CheckConstraint("state IN ('proposed', 'in_force', 'declined', 'lifted')", name=op.f("ck_finding_state")),
        sa.CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name=op.f("ck_finding_two_persons")),
        sa.ForeignKeyConstraint(["decider_id"], ["account.id"], name=op.f("fk_finding_decider_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["account.id"], name=op.f("fk_finding_lifted_by")),
        sa.ForeignKeyConstraint(["proposer_id"], ["account.id"], name=op.f("fk_finding_proposer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_finding_round_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_finding_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_round_id"), "finding", ["round_id"], unique=False)
    op.create_table(
        "indicator_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_indicator_version_author_id")),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_indicator_version_indicator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_version")),
        sa.UniqueConstraint("indicator_id", "number", name=op.f("uq_indicator_version_indicator_id_number")),
    )
    op.create_table(
        "result_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_result_reply_text")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_result_reply_account_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_result_reply_round_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_result_reply_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_reply")),
        sa.UniqueConstraint("round_id", "unit_id", name=op.f("uq_result_reply_round_id_unit_id")),
    )
    op.create_table(
        "rule_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_rule_document_size")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_rule_document_round_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_rule_document_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_document")),
    )
    op.create_index(
        "uq_rule_document_one_in_force",
        "rule_document",
        ["round_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _create_tables_of_results() -> None:
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("has_poll", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_consultation_round_id")),
        sa.ForeignKeyConstraint(["version_id"], ["scheme_version.id"], name=op.f("fk_consultation_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("round_id", name=op.f("uq_consultation_round_id")),
    )
    op.create_table(
        "elicitation_answer",
        sa.Column("elicitation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_elicitation_answer_account_id")),
        sa.ForeignKeyConstraint(
            ["elicitation_id"], ["elicitation.id"], name=op.f("fk_elicitation_answer_elicitation_id")
        ),
        sa.PrimaryKeyConstraint("elicitation_id", "account_id", name=op.f("pk_elicitation_answer")),
    )
    op.create_table(
        "round_indicator",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_indicator_round_id")),
        sa.ForeignKeyConstraint(["version_id"], ["indicator_version.id"], name=op.f("fk_round_indicator_version_id")),
        sa.PrimaryKeyConstraint("round_id", "version_id", name=op.f("pk_round_indicator")),
    )
    op.create_table(
        "scheme_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_scheme_remark_text")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_scheme_remark_account_id")),
        sa.ForeignKeyConstraint(["version_id"], ["scheme_version.id"], name=op.f("fk_scheme_remark_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_remark")),
    )
    op.create_index(op.f("ix_scheme_remark_version_id"), "scheme_remark", ["version_id"], unique=False)
    op.create_table(
        "scheme_vote",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("choice IN ('for', 'against', 'abstain')", name=op.f("ck_scheme_vote_choice")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_scheme_vote_account_id")),
        sa.ForeignKeyConstraint(["version_id"], ["scheme_version.id"], name=op.f("fk_scheme_vote_version_id")),
        sa.PrimaryKeyConstraint("version_id", "account_id", name=op.f("pk_scheme_vote")),
    )
    op.create_table(
        "consultation_comment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("hidden_reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("answer = '' OR answered_by IS NOT NULL", name=op.f("ck_consultation_comment_answered")),
        sa.CheckConstraint("state <> 'hidden' OR hidden_reason <> ''", name=op.f("ck_consultation_comment_hidden")),
        sa.CheckConstraint("state IN ('received', 'published', 'hidden')", name=op.f("ck_consultation_comment_state")),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_consultation_comment_answered_by")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_consultation_comment_consultation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_comment")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_consultation_comment_consultation_id"), "consultation_comment", ["consultation_id"], unique=False
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'partly', 'rejected', 'withdrawn')", name=op.f("ck_objection_state")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'withdrawn') OR (decision <> '' AND decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_objection_decided"),
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_objection_text")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> account_id", name=op.f("ck_objection_two_persons")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_objection_account_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_objection_decided_by")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_objection_round_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_objection_run_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_objection_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_round_id"), "objection", ["round_id"], unique=False)
    op.create_table(
        "poll_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_poll_answer_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_poll_answer_consultation_id"), "poll_answer", ["consultation_id"], unique=False)
    op.create_table(
        "result_vote",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("choice IN ('for', 'against', 'abstain')", name=op.f("ck_result_vote_choice")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_result_vote_account_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_result_vote_run_id")),
        sa.PrimaryKeyConstraint("run_id", "account_id", name=op.f("pk_result_vote")),
    )
    op.create_table(
        "objection_document",
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_objection_document_document_id")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_objection_document_objection_id")),
        sa.PrimaryKeyConstraint("objection_id", "document_id", name=op.f("pk_objection_document")),
    )
    op.create_table(
        "objection_vote",
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("choice IN ('upheld', 'partly', 'rejected')", name=op.f("ck_objection_vote_choice")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_objection_vote_account_id")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_objection_vote_objection_id")),
        sa.PrimaryKeyConstraint("objection_id", "account_id", name=op.f("pk_objection_vote")),
    )


def _is_one_of(states: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(repr(state) for state in states)})"


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _lock_questionnaires(is_locked: str) -> None:
    """What people are asked cannot change once they are asked."""
    if _is_postgresql():
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change_of_open_form() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {is_locked} THEN RAISE EXCEPTION '{LOCK}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {LOCK} BEFORE UPDATE ON questionnaire FOR EACH ROW WHEN ({IS_CHANGED}) "
            "EXECUTE FUNCTION refuse_change_of_open_form()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {LOCK} BEFORE UPDATE ON questionnaire WHEN {IS_CHANGED} AND {is_locked} "
            f"BEGIN SELECT RAISE(ABORT, '{LOCK}'); END"
        )


def _unlock_questionnaires() -> None:
    op.execute(f"DROP TRIGGER {LOCK} ON questionnaire" if _is_postgresql() else f"DROP TRIGGER {LOCK}")


def _amend_in_public() -> None:
    """Weights that change after the opening say why to everybody."""
    if _is_postgresql():
        op.execute(
            f"CREATE TRIGGER {PUBLIC_REASON} BEFORE INSERT ON scheme_version FOR EACH ROW "
            f"WHEN (NEW.is_amendment AND NEW.public_reason = '') EXECUTE FUNCTION refuse_change('{PUBLIC_REASON}')"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {PUBLIC_REASON} BEFORE INSERT ON scheme_version "
            f"WHEN NEW.is_amendment AND NEW.public_reason = '' BEGIN SELECT RAISE(ABORT, '{PUBLIC_REASON}'); END"
        )


def _keep_debates() -> None:
    """Remarks stay as they are, votes once their version is decided, a public reason once it is given."""
    _refuse(KEEPS_REASON, "UPDATE ON scheme_version", REASON_CHANGED)
    for act in ("UPDATE", "DELETE"):
        _refuse(REMARK + act.lower(), f"{act} ON scheme_remark", "")
    for act in ("INSERT", "UPDATE", "DELETE"):
        is_decided = IS_DECIDED if act == "INSERT" else IS_DECIDED.replace("NEW", "OLD")
        name, kept = VOTE + act.lower(), "OLD" if act == "DELETE" else "NEW"
        if _is_postgresql():
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {is_decided} THEN "
                f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
                f"RETURN {kept}; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON scheme_vote FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            _refuse(name, f"{act} ON scheme_vote", is_decided)


def _refuse(name: str, what: str, condition: str) -> None:
    when = f" WHEN ({condition})" if condition else ""
    if _is_postgresql():
        op.execute(f"CREATE TRIGGER {name} BEFORE {what} FOR EACH ROW{when} EXECUTE FUNCTION refuse_change('{name}')")
    else:
        op.execute(f"CREATE TRIGGER {name} BEFORE {what}{when} BEGIN SELECT RAISE(ABORT, '{name}'); END")
