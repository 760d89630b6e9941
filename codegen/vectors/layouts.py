"""Ways in which an array can lie in memory.

What is not an element of it is filled with 0xFF: NaN, -1, or a large index.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from codegen.vectors.case import Array, StoredTensor, name_of

_Layout = Callable[[Array], StoredTensor]


def store(array: Array, layout: str) -> StoredTensor:
    """The array in one of `LAYOUTS`."""
    return _LAYOUTS[layout](array)


def _contiguous(array: Array) -> StoredTensor:
    return StoredTensor(name_of(array), array.shape, None, 0, np.ascontiguousarray(array).tobytes())


def _offset(array: Array) -> StoredTensor:
    """Contiguous, three elements into its memory."""
    skipped = 3 * array.itemsize
    data = b"\xff" * skipped + np.ascontiguousarray(array).tobytes()
    return StoredTensor(name_of(array), array.shape, None, skipped, data)


def _strided(array: Array) -> StoredTensor:
    """Every second element along the last axis, and a gap of three after each row."""
    if array.ndim == 0:
        return _offset(array)
    padded = tuple(
        2 * size if axis == array.ndim - 1 else size for axis, size in enumerate(array.shape)
    )
    memory = _filled((*padded[:-1], padded[-1] + 3), array)
    return _view_of(memory, memory[..., : padded[-1] : 2], array)


def _transposed(array: Array) -> StoredTensor:
    """The first axis runs fastest."""
    memory = _filled(array.shape[::-1], array)
    return _view_of(memory, memory.T, array)


def _reversed(array: Array) -> StoredTensor:
    """Element 0 lies last, and every stride is negative."""
    if array.ndim == 0:
        return _offset(array)
    memory = _filled(array.shape, array)
    return _view_of(memory, np.flip(memory), array)


def _broadcast(array: Array) -> StoredTensor:
    """Stride 0 along every axis on which all elements are equal."""
    index = tuple(
        slice(0, 1) if size > 1 and _is_constant(array, axis) else slice(None)
        for axis, size in enumerate(array.shape)
    )
    memory = np.array(array[index], dtype=array.dtype)
    return _view_of(memory, np.broadcast_to(memory, array.shape), None)


def _is_constant(array: Array, axis: int) -> bool:
    octets = (
        np.ascontiguousarray(np.moveaxis(array, axis, 0))
        .reshape(array.shape[axis], -1)
        .view(np.uint8)
    )
    return bool((octets == octets[:1]).all())


def _filled(shape: tuple[int, ...], like: Array) -> Array:
    memory: Array = (
        np.full((*shape, like.itemsize), 0xFF, dtype=np.uint8).view(like.dtype).reshape(shape)
    )
    return memory


def _view_of(memory: Array, view: Array, content: Array | None) -> StoredTensor:
    """`view` of `memory`, filled with `content`."""
    if content is not None:
        view[...] = content
    strides = tuple(stride // memory.itemsize for stride in view.strides)
    offset = view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return StoredTensor(
        name_of(memory), view.shape, strides, offset if view.size else 0, memory.tobytes()
    )


_LAYOUTS: dict[str, _Layout] = {
    "contiguous": _contiguous,
    "offset": _offset,
    "strided": _strided,
    "transposed": _transposed,
    "reversed": _reversed,
    "broadcast": _broadcast,
}
LAYOUTS = tuple(_LAYOUTS)
