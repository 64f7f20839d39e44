"""Where the tracer of coverage rests: in what the tests themselves do, and in what other tests are traced for."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def untraced(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, run without the tracer: what a tracer watches takes two thirds longer, libraries included.

    The tracer stops and starts in one frame, so that it sees the end of every call whose beginning it saw.
    """

    @wraps(function)
    def quick(*arguments: P.args, **named: P.kwargs) -> R:
        tracer: Any = sys.gettrace()
        if not hasattr(tracer, "stop"):  # nobody traces, or a debugger does
            return function(*arguments, **named)
        tracer.stop()
        try:
            return function(*arguments, **named)
        finally:
            tracer.start()

    return quick
