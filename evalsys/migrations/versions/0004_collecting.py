"""Collecting: groups, lists, service points, paper, panels, visits, figures, quality, transfers; a sealed box."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from evalsys.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _new() -> list[sa.Column[Any]]:
    return [
        sa.Column("final_response_id", sa.String(length=32), nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("returned_note", sa.Text(), nullable=False, server_default=""),
        sa.Column("reminded_on", sa.Date(), nullable=True),
    ]


def _added() -> list[tuple[str, sa.Column[Any]]]:
    return [
        ("comment", sa.Column("item", sa.String(length=40), nullable=False, server_default="")),
        ("credential", sa.Column("group_code", sa.String(length=30), nullable=False, server_default="citizens")),
        ("questionnaire", sa.Column("body", sa.Text(), nullable=False, server_default="")),
        ("questionnaire", sa.Column("digest", sa.String(length=64), nullable=False, server_default="")),
        ("questionnaire", sa.Column("version", sa.Integer(), nullable=False, server_default="1")),
        ("response", sa.Column("pace", sa.SmallInteger(), nullable=False, server_default="0")),
        ("response", sa.Column("network", sa.Integer(), nullable=False, server_default="0")),
        ("round", sa.Column("seal_key", sa.LargeBinary(), nullable=True)),
        ("round", sa.Column("network_salt", sa.LargeBinary(), nullable=True)),
    ]


def _widen_assignment() -> None:
    with op.batch_alter_table("assignment") as batch:
        for column in _new():
            batch.add_column(column)
        batch.create_foreign_key(op.f("fk_assignment_final_response_id"), "response", ["final_response_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_assignment_first_round_first"), "final_response_id IS NULL OR response_id IS NOT NULL"
        )
    _set_states("state IN ('open', 'waiting', 'submitted', 'conflict')")


def _narrow_assignment() -> None:
    """What waits for its head's release is open again, with its draft."""
    op.execute("UPDATE assignment SET state = 'open' WHERE state = 'waiting'")
    _set_states("state IN ('open', 'submitted', 'conflict')")
    with op.batch_alter_table("assignment") as batch:
        batch.drop_constraint(op.f("ck_assignment_first_round_first"), type_="check")
        batch.drop_constraint(op.f("fk_assignment_final_response_id"), type_="foreignkey")
        for column in reversed(_new()):
            batch.drop_column(column.name)


def _set_states(condition: str) -> None:
    with op.batch_alter_table("assignment") as batch:
        batch.drop_constraint(op.f("ck_assignment_state"), type_="check")
    with op.batch_alter_table("assignment") as batch:
        batch.create_check_constraint(op.f("ck_assignment_state"), condition)


LOCK = "questionnaire_keeps_its_content"
IS_CHANGED = "(NEW.body <> OLD.body OR NEW.digest <> OLD.digest OR NEW.version <> OLD.version)"
IS_LOCKED = "(SELECT state FROM round WHERE id = OLD.round_id) NOT IN ('draft', 'approved')"


