"""Rewrites preprocessed MSL to C++ for OpenCL, with its lines kept.

What clang's OpenCL front end does not know: attributes, kernels that the host finds by name,
variables in threadgroup memory, function constants. Everything else of MSL that the project's
kernels use is the same there, or declared in shim/msl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from metal.translator.kernels import Kernel, Signature, host_name, signature, template_arguments
from metal.translator.tokens import Tokens, TranslationError

_VECTOR = re.compile(r"^(char|uchar|short|ushort|int|uint|long|ulong|float|half|bfloat|bool)[234]$")
_DECLARATOR = re.compile(r"^(.*[\s>])([A-Za-z_]\w*)\s*((?:\[.*\])?)$", re.DOTALL)
_FURTHER = re.compile(r"^([A-Za-z_]\w*)\s*((?:\[.*\])?)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FunctionConstant:
    """A constant that the host sets when it makes a pipeline."""

    name: str
    index: int
    type: str

    @property
    def symbol(self) -> str:
        """The variable's name in the shared object."""
        return f"function_constant_{self.index}_{self.name}"


class Rewriter:
    """One file: `text` is the result, `kernels` and `constants` what the module's tables hold."""

    def __init__(self, source: str) -> None:
        self._tokens = Tokens(source)
        self._output: list[str] = []
        self._templates: dict[str, Signature] = {}
        self._blocks: list[str] = []
        self._later: dict[int, str] = {}
        self._pending: list[str] = []
        self._template: tuple[int, int] | None = None
        self.kernels: list[Kernel] = []
        self.constants: list[FunctionConstant] = []
        self._run()
        self.text = "".join(self._output)

    def _run(self) -> None:
        index = 0
        while index < len(self._tokens):
            self._output.append(self._later.pop(index, ""))
            index = self._step(index)
        self._output += self._later.values()

    def _step(self, index: int) -> int:
        """Rewrites what stands at `index`; returns where to go on."""
        token = self._tokens[index]
        if token.kind == "attribute":
            self._pending.append(token.text)
            return index + 1
        if token.kind == "name":
            jump = self._name(index)
            if jump is not None:
                return jump
        self._track(index)
        self._output.append(token.text)
        return index + 1

    def _name(self, index: int) -> int | None:
        text = self._tokens[index].text
        if self._in_function():
            if text == "threadgroup":
                return self._threadgroup_variable(index)
            if _VECTOR.match(text) and self._tokens.text_at(self._tokens.next(index)) == "(":
                place = self._tokens[index].place
                raise TranslationError(f"{place}: the emulation has no vector constructors")
            return None
        if text == "template":
            return self._template_head(index)
        if text == "kernel" or (text == "void" and self._is_kernel()):
            return self._kernel(index)
        if text == "constant":
            return self._function_constant(index)
        return None

    def _is_kernel(self) -> bool:
        return any(re.search(r"\bkernel\b", attribute) for attribute in self._pending)

    def _in_function(self) -> bool:
        return any(block in ("function", "kernel") for block in self._blocks)

    def _track(self, index: int) -> None:
        """Follows braces and the ends of declarations."""
        text = self._tokens[index].text
        if text == "{":
            self._blocks.append("inner" if self._in_function() else self._block_kind(index))
            self._pending = []
        elif text == "}":
            if self._blocks:
                self._blocks.pop()
            self._template = None
        elif text == ";" and not self._in_function():
            self._pending = []
            self._template = None

    def _block_kind(self, index: int) -> str:
        begin = index
        while (before := self._tokens.before(begin)) >= 0:
            text = self._tokens[before].text
            if text in (";", "{", "}"):
                break
            if text == ")":
                return "function"
            begin = before
        head = self._tokens.text(begin, index)
        is_scope = re.search(r"\b(namespace|struct|union|enum|class)\b", head)
        return "scope" if is_scope else "function"

    def _template_head(self, index: int) -> int:
        tokens = self._tokens
        bracket = tokens.next(index)
        if tokens.text_at(bracket) != "<":
            return self._instantiation(index)
        end = tokens.closing_angle(bracket) + 1
        self._template = (bracket + 1, end - 1)
        self._output.append(tokens.text(index, end) + " " + tokens.newlines(index, end))
        return end

    def _kernel(self, index: int) -> int:
        """A kernel becomes a plain function, followed by its entry point."""
        tokens = self._tokens
        opening = index
        while tokens[opening].text != "(":
            opening = tokens.next(opening)
        name = tokens[tokens.before(opening)].text
        closing = tokens.closing(opening)
        body = tokens.next(closing)
        if tokens.text_at(body) != "{":
            raise TranslationError(f"{tokens[index].place}: the kernel {name} has no body")
        end = tokens.closing(body)
        found = signature(tokens, opening + 1, closing, self._pending)
        call = name
        if self._template is not None:
            call += template_arguments(tokens, *self._template)
            head = f"template <{tokens.text(*self._template)}> inline void entry_{name}"
            self._templates[name] = found
        else:
            head = f'extern "C" void {self._add(name, name, found)}'
        arguments = f"(const thread emulation_thread* thread_) {{ {call}({found.arguments}); }}"
        entry = f"\n{head}{arguments}\n"
        self._later[end + 1] = f'{entry}# {tokens[end].line} "{tokens[end].file}"\n'
        self._output.append(f"inline void {name}({found.declaration}) {{")
        self._output.append(tokens.newlines(index, body + 1))
        self._blocks.append("kernel")
        self._pending, self._template = [], None
        return body + 1

    def _add(self, name: str, function: str, found: Signature) -> str:
        symbol = f"kernel_{len(self.kernels)}_{function}"
        self.kernels.append(Kernel(name, symbol, found))
        return symbol

    def _instantiation(self, index: int) -> int:
        """template [[host_name("x")]] [[kernel]] decltype(f<...>) f<...>;"""
        tokens = self._tokens
        end = index
        while tokens.text_at(end) != ";":
            if end >= len(tokens):
                raise TranslationError(f"{tokens[index].place}: an instantiation that never ends")
            end += 1
        match = re.search(r"([A-Za-z_]\w*)\s*(<[^()]*>)\s*$", tokens.text(index, end))
        name = host_name(tokens.attributes(index, end))
        if match is None or name is None or match[1] not in self._templates:
            raise TranslationError(f"{tokens[index].place}: an instantiation of no kernel template")
        symbol = self._add(name, match[1], self._templates[match[1]])
        self._output.append(
            f'extern "C" void {symbol}(const thread emulation_thread* thread_) '
            f"{{ entry_{match[1]}{match[2]}(thread_); }}{tokens.newlines(index, end + 1)}"
        )
        self._pending = []
        return end + 1

    def _function_constant(self, index: int) -> int | None:
        tokens = self._tokens
        end = index
        while tokens.text_at(end) not in (";", "(", "{", "=", ""):
            end += 1
        attribute = " ".join(tokens.attributes(index, end))
        number = re.search(r"function_constant\s*\(\s*(\d+)\s*\)", attribute)
        match = re.match(r"^(.*?)([A-Za-z_]\w*)$", tokens.text(index + 1, end))
        if number is None or match is None or tokens.text_at(end) != ";":
            return None
        found = FunctionConstant(match[2], int(number[1]), match[1].replace("const ", "").strip())
        self.constants.append(found)
        self._output.append(f'extern constant {found.type} {found.name} __asm__("{found.symbol}");')
        return end + 1

    def _threadgroup_variable(self, index: int) -> int | None:
        """A variable becomes a reference to memory that the run time gives to the threadgroup."""
        tokens = self._tokens
        if tokens.text_at(tokens.before(index)) not in (";", "{", "}", ")", ":"):
            return None
        end = index
        while tokens.text_at(end) != ";":
            if tokens.text_at(end) in ("(", "{", "="):
                return None
            end += 1
        parts = tokens.parts(index + 1, end)
        first = _DECLARATOR.match(tokens.text(*parts[0]))
        if first is None or re.search(r"[*&]", re.sub(r"<.*>", "", first[1])):
            return None
        if "kernel" not in self._blocks:
            place = tokens[index].place
            raise TranslationError(f"{place}: a threadgroup variable outside of a kernel")
        variables = [(first[2], first[3])]
        for begin, last in parts[1:]:
            further = _FURTHER.match(tokens.text(begin, last))
            if further is None:
                raise TranslationError(f"{tokens[begin].place}: an unknown declarator")
            variables.append((further[1], further[2]))
        for name, extent in variables:
            kind = f"typename metal::emulation_type<{first[1].strip()}{extent}>::type"
            self._output.append(
                f"static constexpr constant char key_of_{name} = 0; "
                f"threadgroup {kind}& {name} = *(threadgroup {kind}*)"
                f"emulation_threadgroup_variable((ulong)&key_of_{name}, sizeof({kind}), "
                f"alignof({kind})); "
            )
        self._output.append(tokens.newlines(index, end + 1))
        return end + 1
