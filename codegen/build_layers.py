"""From the `layers` of a loaded document to the model."""

from __future__ import annotations

from typing import Any

from codegen.check_names import known
from codegen.expression import ExpressionError, Name, Shape, ShapeRule, parse_shape, unparse_shape
from codegen.layers import (
    Binding,
    Conversion,
    DerivedValue,
    Layer,
    LayerCall,
    LayerField,
    LayerInput,
    Method,
    Reference,
    Sharding,
    Sum,
)
from codegen.load import Document
from codegen.model import Mode, Op
from codegen.problems import Place, Problems


class LayerBuilder:
    """Turns plain values into layers, and collects what it cannot read.

    `broken` tells that something was unreadable, so that nothing else is to be said of the layers.
    """

    def __init__(
        self,
        document: Document,
        ops: tuple[Op, ...],
        modes: tuple[Mode, ...],
        sets: dict[str, tuple[str, ...]],
        problems: Problems,
    ) -> None:
        self.document = document
        self.ops = {op.name: op for op in ops}
        self.modes = {mode.name: mode for mode in modes}
        self.sets = sets
        self.problems = problems
        self.broken = False

    def layers(self) -> tuple[Layer, ...]:
        """All layers that can be read."""
        before = len(self.problems.found)
        built = tuple(
            self._layer(value, self.document.place(("layers", i)))
            for i, value in enumerate(self.document.value["layers"])
        )
        self.broken = len(self.problems.found) > before
        return built

    def _layer(self, value: dict[str, Any], place: Place) -> Layer:
        return Layer(
            name=value["name"],
            doc=value["doc"],
            detail=value.get("detail", ""),
            fields=tuple(
                self._field(item, place.within("fields", i))
                for i, item in enumerate(value["fields"])
            ),
            repr=tuple(value["repr"]),
            conversions=tuple(
                self._conversion(item, place.within("to_quantized", i))
                for i, item in enumerate(value.get("to_quantized", ()))
            ),
            shardings=tuple(
                Sharding(
                    item["layer"],
                    item["sharding"],
                    _references(item["fields"]),
                    place.within("to_sharded", i),
                )
                for i, item in enumerate(value.get("to_sharded", ()))
            ),
            methods=tuple(
                self._method(value["name"], item, place.within("methods", i))
                for i, item in enumerate(value["methods"])
            ),
            place=place,
        )

    def _field(self, value: dict[str, Any], place: Place) -> LayerField:
        chosen = []
        for i, name in enumerate(value.get("modes", self.modes)):
            if known(name, self.modes, "mode", place.at("modes", i), self.problems):
                chosen.append(self.modes[name])
        axes: tuple[str, ...] = ()
        if "shape" in value:
            axes = self._axes(value["shape"], place)
        return LayerField(
            name=value["name"],
            type=value["type"],
            doc=value["doc"],
            nullable=value.get("nullable", False),
            dtypes=self._set(value, "dtypes", place) + self._set(value, "one_of", place),
            axes=axes,
            modes=tuple(chosen),
            place=place,
        )

    def _set(self, value: dict[str, Any], key: str, place: Place) -> tuple[str, ...]:
        if key not in value:
            return ()
        known(value[key], self.sets, "set of dtypes", place.at(key), self.problems)
        return self.sets.get(value[key], ())

    def _shape(self, text: str, place: Place) -> ShapeRule | None:
        try:
            return parse_shape(text)
        except ExpressionError as error:
            where = f"in {text!r}, at character {error.column + 1}"
            self.problems.add(place.at("shape"), "S020", f"{where}: {error}")
            return None

    def _axes(self, text: str, place: Place) -> tuple[str, ...]:
        shape = self._shape(text, place)
        if shape is None:
            return ()
        if not isinstance(shape, Shape) or shape.batch is not None:
            self.problems.add(place.at("shape"), "S020", f"{text!r} is no list of sizes")
            return ()
        names = []
        for axis in shape.dimensions:
            if axis.optional or not isinstance(axis.size, Name) or len(axis.size.parts) != 1:
                message = f"in {text!r}: an axis of a layer's field is one name"
                self.problems.add(place.at("shape"), "S020", message)
                continue
            names.append(axis.size.text)
        return tuple(names)

    def _conversion(self, value: dict[str, Any], place: Place) -> Conversion:
        return Conversion(
            layer=value["layer"],
            quantize_input=value.get("quantize_input", False),
            weight=value["weight"],
            fields=_references(value["fields"]),
            place=place,
        )

    def _method(self, layer: str, value: dict[str, Any], place: Place) -> Method:
        return Method(
            name=value["name"],
            doc=value["doc"],
            inputs=tuple(
                self._input(item, place.within("inputs", i))
                for i, item in enumerate(value["inputs"])
            ),
            returns=value["returns"],
            values=tuple(
                _derived(item, place.within("values", i))
                for i, item in enumerate(value.get("values", ()))
            ),
            calls=tuple(
                self._call(layer, item, place.within("calls", i))
                for i, item in enumerate(value["calls"])
            ),
            place=place,
        )

    def _input(self, value: dict[str, Any], place: Place) -> LayerInput:
        shape = self._shape(value["shape"], place)
        return LayerInput(
            name=value["name"],
            dtypes=self._set(value, "dtypes", place),
            shape="" if shape is None else unparse_shape(shape),
            doc=value["doc"],
        )

    def _call(self, layer: str, value: dict[str, Any], place: Place) -> LayerCall:
        name = value.get("op")
        if name is not None:
            known(name, self.ops, "op", place.at("op"), self.problems)
        return LayerCall(
            layer=layer,
            op=self.ops.get(name) if name is not None else None,
            float=value.get("float"),
            when=value.get("when"),
            bind=tuple((argument, _binding(given)) for argument, given in value["bind"].items()),
            then=Sum(then["sum_over"], then["add"]) if (then := value.get("then")) else None,
            place=place,
        )


def _reference(text: str) -> Reference:
    root, _, part = text.partition(".")
    return Reference(root, part or None)


def _references(fields: dict[str, str]) -> tuple[tuple[str, Reference], ...]:
    return tuple((name, _reference(text)) for name, text in fields.items())


def _binding(value: Any) -> Binding:
    return _reference(value) if isinstance(value, str) else value


def _derived(value: dict[str, Any], place: Place) -> DerivedValue:
    if "rows_of" in value:
        return DerivedValue(value["name"], "rows", value["rows_of"], value["by"], None, place)
    of, by, over = value["global_scale_of"], value["beside"], value.get("over")
    return DerivedValue(value["name"], "global_scale", of, by, over, place)
