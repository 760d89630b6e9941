"""Arrays of every library: into DLPack capsules, and out of nothing, as results."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from thinbit._errors import ThinbitError, invalid, type_of
from thinbit._generated.backends import BACKENDS
from thinbit._generated.dtypes import DTYPES
from thinbit._numpy_calls import set_bfloat16

_MAX_VERSION = (1, 0)
_CPU = BACKENDS["cpu"].dlpack_device
_CUDA = BACKENDS["cuda"].dlpack_device
_BFLOAT16 = DTYPES["bfloat16"].value
_KINDS = "an array of numpy, torch, mlx, jax, cupy, or anything else with __dlpack__"

# Types whose __dlpack__ is older than DLPack 1.0 and takes no max_version.
_unversioned: set[type] = set()

_libraries: dict[type, str] = {}

Allocate = Callable[[tuple[int, ...], str], Any]


class Array(Protocol):
    """Anything that can share its memory through DLPack."""

    @property
    def __dlpack__(self) -> Callable[..., Any]:
        """The method that makes a capsule."""
        ...

    @property
    def __dlpack_device__(self) -> Callable[..., Any]:
        """The method that tells where the memory is."""
        ...


def capsule_of(op: str, name: str, array: Any, stream: int | None) -> tuple[Any, int]:
    """A DLPack capsule of an array, and the dtype that it is a view of (0: its own).

    An array on a CUDA device is asked to be ready on `stream`, a number as DLPack has it.
    """
    if isinstance(array, np.ndarray):
        try:
            # The kind of dtypes that numpy does not know itself.
            if array.dtype.kind == "V" and array.dtype.name == "bfloat16":
                _introduce_bfloat16()
                return array.view(np.uint16).__dlpack__(max_version=_MAX_VERSION), _BFLOAT16
            return array.__dlpack__(max_version=_MAX_VERSION), 0
        except BufferError as error:
            raise _unshareable(op, name, array, error) from None
    method = getattr(array, "__dlpack__", None)
    if method is None or isinstance(array, type):
        raise _not_an_array(op, name, array)
    # Arrays elsewhere have no streams, and refuse one.
    ordered = stream is not None and device_of(array)[0] == _CUDA
    keywords = {"stream": stream} if ordered else {}
    try:
        if type(array) not in _unversioned:
            try:
                return method(max_version=_MAX_VERSION, **keywords), 0
            except TypeError:
                capsule = method(**keywords)
                _unversioned.add(type(array))
                return capsule, 0
        return method(**keywords), 0
    except BufferError as error:
        text = f"{name} cannot be shared through DLPack: {error}"
        raise invalid(op, name, "layout", text) from None


def device_of(array: Any) -> tuple[int, int]:
    """DLPack's device type and number; those of the CPU for what is no array."""
    if isinstance(array, (np.ndarray, type)) or not hasattr(array, "__dlpack_device__"):
        return _CPU, 0
    kind, index = array.__dlpack_device__()
    return int(kind), int(index)


def allocator_for(array: Any) -> Allocate:
    """What makes results of the kind of `array` from a shape and a dtype's name."""
    module = library_of(array)
    if module == "torch":
        return lambda shape, dtype: _torch_empty(shape, dtype, array.device)
    if module == "cupy":
        return lambda shape, dtype: _cupy_empty(shape, dtype, array.device)
    return numpy_empty


def numpy_empty(shape: tuple[int, ...], dtype: str) -> npt.NDArray[Any]:
    """An uninitialised numpy array."""
    return np.empty(shape, _numpy_dtype(dtype))


def largest_magnitude(array: Any) -> float:
    """The largest |element| of a float array: 0.0 for an empty one, NaN where one is NaN."""
    if not hasattr(array, "max"):
        array = np.from_dlpack(array)
    if 0 in tuple(array.shape):
        return 0.0
    high, low = float(array.max()), float(array.min())
    return high if high != high else max(abs(high), abs(low))


def bytes_of(array: Any) -> npt.NDArray[np.uint8]:
    """The bytes of an array of any library in row-major order."""
    library = library_of(array)
    if library == "torch":
        torch = sys.modules["torch"]
        array = array.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    elif library == "mlx":
        array = np.asarray(array.reshape(-1).view(sys.modules["mlx.core"].uint8))
    elif library == "cupy":
        array = array.get()
    elif not isinstance(array, np.ndarray):
        array = np.from_dlpack(array)
    flat: npt.NDArray[np.uint8] = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return flat


