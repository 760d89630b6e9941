"""One spelling rule per language, and escapes for names that a language keeps to itself."""

from __future__ import annotations

import keyword

_C_WORDS = frozenset(
    """
    alignas alignof and and_eq asm atomic_cancel auto bitand bitor bool break case catch char
    char8_t char16_t char32_t class compl concept const consteval constexpr constinit
    const_cast continue co_await co_return co_yield decltype default delete do double
    dynamic_cast else enum explicit export extern false float for friend goto if inline int
    long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected
    public register reinterpret_cast requires restrict return short signed sizeof static
    static_assert static_cast struct switch template this thread_local throw true try typedef
    typeid typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq
    """.split()  # noqa: SIM905
)

_SWIFT_WORDS = frozenset(
    """
    associatedtype class deinit enum extension fileprivate func import init inout internal let
    open operator private precedencegroup protocol public rethrows static struct subscript
    typealias var break case catch continue default defer do else fallthrough for guard if in
    repeat return throw switch where while Any as await false is nil self Self super throws
    true try
    """.split()  # noqa: SIM905
)


def is_c_word(name: str) -> bool:
    """Whether C or C++ keeps this name to itself."""
    return name in _C_WORDS


def is_swift_word(name: str) -> bool:
    """Whether Swift keeps this name to itself."""
    return name in _SWIFT_WORDS


def pascal(name: str) -> str:
    """quantized_matmul -> QuantizedMatmul."""
    return "".join(part.capitalize() for part in name.split("_"))


def camel(name: str) -> str:
    """global_scale_x -> globalScaleX."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def macro(name: str) -> str:
    """quantized_matmul -> QUANTIZED_MATMUL."""
    return name.upper()


def c_name(name: str) -> str:
    """The name of a C struct field or C++ member; keywords of both get a trailing underscore."""
    return name + "_" if name in _C_WORDS else name


def python_name(name: str) -> str:
    """The name of a Python parameter; keywords get a trailing underscore, as PEP 8 has it."""
    return name + "_" if keyword.iskeyword(name) or name == "self" else name


def swift_name(name: str) -> str:
    """The name of a Swift parameter or case, in backticks where it is a keyword."""
    spelled = camel(name)
    return f"`{spelled}`" if spelled in _SWIFT_WORDS else spelled


def swift_label(name: str) -> str:
    """An argument label: every word is legal there but inout, var and let."""
    spelled = camel(name)
    return f"`{spelled}`" if spelled in ("inout", "var", "let") else spelled
