"""The application with a mistake planted for tests: a rating is stored in two transactions instead of one."""

import time
from typing import Any

from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.config import Config
from evalsys.services.collection import submission

_put_into_box = submission.put_into_box


def _put_late(session: Session, *what: Any) -> None:
    session.commit()
    time.sleep(0.01)
    _put_into_box(session, *what)


vars(submission)["put_into_box"] = _put_late
app = create_app(Config.from_env())