def _lock_questionnaires() -> None:
    """What people are asked cannot change once they are asked; PostgreSQL wants a function to look at the round."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change_of_open_form() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {IS_LOCKED} THEN RAISE EXCEPTION '{LOCK}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {LOCK} BEFORE UPDATE ON questionnaire FOR EACH ROW WHEN ({IS_CHANGED}) "
            "EXECUTE FUNCTION refuse_change_of_open_form()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {LOCK} BEFORE UPDATE ON questionnaire WHEN {IS_CHANGED} AND {IS_LOCKED} "
            f"BEGIN SELECT RAISE(ABORT, '{LOCK}'); END"
        )


def _unlock_questionnaires() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {LOCK} ON questionnaire")
        op.execute("DROP FUNCTION refuse_change_of_open_form()")
    else:
        op.execute(f"DROP TRIGGER {LOCK}")


def _seal_inbox() -> None:
    """What waits in the open box is mixed now: nobody can seal it without reading it."""
    _empty_inbox()
    op.drop_table("inbox")
    op.create_table(
        "inbox",
        sa.Column("ballot", sa.String(length=32), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(length=30), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_inbox_questionnaire_id")),
        sa.PrimaryKeyConstraint("ballot", name=op.f("pk_inbox")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbox_questionnaire_id"), "inbox", ["questionnaire_id"], unique=False)


def _unseal_inbox() -> None:
    """Sealed ratings cannot be carried back: close the rounds that collect before going back."""
    waiting = op.get_bind().execute(sa.text("SELECT count(*) FROM inbox")).scalar()
    if waiting:
        raise RuntimeError(f"{waiting} sealed ratings wait to be mixed; mix them before going back")
    op.drop_table("inbox")
    op.create_table(
        "inbox",
        sa.Column("ballot", sa.String(length=32), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(length=30), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_inbox_questionnaire_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inbox_unit_id")),
        sa.PrimaryKeyConstraint("ballot", name=op.f("pk_inbox")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbox_questionnaire_id"), "inbox", ["questionnaire_id"], unique=False)


def _empty_inbox() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT * FROM inbox")).mappings().all()
    moved = sorted(({**row, "id": secrets.token_hex(16)} for row in rows), key=lambda row: row["id"])
    kept = "questionnaire_id, unit_id, stratum, channel, day, answers"
    places = ", ".join(f":{name}" for name in kept.split(", "))
    for row in moved:
        bind.execute(sa.text(f"INSERT INTO response (id, {kept}, status) VALUES (:id, {places}, 0)"), row)  # noqa: S608  own names
        if row["comment"]:
            text = {"id": secrets.token_hex(16), "response_id": row["id"], "text": row["comment"]}
            statement = (
                "INSERT INTO comment (id, response_id, text, state) VALUES (:id, :response_id, :text, 'received')"
            )
            bind.execute(sa.text(statement), text)
    for form, unit in {(row["questionnaire_id"], row["unit_id"]) for row in rows}:
        mark = {"id": secrets.token_hex(16), "form": form, "unit": unit}
        bind.execute(sa.text("INSERT INTO dirty (id, questionnaire_id, unit_id) VALUES (:id, :form, :unit)"), mark)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("window", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window", name=op.f("pk_throttle")),
    )
    op.create_table(
        "used_puzzle",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_puzzle")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_draft_round_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_draft")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_draft_round_id"), "draft", ["round_id"], unique=False)
    op.create_table(
        "quality_rule",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("excludes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_quality_rule_round_id")),
        sa.PrimaryKeyConstraint("round_id", "code", name=op.f("pk_quality_rule")),
    )
    op.create_table(
        "rater_group",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("has_open_channel", sa.Boolean(), nullable=False),
        sa.Column("needs_release", sa.Boolean(), nullable=False),
        sa.Column("has_two_rounds", sa.Boolean(), nullable=False),
        sa.Column("panel_stage", sa.SmallInteger(), nullable=False),
        sa.Column("needs_calibration", sa.Boolean(), nullable=False),
        sa.Column("parents", sa.JSON(), nullable=False),
        sa.CheckConstraint("mode IN ('public', 'assigned', 'visit')", name=op.f("ck_rater_group_mode")),
        sa.CheckConstraint("panel_stage IN (1, 2)", name=op.f("ck_rater_group_panel_stage")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_rater_group_round_id")),
        sa.PrimaryKeyConstraint("round_id", "code", name=op.f("pk_rater_group")),
    )
    op.create_table(
        "roll_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=30), nullable=False),
        sa.Column("stratum", sa.String(length=30), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=True),
        sa.Column("reminders", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'sending', 'invited', 'failed')", name=op.f("ck_roll_entry_state")),
        sa.CheckConstraint("channel IN ('letter', 'mail')", name=op.f("ck_roll_entry_channel")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_roll_entry_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_entry")),
        sa.UniqueConstraint("round_id", "person", name=op.f("uq_roll_entry_round_id_person")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "target",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=30), nullable=False),
        sa.Column("stratum", sa.String(length=30), nullable=False),
        sa.Column("unit_code", sa.String(length=30), nullable=False),
        sa.Column("option", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_target_number")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_target_round_id")),
        sa.PrimaryKeyConstraint("round_id", "group_code", "stratum", "unit_code", "option", name=op.f("pk_target")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("kiosk_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_place_service_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_place_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    op.create_table(
        "calibration_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference", sa.JSON(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.CheckConstraint("tolerance > 0", name=op.f("ck_calibration_case_tolerance")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_calibration_case_questionnaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_case")),
        sa.UniqueConstraint("questionnaire_id", "code", name=op.f("uq_calibration_case_questionnaire_id_code")),
    )
    op.create_table(
        "competence",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_competence_account_id")),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_competence_indicator_id")),
        sa.PrimaryKeyConstraint("account_id", "indicator_id", name=op.f("pk_competence")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_document_round_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_document_unit_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_document_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_round_id"), "document", ["round_id"], unique=False)
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=30), nullable=False),
        sa.Column("selection", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
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
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exclusion_reason")),
        sa.CheckConstraint(
            "rule <> '' OR state IN ('proposed') OR decider_id IS NOT NULL", name=op.f("ck_exclusion_decided")
        ),
        sa.CheckConstraint("state IN ('proposed', 'in_force', 'declined', 'lifted')", name=op.f("ck_exclusion_state")),
        sa.CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name=op.f("ck_exclusion_two_persons")),
        sa.ForeignKeyConstraint(["decider_id"], ["account.id"], name=op.f("fk_exclusion_decider_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["account.id"], name=op.f("fk_exclusion_lifted_by")),
        sa.ForeignKeyConstraint(["proposer_id"], ["account.id"], name=op.f("fk_exclusion_proposer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_exclusion_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_index(op.f("ix_exclusion_round_id"), "exclusion", ["round_id"], unique=False)
    op.create_table(
        "figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_figure_round_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_figure_unit_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_figure_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
    )
    op.create_index(
        "uq_figure_current",
        "figure",
        ["round_id", "unit_id", "indicator", "period"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "paper_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("first", sa.LargeBinary(), nullable=False),
        sa.Column("second", sa.LargeBinary(), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=False),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('once', 'differs', 'done')", name=op.f("ck_paper_entry_state")),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name=op.f("ck_paper_entry_two_operators")),
        sa.ForeignKeyConstraint(["first_by"], ["account.id"], name=op.f("fk_paper_entry_first_by")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_paper_entry_questionnaire_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_paper_entry_round_id")),
        sa.ForeignKeyConstraint(["second_by"], ["account.id"], name=op.f("fk_paper_entry_second_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_paper_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_entry")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_paper_entry_round_id_number")),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_questionnaire_version_questionnaire_id")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["account.id"], name=op.f("fk_questionnaire_version_saved_by")),
        sa.PrimaryKeyConstraint("questionnaire_id", "number", name=op.f("pk_questionnaire_version")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_term_period")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_term_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
    )
    op.create_index(op.f("ix_term_account_id"), "term", ["account_id"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("stored", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("rejected", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_transfer_direction")),
        sa.CheckConstraint(
            "state IN ('received', 'waiting', 'running', 'cancelling', 'done', 'failed', 'cancelled')",
            name=op.f("ck_transfer_state"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_transfer_created_by")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_transfer_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_round_id"), "transfer", ["round_id"], unique=False)
    op.create_table(
        "calibration_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("distance", sa.String(length=20), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_calibration_attempt_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["calibration_case.id"], name=op.f("fk_calibration_attempt_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_attempt")),
    )
    op.create_index(op.f("ix_calibration_attempt_account_id"), "calibration_attempt", ["account_id"], unique=False)
    op.create_index(op.f("ix_calibration_attempt_case_id"), "calibration_attempt", ["case_id"], unique=False)
    op.create_table(
        "excluded_response",
        sa.Column("exclusion_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["exclusion_id"], ["exclusion.id"], name=op.f("fk_excluded_response_exclusion_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_excluded_response_response_id")),
        sa.PrimaryKeyConstraint("exclusion_id", "response_id", name=op.f("pk_excluded_response")),
    )
    op.create_table(
        "flag",
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=30), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 3", name=op.f("ck_flag_grade")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_flag_response_id")),
        sa.PrimaryKeyConstraint("response_id", "rule", name=op.f("pk_flag")),
    )
    op.create_table(
        "term_unit",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_term_unit_term_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_term_unit_unit_id")),
        sa.PrimaryKeyConstraint("term_id", "unit_id", name=op.f("pk_term_unit")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_account_id")),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_visit_questionnaire_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_visit_response_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("nonce", name=op.f("uq_visit_nonce")),
    )
    op.create_index(op.f("ix_visit_account_id"), "visit", ["account_id"], unique=False)
    _widen_assignment()
    for table, column in _added():
        op.add_column(table, column)
    _seal_inbox()
    _lock_questionnaires()


def downgrade() -> None:
    """Take it back."""
    _unlock_questionnaires()
    _unseal_inbox()
    for table, column in reversed(_added()):
        op.drop_column(table, column.name)
    _narrow_assignment()
    op.drop_index(op.f("ix_visit_account_id"), table_name="visit")
    op.drop_table("visit")
    op.drop_table("term_unit")
    op.drop_table("flag")
    op.drop_table("excluded_response")
    op.drop_index(op.f("ix_calibration_attempt_case_id"), table_name="calibration_attempt")
    op.drop_index(op.f("ix_calibration_attempt_account_id"), table_name="calibration_attempt")
    op.drop_table("calibration_attempt")
    op.drop_index(op.f("ix_transfer_round_id"), table_name="transfer")
    op.drop_table("transfer")
    op.drop_index(op.f("ix_term_account_id"), table_name="term")
    op.drop_table("term")
    op.drop_table("questionnaire_version")
    op.drop_table("paper_entry")
    op.drop_index(
        "uq_figure_current",
        table_name="figure",
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_table("figure")
    op.drop_index(op.f("ix_exclusion_round_id"), table_name="exclusion")
    op.drop_table("exclusion")
    op.drop_index(op.f("ix_document_round_id"), table_name="document")
    op.drop_table("document")
    op.drop_table("competence")
    op.drop_table("calibration_case")
    op.drop_table("place")
    op.drop_table("target")
    op.drop_table("roll_entry")
    op.drop_table("rater_group")
    op.drop_table("quality_rule")
    op.drop_index(op.f("ix_draft_round_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_table("used_puzzle")
    op.drop_table("throttle")
