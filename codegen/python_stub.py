"""The overloads of the Python functions: what is optional in some modes only is not optional in the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.model import FlatArg, Mode, Op
from codegen.naming import pascal, python_name

ANY, NUMPY = "Array", "NDArray[Any]"
_PYTHON_TYPES = {
    "int32": "int | None",
    "dtype": "DTypeLike | None",
    "bool": "bool",
    "float32": "float",
}


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature: parameter lines and the type of the result."""

    parameters: list[str]
    result: str


@dataclass(frozen=True, slots=True)
class Stub:
    """The overloads of one op."""

    name: str
    overloads: list[Overload]


@dataclass(frozen=True, slots=True)
class Family:
    """Modes in which the same arguments and results are there."""

    modes: tuple[Mode, ...]
    default: bool


def result_class(op: Op) -> str:
    """The named tuple of an op with several outputs."""
    return f"{pascal(op.name)}Result"


def families(op: Op) -> list[Family]:
    """The modes of an op by what they have, in the order of the mode table."""
    groups: dict[tuple[bool, bool], list[Mode]] = {}
    for mode in op.modes:
        groups.setdefault((mode.has_bias, mode.has_global_scale), []).append(mode)
    default = next((flat.default for flat in op.flat_args if flat.type == "mode"), None)
    return [
        Family(tuple(modes), any(m.name == default for m in modes)) for modes in groups.values()
    ]


def _literal(modes: tuple[Mode, ...]) -> str:
    return f"Literal[{', '.join(repr(mode.name) for mode in modes)}]".replace("'", '"')


def _tensor(flat: FlatArg, family: Family | None) -> str:
    """A tensor's type and default, in a family or, without one, in any mode."""
    source, optional = flat.source, f": {ANY} | None = ..."
    if family is None:
        packed = flat.field is not None and flat.source.name == "packed"
        return f": {ANY}" if packed or (flat.required and flat.field is None) else optional
    mode = family.modes[0]
    if source.present_if is not None:
        return f": {ANY}" if mode.holds(source.present_if) else ": None = ..."
    if source.allowed_if is not None:
        return optional if mode.holds(source.allowed_if) else ": None = ..."
    return f": {ANY}" if flat.required else optional


def _parameter(flat: FlatArg, family: Family | None) -> str:
    name = python_name(flat.name)
    if flat.is_tensor:
        return name + _tensor(flat, family)
    if flat.type == "mode":
        if family is None:
            return f"{name}: str = ..."
        return f"{name}: {_literal(family.modes)}" + (" = ..." if family.default else "")
    return f"{name}: {_PYTHON_TYPES[flat.type]} = ..."


def _of_record(op: Op) -> list[str]:
    """Parameters where the weight is a QuantizedTensor: what it holds is not given again."""
    lines = []
    for flat in op.flat_args:
        if flat.field is None:
            lines.append(_marked(flat, _parameter(flat, None)))
        elif flat.source.name == "packed":
            lines.append(_marked(flat, f"{python_name(flat.name)}: QuantizedTensorFields"))
        elif flat.operand:
            lines.append(_marked(flat, f"{python_name(flat.name)}: None = ..."))
    return lines


def _marked(flat: FlatArg, text: str) -> str:
    return text if flat.operand else f"*{text}"


def _star(lines: list[str]) -> list[str]:
    """Puts the `*` before the first keyword-only parameter."""
    result, open_ = [], True
    for line in lines:
        if line.startswith("*") and open_:
            result.append("*")
            open_ = False
        result.append(line.removeprefix("*"))
    return [*result, "*"] if open_ else result


def _first_operand(op: Op) -> str:
    return python_name(primary(op).name)


def primary(op: Op) -> FlatArg:
    """The argument that decides device and kind of the results: x, else w."""
    tensors = {flat.name: flat for flat in op.flat_args if flat.is_tensor}
    return tensors.get("x") or next(iter(tensors.values()))


def _results(op: Op, family: Family | None, array: str) -> str:
    if len(op.outputs) == 1:
        return "Any" if array == ANY else array
    array = "Any" if array == ANY else array
    types = [array]
    for out in op.outputs:
        if out.present_if is not None:
            holds = None if family is None else family.modes[0].holds(out.present_if)
            types.append({None: f"{array} | None", True: array, False: "None"}[holds])
    return f"{result_class(op)}[{', '.join(types)}]"


_TAIL = ["device: str | None = ...", "stream: int | None = ...", "context: Context | None = ..."]


def _kinds(op: Op, lines: list[str], family: Family | None) -> Iterator[Overload]:
    """The overload for numpy operands, and that for all others."""
    first = f"{_first_operand(op)}: {ANY}"
    numpy_out = f"out: {NUMPY} | None = ..." if len(op.outputs) == 1 else "out: None = ..."
    any_out = f"out: {ANY} | None = ..." if len(op.outputs) == 1 else "out: None = ..."
    if any(line == first for line in lines):
        numpy_lines = [
            f"{_first_operand(op)}: {NUMPY}" if line == first else line for line in lines
        ]
        yield Overload([*_star(numpy_lines), numpy_out, *_TAIL], _results(op, family, NUMPY))
    yield Overload([*_star(lines), any_out, *_TAIL], _results(op, family, ANY))


def stub(op: Op) -> Stub:
    """Every overload of an op: one pair for each mode family, for a QuantizedTensor, and for a mode that is not known."""
    overloads: list[Overload] = []
    if op.record is not None:
        overloads += _kinds(op, _of_record(op), None)
    for family in families(op):
        lines = [_marked(flat, _parameter(flat, family)) for flat in op.flat_args]
        overloads += _kinds(op, lines, family)
    loose = [_marked(flat, _parameter(flat, None)) for flat in op.flat_args]
    overloads += _kinds(op, loose, None)
    if len(op.outputs) > 1:
        overloads.append(Overload([*_star(loose), "out: _OutT", *_TAIL], "_OutT"))
    return Stub(op.name, overloads)
