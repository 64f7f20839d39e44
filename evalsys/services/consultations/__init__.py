"""Public consultation of a draft: everybody comments without an account, and the oversight body answers in public."""

from evalsys.services.consultations.acts import (
    HIDING,
    Plan,
    Verdict,
    answer_comment,
    conclude_consultation,
    judge_comment,
    open_consultation,
)
from evalsys.services.consultations.desk import CommentPage, Desk, comment_page, desk_page, read_advice
from evalsys.services.consultations.pages import (
    ConsultationPage,
    list_consultations,
    read_consultation,
    running_consultation,
)
from evalsys.services.consultations.poll import Poll
from evalsys.services.consultations.sending import (
    Comment,
    Posted,
    is_form_number,
    new_form_number,
    send_comment,
    send_poll,
)
from evalsys.services.consultations.standing import refuse_while_consulting

__all__ = [
    "HIDING",
    "Comment",
    "CommentPage",
    "ConsultationPage",
    "Desk",
    "Plan",
    "Poll",
    "Posted",
    "Verdict",
    "answer_comment",
    "comment_page",
    "conclude_consultation",
    "desk_page",
    "is_form_number",
    "judge_comment",
    "list_consultations",
    "new_form_number",
    "open_consultation",
    "read_advice",
    "read_consultation",
    "refuse_while_consulting",
    "running_consultation",
    "send_comment",
    "send_poll",
]
