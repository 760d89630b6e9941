"""The library itself against MLX's CPU backend: the bytes of `quantize`.

Where the two differ, the library gives the model's bytes, and test_model_against_mlx.py names why.
"""

from __future__ import annotations

import os
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import reference_model as model
import thinbit
from reference_model import datasets
from reference_model.quantize import Elements

try:
    from reference_model.mlx_oracle import (
        ARGMIN_TIES_FROM,
        E2M1_TIES_TO_ZERO,
        mlx_quantize,
        subnormal_quotients,
        subnormal_sixths,
        without_subnormals,
        wrapped_groups,
    )
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("mlx is not installed", allow_module_level=True)

AFFINE = [setting[1:] for setting in model.ALL_SETTINGS if setting[0] == "affine"]
OTHERS = [("mxfp4", None), ("mxfp8", None), ("nvfp4", None), ("nvfp4", 1.0), ("nvfp4", 0.37)]


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("name", datasets.names())
def test_affine_gives_the_bytes_of_mlx(name: str, dtype: Any) -> None:
    w = datasets.make(name, dtype)
    for group_size, bits in AFFINE:
        ours = thinbit.quantize(w, group_size=group_size, bits=bits)
        theirs = mlx_quantize(without_subnormals(w), "affine", group_size, bits)
        for part, other in zip(ours, theirs, strict=True):
            assert part.dtype == other.dtype
            assert part.tobytes() == other.tobytes(), (group_size, bits)


def differing_codes(mode: str, elements: Elements) -> Any:
    """Codes that the contract has otherwise: ties and the sign of zero of E2M1."""
    if mode == "mxfp8":
        return np.zeros(elements.codes.shape, bool)
    ties = np.isin(np.abs(elements.scaled), E2M1_TIES_TO_ZERO)
    return ties | (elements.codes == 8) | (np.abs(elements.scaled) >= ARGMIN_TIES_FROM)


def differing_groups(mode: str, w: Any, global_scale: np.float32 | None) -> Any:
    """Groups whose scale the contract has otherwise: exponents that MLX wraps, and subnormals."""
    if mode == "nvfp4":
        sixths = subnormal_sixths(w)
        return sixths if global_scale is not None else np.zeros_like(sixths)
    return wrapped_groups(w, 448 if mode == "mxfp8" else 6)


@pytest.mark.parametrize(("mode", "relative"), OTHERS)
@pytest.mark.parametrize("name", datasets.names())
def test_the_other_modes_give_the_bytes_of_mlx(
    name: str, mode: str, relative: float | None
) -> None:
    w = without_subnormals(datasets.make(name, np.float32))
    scale = None
    if relative is not None:
        scale = np.float32(max(float(np.abs(w).max() or 1) * relative, 2.0**-116))
    given = None if scale is None else np.array(scale)
    wq, scales, _ = thinbit.quantize(w, mode=mode, global_scale=given)
    ours = model.quantized_elements(w, mode, global_scale=scale)
    np.testing.assert_array_equal(wq, model.pack(ours.codes, 8 if mode == "mxfp8" else 4))
    np.testing.assert_array_equal(scales, ours.scales)

    bits, group_size = (8 if mode == "mxfp8" else 4), (16 if mode == "nvfp4" else 32)
    other_wq, other_scales = mlx_quantize(
        w, mode, group_size, bits, None if scale is None else float(scale)
    )
    groups = differing_groups(mode, w, scale)
    np.testing.assert_array_equal(scales[~groups], other_scales[~groups])
    differs = differing_codes(mode, ours) | groups.repeat(group_size, axis=-1)
    if mode == "nvfp4":
        # A group of the scale 0 has codes 0; MLX's are of 0/0 and w/0, and have the signs of w.
        differs |= (scales == 0).repeat(group_size, axis=-1) | subnormal_quotients(w, scales)
    codes, other = model.unpack(wq, bits), model.unpack(other_wq, bits)
    np.testing.assert_array_equal(codes[~differs], other[~differs])
    if name in ("normal_unit", "uniform_unit"):
        assert differs.mean() < 0.15  # of small elements, whose code is -0
