import numpy as np
import pytest
from scipy import stats

from scoring.quantiles import t_quantile


@pytest.mark.parametrize("probability", [0.9, 0.95, 0.975, 0.995])
def test_the_quantile_is_that_of_student(probability: float) -> None:
    freedom = np.concatenate([np.linspace(1, 99.99, 500), [100, 101.5, 1e3, 1e9]])
    assert t_quantile(freedom, probability) == pytest.approx(stats.t.ppf(probability, freedom), abs=2e-9)


def test_the_shape_of_the_question_is_the_shape_of_the_answer() -> None:
    assert t_quantile(np.ones((2, 3))).shape == (2, 3)
    assert t_quantile(4.0).shape == ()
    assert t_quantile(np.zeros(0)).shape == (0,)
