"""Tokens of preprocessed MSL, and how to find one's way among them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<newline>\n)
      | (?P<marker>^\#[^\n]*)
      | (?P<space>[ \t\r\f]+)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<number>\.?\d(?:[eEpP][+-]|[\w.'])*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign>\[\[|\]\]|::|->|<<=|>>=|&&|\|\||[-+*/%&|^=!<>]=|\+\+|--|<<|.)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_LINE_MARKER = re.compile(r'#\s*(?:line\s+)?(\d+)\s+"([^"]*)"')
_BLANK = ("space", "newline", "marker")
_CLOSING = {"(": ")", "{": "}", "[": "]"}


class TranslationError(Exception):
    """Source that the emulation cannot take; the message names the place."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, and where it stands. An `attribute` is a whole [[...]] without its brackets."""

    kind: str
    text: str
    file: str
    line: int

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


def _lex(source: str) -> list[Token]:
    tokens, file, line = [], "?", 1
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup or "sign", match.group()
        tokens.append(Token(kind, text, file, line))
        if kind == "marker" and (marker := _LINE_MARKER.match(text)):
            file, line = marker[2], int(marker[1]) - 1
        line += text.count("\n")
    return tokens


def _with_attributes(tokens: list[Token]) -> list[Token]:
    """Each [[...]] as one token: in MSL they occur in no expression."""
    result: list[Token] = []
    index = 0
    while index < len(tokens):
        start = tokens[index]
        if start.text != "[[":
            result.append(start)
            index += 1
            continue
        depth, end = 1, index + 1
        while depth > 0:
            if end == len(tokens):
                raise TranslationError(f"{start.place}: [[ without ]]")
            depth += {"[[": 1, "]]": -1}.get(tokens[end].text, 0)
            end += 1
        text = "".join(token.text for token in tokens[index + 1 : end - 1])
        result.append(Token("attribute", text, start.file, start.line))
        index = end
    return result


class Tokens:
    """The tokens of a file, by index."""

    def __init__(self, source: str) -> None:
        self._tokens = _with_attributes(_lex(source))

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, index: int) -> Token:
        return self._tokens[index]

    def next(self, index: int) -> int:
        """The next token that is not blank; len() at the end."""
        index += 1
        while index < len(self) and self[index].kind in _BLANK:
            index += 1
        return index

    def before(self, index: int) -> int:
        """The token before that is not blank; -1 at the beginning."""
        index -= 1
        while index >= 0 and self[index].kind in _BLANK:
            index -= 1
        return index

    def text_at(self, index: int) -> str:
        """Its text; empty outside of the file."""
        return self[index].text if 0 <= index < len(self) else ""

    def closing(self, index: int) -> int:
        """The bracket that closes the one at `index`."""
        opening = self[index].text
        depth = 0
        for position in range(index, len(self)):
            text = self[position].text
            depth += (text == opening) - (text == _CLOSING[opening])
            if depth == 0:
                return position
        raise TranslationError(f"{self[index].place}: {opening} is never closed")

    def closing_angle(self, index: int) -> int:
        """The > that closes the template bracket at `index`."""
        depth, position = 0, index
        while position < len(self):
            text = self[position].text
            if text == "(":
                position = self.closing(position)
            depth += (text == "<") - (text == ">")
            if depth == 0:
                return position
            position += 1
        raise TranslationError(f"{self[index].place}: < is never closed")

    def text(self, begin: int, end: int) -> str:
        """The text of a range on one line, without attributes."""
        parts = (
            " " if token.kind in _BLANK else token.text
            for token in self._tokens[begin:end]
            if token.kind != "attribute"
        )
        return re.sub(r"\s+", " ", "".join(parts)).strip()

    def attributes(self, begin: int, end: int) -> list[str]:
        """The attributes of a range."""
        return [token.text for token in self._tokens[begin:end] if token.kind == "attribute"]

    def newlines(self, begin: int, end: int) -> str:
        """The line breaks of a range, to keep the lines after it where they are."""
        return "\n" * sum(token.text.count("\n") for token in self._tokens[begin:end])

    def parts(self, begin: int, end: int) -> list[tuple[int, int]]:
        """The ranges between the commas of a range, brackets being kept whole."""
        result, start, index, angles = [], begin, begin, 0
        while index < end:
            text = self[index].text
            if text in _CLOSING:
                index = self.closing(index)
            elif text == "<":
                angles += 1
            elif text == ">" and angles:
                angles -= 1
            elif text == "," and angles == 0:
                result.append((start, index))
                start = index + 1
            index += 1
        if self.text(start, end):
            result.append((start, end))
        return result
