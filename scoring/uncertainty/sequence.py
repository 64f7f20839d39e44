"""Sobol's sequence: points that fill the unit cube more evenly than random ones.

Primitive polynomials and initial direction numbers of S. Joe and F. Y. Kuo (2008), SIAM Journal on Scientific Computing
30, table new-joe-kuo-6, dimensions 2 to 20; points in Gray-code order (Antonov and Saleev).
"""

from typing import Final

import numpy as np

from scoring.frames import Floats, InputError

BITS: Final = 32
POLYNOMIALS: Final = (
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
    (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)),
    (5, 11, (1, 1, 5, 1, 1)),
    (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)),
    (6, 1, (1, 3, 3, 9, 7, 49)),
    (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
    (6, 19, (1, 1, 1, 15, 7, 5)),
    (6, 22, (1, 3, 1, 15, 13, 25)),
    (6, 25, (1, 1, 5, 5, 19, 61)),
    (7, 1, (1, 3, 7, 11, 23, 15, 103)),
)
MOST_COLUMNS: Final = len(POLYNOMIALS) + 1


def sobol_points(count: int, columns: int, rng: np.random.Generator) -> Floats:
    """The first ``count`` points, moved by a random digital shift, shape (count, columns), in (0, 1).

    The shift keeps the points' evenness and makes each of them uniform; a power of two of points is spread best.

    Raises:
        InputError: for more columns than there are direction numbers, or none.

    >>> sobol_points(4, 2, np.random.default_rng(1)).round(2).tolist()
    [[0.47, 0.51], [0.97, 0.01], [0.72, 0.76], [0.22, 0.26]]
    """
    if not 1 <= columns <= MOST_COLUMNS:
        raise InputError(f"columns {columns}: from 1 to {MOST_COLUMNS}")
    directions = np.array([_directions(column) for column in range(columns)], dtype=np.uint64)
    lowest_zero = [(~number & (number + 1)).bit_length() - 1 for number in range(count - 1)]
    steps = directions[:, lowest_zero].T
    points = np.bitwise_xor.accumulate(np.concatenate([np.zeros((1, columns), dtype=np.uint64), steps]))[:count]
    shift = rng.integers(0, 1 << BITS, columns, dtype=np.uint64)
    return np.asarray(((points ^ shift) + 0.5) / float(1 << BITS), dtype=np.float64)


def _directions(column: int) -> list[int]:
    """Direction numbers of one column as fractions of 2**32."""
    if column == 0:
        return [1 << (BITS - 1 - bit) for bit in range(BITS)]
    degree, coefficients, initial = POLYNOMIALS[column - 1]
    numbers = [number << (BITS - 1 - bit) for bit, number in enumerate(initial)]
    for bit in range(degree, BITS):
        number = numbers[bit - degree] ^ (numbers[bit - degree] >> degree)
        for back in range(1, degree):
            number ^= ((coefficients >> (degree - 1 - back)) & 1) * numbers[bit - back]
        numbers.append(number)
    return numbers
