"""What carries values between the grader and a kernel, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.inside.values import pack, packed, unpack, unpacked

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_plain_values_come_back(value):
    assert repr(unpacked(packed(value))) == repr(value)


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "bool"])
def test_arrays_come_back(kind):
    for shape in ((), (3,), (2, 0), (2, 3)):
        array = np.ones(shape, kind)
        back = unpacked(packed(array))
        assert back.dtype == kind and back.shape == shape and (back == array).all()
    assert np.isnan(unpacked(packed(np.array([np.nan, np.inf])))[0])


@pytest.mark.parametrize("value", [{1, 2}, object(), len, 1j, np.array([1j]), np.array([object()])])
def test_what_is_not_plain_is_not_packed(value):
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize(
    "value",
    [
        {"array": [1], "type": "object"},
        {"array": [1], "type": "100000000f8"},
        {"array": [[1], 2], "type": "float64"},
        {"array": {}, "type": "float64"},
        {"dict": [[[], 1]]},
        {"dict": 1},
        {},
    ],
)
def test_what_nothing_packs_to_is_not_unpacked(value):
    with pytest.raises((TypeError, ValueError, KeyError)):
        unpack(value)
