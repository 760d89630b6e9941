"""Quantizing a checkpoint into another, with memory bounded by its largest tensors."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable

from thinbit.distributed import Group

from .checkpoint_writer import SHARD_BYTES
from .conversion import checkpoint_writer, refuse_own_input
from .errors import CheckpointError, quoted
from .mlx_layout import FLOAT_CODES
from .open_source import open_source
from .quantize_report import QuantizeReport, TensorReport
from .rules import Rules
from .shared_steps import do_shared_steps, shared_writing, turn_of
from .source import Source
from .specification import QuantizationSpec
from .steps import Step
from .write_steps import do_steps


def plan_quantization(source: Source, rules: Rules) -> list[Step]:
    """Decide for each tensor whether it is quantized, to what, and why not.

    Raises CheckpointError for a source that is quantized already where that is not allowed, for
    one without a tensor to quantize, for rules that fit no tensor or ask for what cannot be.
    """
    if not rules.requantize:
        _refuse_quantized(source)
    floats = Counter(
        tensor.dtype for tensor in source.tensors.values() if tensor.dtype in FLOAT_CODES
    )
    float_dtype = floats.most_common(1)[0][0] if floats else "F32"
    try:
        rules.check_patterns(source.tensors)
        steps = [rules.step(tensor, float_dtype) for tensor in source.tensors.values()]
    except ValueError as error:
        raise CheckpointError(source.path, str(error)) from None
    if not any(step.quantized for step in steps):
        raise CheckpointError(
            source.path, f"no tensor of this file can be quantized to {rules.default}"
        )
    return steps


def quantize_file(
    path: str | os.PathLike[str],
    target: str | os.PathLike[str] | None,
    how: QuantizationSpec | Rules,
    *,
    overwrite: bool = False,
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
    on_plan: Callable[[list[Step]], None] | None = None,
    on_tensor: Callable[[TensorReport], None] | None = None,
    group: Group | None = None,
) -> QuantizeReport:
    """Quantize the weights of a checkpoint and copy its other tensors byte for byte.

    Args:
        path: A safetensors or GGUF file, or a folder of shards.
        target: A `.safetensors` file, or a folder; None tries everything and writes nothing.
        how: One spec for all matrices, or rules.
        overwrite: Whether the target may be replaced.
        jobs: How many tensors are in work at a time; each needs the memory of its tensor.
        shard_bytes: The most that a shard of a folder holds.
        on_plan: Is told what will be done.
        on_tensor: Is told of every tensor that is done.
        group: Ranks that share the work, and a file system; each has to call this with the same
            arguments. A rank that gets an exception has to leave with a status that is not 0: the
            others wait for it, and the launcher ends them.

    Returns:
        What was done. The output is in MLX's layout, in the input's order of tensors, and appears
        only when it is whole.

    Raises:
        CheckpointError: files that cannot be read, written or quantized.
        OSError: as the system says.
    """
    began = time.perf_counter()
    rules = how if isinstance(how, Rules) else Rules(how)
    ranks = group if group is not None and group.size > 1 else None
    token = turn_of(ranks) if ranks else None
    # What has no exact form is no obstacle where weights are quantized anew.
    with open_source(path, decode="F32" if rules.requantize else None) as source:
        if target is not None:
            refuse_own_input(source, target)
        steps = plan_quantization(source, rules)
        # The output is checked before the plan is shown and long before it is written.
        writer = None
        if target is not None:
            writer = checkpoint_writer(
                source,
                target,
                steps,
                overwrite=overwrite,
                shard_bytes=shard_bytes,
                token=token,
                joins=ranks is not None and ranks.rank != 0,
            )
        if on_plan:
            on_plan(steps)
        if ranks is None:
            with writer or contextlib.nullcontext():
                reports = do_steps(source.path, steps, writer, jobs, on_tensor)
        else:
            with shared_writing(writer, ranks):
                reports = do_shared_steps(source.path, steps, writer, jobs, on_tensor, ranks)
        seconds = time.perf_counter() - began
        return QuantizeReport(reports, source.size, writer.size if writer else None, seconds)


def _refuse_quantized(source: Source) -> None:
    for tensor in source.tensors.values():
        if tensor.spec is not None:
            raise CheckpointError(
                source.path,
                f"the file is quantized already: {quoted(tensor.name)} is {tensor.stored_as};"
                " --allow-requantize quantizes such weights anew, from what is left of them",
            )