def numpy_of(array: Any) -> npt.NDArray[Any]:
    """The array of any library as numpy's: without a copy where the library can do that."""
    if isinstance(array, np.ndarray):
        return array
    name = dtype_name(array)
    if library_of(array) or name == "bfloat16":
        return bytes_of(array).view(_numpy_dtype(name)).reshape(tuple(array.shape))
    return np.from_dlpack(array)


def row_major(op: str, name: str, array: Any) -> npt.NDArray[Any]:
    """The array of any library in the host's memory, row-major: itself where it is that already."""
    if not hasattr(array, "__dlpack__") or isinstance(array, type):
        raise _not_an_array(op, name, array)
    return np.asarray(numpy_of(array), order="C")


def same_library(array: Any, like: Any) -> Any:
    """The array as one of torch or cupy, on the same device, where `like` is; else as numpy's."""
    library = library_of(like)
    if library == library_of(array):
        return array
    if library == "torch":
        torch = sys.modules["torch"]
        if dtype_name(array) == "bfloat16":
            words = torch.from_numpy(numpy_of(array).view(np.int16))
            return words.view(torch.bfloat16).to(like.device)
        return torch.from_numpy(numpy_of(array)).to(like.device)
    if library == "cupy":
        return sys.modules["cupy"].asarray(numpy_of(array))
    if library == "mlx":
        return sys.modules["mlx.core"].array(numpy_of(array))
    return numpy_of(array)


def dtype_name(array: Any) -> str:
    """The dtype of an array of any library, as numpy spells it."""
    return str(array.dtype).rpartition(".")[2]


def size_in_bytes(array: Any) -> int:
    """What the elements of an array take."""
    return int(array.nbytes if hasattr(array, "nbytes") else np.from_dlpack(array).nbytes)


def library_of(array: Any) -> str:
    """`torch`, `cupy` or `mlx`, by an array's type or through a base of it; else an empty text."""
    kind = type(array)
    if kind not in _libraries:
        roots = {base.__module__.partition(".")[0] for base in kind.__mro__}
        found = next((name for name in ("torch", "cupy", "mlx") if name in roots), "")
        _libraries[kind] = found
    return _libraries[kind]


@cache
def _introduce_bfloat16() -> None:
    """Let calls of numpy's arrays know the bfloat16 that results have."""
    with contextlib.suppress(ImportError):
        set_bfloat16(_numpy_dtype("bfloat16"))


@cache
def _numpy_dtype(name: str) -> np.dtype[Any]:
    if name != "bfloat16":
        return np.dtype(name)
    try:
        dtype: np.dtype[Any] = np.dtype(importlib.import_module("ml_dtypes").bfloat16)
        return dtype
    except ImportError:
        raise ImportError(
            "a bfloat16 result in numpy needs ml_dtypes: pip install ml_dtypes, or give out="
        ) from None


def _torch_empty(shape: tuple[int, ...], dtype: str, device: Any) -> Any:
    torch = sys.modules["torch"]
    return torch.empty(shape, dtype=getattr(torch, dtype), device=device)


def _cupy_empty(shape: tuple[int, ...], dtype: str, device: Any) -> Any:
    with device:
        return sys.modules["cupy"].empty(shape, _numpy_dtype(dtype))


def _not_an_array(op: str, name: str, value: Any) -> ThinbitError:
    hint = ""
    if isinstance(value, (np.generic, bool, int, float, complex)):
        hint = f"; numpy.array({name}, dtype=...) makes one of it"
    elif isinstance(value, (list, tuple)):
        hint = f"; numpy.asarray({name}, dtype=...) makes one of it"
    text = f"{name} is {type_of(value)}, and must be {_KINDS}{hint}"
    return invalid(op, name, "dtype", text)


def _unshareable(op: str, name: str, array: npt.NDArray[Any], error: BufferError) -> ThinbitError:
    if array.dtype.kind in "biufc" and array.dtype.isnative and array.dtype != np.longdouble:
        return invalid(op, name, "layout", f"{name} cannot be shared through DLPack: {error}")
    text = f"{name} is an array of {array.dtype.name}"
    if array.dtype.newbyteorder("=").name in DTYPES:
        order = f"numpy.asarray({name}, {name}.dtype.newbyteorder('=')) makes one"
        text += f" in foreign byte order, and must be in that of this machine; {order}"
    else:
        text += f", and thinbit's arrays are of {', '.join(DTYPES)}"
    return invalid(op, name, "dtype", text)
