"""What cutting a layer means: every field reaches the ranks, and parts of sums are summed."""

from __future__ import annotations

from codegen.check_names import known
from codegen.layers import CUTS, Layer, LayerField, Reference, Sharding
from codegen.model import Schema
from codegen.problems import Problems, did_you_mean

_GROUP = Reference("group", None)


def check_sharding(schema: Schema, layer: Layer, sharding: Sharding, problems: Problems) -> None:
    """Collect what is wrong with one way to cut a layer."""
    kinds = [kind.name for kind in schema.shardings]
    names = [other.name for other in schema.layers]
    before = len(problems.found)
    known(sharding.kind, kinds, "sharding", sharding.place.at("sharding"), problems)
    known(sharding.layer, names, "layer", sharding.place.at("layer"), problems)
    if len(problems.found) > before:
        return
    first = next(other for other in layer.shardings if other.kind == sharding.kind)
    if first is not sharding:
        message = f"{layer.name}: {sharding.kind} is declared twice"
        problems.add(sharding.place.at("sharding"), "S022", message)
    target = next(other for other in schema.layers if other.name == sharding.layer)
    _fields(layer, target, sharding, problems)
    _sums(layer, target, sharding, problems)


def _fields(layer: Layer, target: Layer, sharding: Sharding, problems: Problems) -> None:
    where = f"{layer.name} to {target.name}"
    place = sharding.place
    given = dict(sharding.fields)
    for item in target.fields:
        if item.name not in given:
            message = f"{where}: nothing binds the field {item.name} of {target.name}"
            problems.add(place.at("fields"), "S040", message)
    used = {value.root for value in given.values()}
    for item in layer.fields:
        if item.name not in used:
            message = f"{where}: nothing takes the field {item.name} of {layer.name}"
            problems.add(place.at("fields"), "S040", message)
    if len({value.part for value in given.values()} & set(CUTS)) != 1:
        message = f"{where}: it has to cut either rows or columns"
        problems.add(place.at("fields"), "S043", message)
    own = {item.name: item for item in layer.fields}
    for name, value in sharding.fields:
        mark = place.at("fields", name)
        if name not in {item.name for item in target.fields}:
            hint = did_you_mean(name, (item.name for item in target.fields))
            problems.add(mark, "S041", f"{where}: {target.name} has no field {name!r}{hint}")
            continue
        wanted = target.field(name)
        if (wanted.type == "group") != (value == _GROUP):
            message = f"{where}: {name} has to be 'group' exactly when it is a group"
            problems.add(mark, "S042", message)
        elif value != _GROUP and (value.root not in own or value.part not in (None, *CUTS)):
            message = f"{where}: {value.text!r} is no field of {layer.name}, nor a part of one"
            problems.add(mark, "S041", message + did_you_mean(value.root, own))
        elif value != _GROUP and not _alike(own[value.root], wanted):
            message = f"{where}: {name} is another kind of field than {value.root}"
            problems.add(mark, "S042", message)


def _alike(own: LayerField, wanted: LayerField) -> bool:
    return (own.type, own.nullable, own.dtypes, own.modes, len(own.axes)) == (
        wanted.type,
        wanted.nullable,
        wanted.dtypes,
        wanted.modes,
        len(wanted.axes),
    )


def _sums(layer: Layer, target: Layer, sharding: Sharding, problems: Problems) -> None:
    """Where each rank has a part of the columns, results and scales need all ranks; else none do."""
    parts = sharding.cuts_columns
    for method in target.methods:
        for call in method.calls:
            if (call.then is not None) != parts:
                has = "a part of the columns, so every" if parts else "whole rows, so no"
                message = f"{target.name}: each rank has {has} call ends with a sum over the group"
                problems.add(call.place.at(), "S043", message)
        for value in method.values:
            if value.kind == "global_scale" and (value.over is not None) != parts:
                text = "has a part of" if parts else "has all of"
                rule = "has to be" if parts else "cannot be"
                message = (
                    f"{target.name}: each rank {text} {value.of}, so {value.name} {rule} the "
                    "largest over the group"
                )
                problems.add(value.place.at(), "S043", message)
