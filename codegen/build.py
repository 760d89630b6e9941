"""From a loaded document to the model: every text of the expression language is parsed here."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from codegen.build_layers import LayerBuilder
from codegen.expression import Expression, ExpressionError, Name, parse, parse_shape
from codegen.layers import ShardKind
from codegen.load import Document
from codegen.model import (
    Arg,
    Backend,
    DType,
    Fact,
    Info,
    Literal,
    Mode,
    Op,
    Record,
    Schema,
    Status,
    Text,
)
from codegen.problems import Path, Problems


class Builder:
    """Turns plain values into the model, and collects what it cannot read.

    `broken` holds the paths of ops and records with an expression that cannot be read, and
    `layers_broken` tells that something in the layers cannot be.
    """

    def __init__(self, document: Document, problems: Problems) -> None:
        self.document = document
        self.problems = problems
        self.sets: dict[str, tuple[str, ...]] = {
            name: tuple(members) for name, members in document.value["dtype_sets"].items()
        }
        self.dtypes = {entry["name"] for entry in document.value["dtypes"]}
        self.broken: set[Path] = set()
        self.layers_broken = False

    def schema(self) -> Schema:
        """The whole model."""
        value = self.document.value
        modes = tuple(self._mode(m) for m in value["modes"])
        records = tuple(self._record(r, ("records", i)) for i, r in enumerate(value["records"]))
        by_name = {mode.name: mode for mode in modes}
        ops = tuple(self._op(o, ("ops", i), by_name, records) for i, o in enumerate(value["ops"]))
        layers = LayerBuilder(self.document, ops, tuple(by_name.values()), self.sets, self.problems)
        built = layers.layers()
        self.layers_broken = layers.broken
        canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return Schema(
            version=value["version"],
            abi_version=value["abi_version"],
            dtypes=tuple(DType(**entry) for entry in value["dtypes"]),
            dtype_sets=tuple(self.sets.items()),
            statuses=tuple(Status(**entry) for entry in value["statuses"]),
            backends=tuple(Backend(**entry) for entry in value["backends"]),
            modes=modes,
            records=records,
            info=self._info(value["info"]),
            ops=ops,
            shardings=tuple(ShardKind(**entry) for entry in value["shardings"]),
            layers=built,
            shard_texts=tuple(_text(entry) for entry in value["shard_texts"]),
            file_texts=tuple(_text(entry) for entry in value["file_texts"]),
            digest=hashlib.sha256(canonical.encode()).hexdigest(),
        )

    def _mode(self, value: dict[str, Any]) -> Mode:
        scale_dtypes = value["scale_dtypes"]
        if isinstance(scale_dtypes, str):
            scale_dtypes = self.sets.get(scale_dtypes, (scale_dtypes,))
        lists = {key: tuple(value[key]) for key in ("bits", "group_sizes")}
        return Mode(**{**value, **lists, "scale_dtypes": tuple(scale_dtypes)})

    def _record(self, value: dict[str, Any], path: Path) -> Record:
        fields = tuple(
            self._arg(field, (*path, "fields", i)) for i, field in enumerate(value["fields"])
        )
        place = self.document.place(path)
        return Record(value["name"], value["doc"], fields, place.at(), place)

    def _info(self, value: dict[str, Any]) -> Info:
        return Info(value["doc"], tuple(Fact(**field) for field in value["fields"]))

    def _op(
        self, value: dict[str, Any], path: Path, modes: dict[str, Mode], records: tuple[Record, ...]
    ) -> Op:
        args = tuple(self._arg(arg, (*path, "args", i)) for i, arg in enumerate(value["args"]))
        dims = tuple(
            (name, self._expression(text, (*path, "dims", name)))
            for name, text in value.get("dims", {}).items()
        )
        batch = value.get("batch")
        return Op(
            name=value["name"],
            swift=value["swift"],
            doc=value["doc"],
            detail=value.get("detail", ""),
            signature=tuple(value["signature"]),
            args=args,
            dims=dims,
            batch=None if batch is None else self._expression(batch, (*path, "batch")),
            backends=tuple(value["backends"].items()),
            modes=self._op_modes(args, modes, records),
            records=records,
            mark=self.document.mark(path),
            place=self.document.place(path),
        )

    def _op_modes(
        self, args: tuple[Arg, ...], modes: dict[str, Mode], records: tuple[Record, ...]
    ) -> tuple[Mode, ...]:
        record_names = {record.name for record in records}
        for arg in args:
            if arg.type in record_names:
                chosen = [modes[name] for name in arg.modes if name in modes]
                return tuple(chosen) if arg.modes else tuple(modes.values())
        return tuple(modes.values()) if any(arg.type == "mode" for arg in args) else ()

    def _arg(self, value: dict[str, Any], path: Path) -> Arg:
        flat = value.get("flat", {})
        return Arg(
            name=value["name"],
            type=value["type"],
            doc=value["doc"],
            mark=self.document.mark(path),
            out=value.get("out", False),
            nullable=value.get("nullable", False),
            omittable=value.get("omittable", False),
            default=self._default(value, path),
            present_if=self._optional(value, "present_if", path),
            allowed_if=self._optional(value, "allowed_if", path),
            dtypes=self._dtypes(value, "dtypes", path),
            shape=self._shape(value, path),
            view=value.get("view"),
            unit=value.get("unit"),
            value=value.get("value"),
            multiple_of=tuple(value.get("multiple_of", {}).items()),
            one_of=self._dtypes(value, "one_of", path),
            index_of=value.get("index_of"),
            paired_with=value.get("paired_with"),
            flat=tuple(flat.items()) if isinstance(flat, dict) else (("packed", flat),),
            accepts_float=value.get("accepts_float", False),
            per_expert=value.get("per_expert", False),
            default_mode=value.get("default_mode", "affine"),
            modes=tuple(value.get("modes", ())),
            keys=frozenset(value),
            place=self.document.place(path),
        )

    def _default(self, value: dict[str, Any], path: Path) -> Literal | Expression | None:
        default: Literal | None = value.get("default")
        if not isinstance(default, str) or value["type"] == "mode":
            return default
        node = self._expression(default, (*path, "default"))
        if isinstance(node, Name) and node.text in self.dtypes:
            return node.text
        return node

    def _optional(self, value: dict[str, Any], key: str, path: Path) -> Expression | None:
        return self._expression(value[key], (*path, key)) if key in value else None

    def _dtypes(
        self, value: dict[str, Any], key: str, path: Path
    ) -> tuple[str, ...] | Expression | None:
        given = value.get(key)
        if given is None:
            return None
        if isinstance(given, list):
            return tuple(given)
        if given in self.sets:
            return self.sets[given]
        if given in self.dtypes:
            return (given,)
        return self._expression(given, (*path, key))

    def _expression(self, text: str, path: Path) -> Expression:
        try:
            return parse(text)
        except ExpressionError as error:
            self._note(error, text, path)
            return Name(("invalid",))

    def _shape(self, value: dict[str, Any], path: Path) -> Any:
        if "shape" not in value:
            return None
        try:
            return parse_shape(value["shape"])
        except ExpressionError as error:
            self._note(error, value["shape"], (*path, "shape"))
            return None

    def _note(self, error: ExpressionError, text: str, path: Path) -> None:
        self.broken.add(path[:2])
        mark = self.document.mark(path)
        self.problems.add(mark, "S020", f"in {text!r}, at character {error.column + 1}: {error}")


def _text(value: dict[str, Any]) -> Text:
    names = re.findall(r"\{(\w+)\}", value["text"])
    return Text(value["name"], value["text"], tuple(dict.fromkeys(names)))
