"""`thinbit quantize IN OUT --mode MODE`."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from thinbit.distributed import world
from thinbit.io import (
    QuantizationSpec,
    QuantizeReport,
    Rule,
    Rules,
    Step,
    TensorReport,
    quantize_file,
)
from thinbit.io.errors import printable

from .options import add_jobs, add_output
from .output import Output, human_bytes, human_number
from .table import Table

_NAMED = 3
_HEADINGS = ("tensor", "shape", "becomes", "bits/weight", "bytes", "relative RMS error")
_NUMBERS = frozenset({"shape", "bits/weight", "bytes", "relative RMS error"})
_T = TypeVar("_T")


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "quantize",
        help="quantize the weights of a checkpoint into another",
        description=(
            "Quantizes the matrices of linear and embedding layers (float tensors with two axes,"
            " named X.weight, whose last axis the group size divides) and copies all other tensors"
            " byte for byte. The output has MLX's layout: X.weight, X.scales, X.biases, and"
            " X.global_scale. It appears when it is whole, or not at all. The ranks of"
            " `mpiexec -n 4 thinbit quantize ...` share the work; the bytes are the same."
        ),
    )
    parser.add_argument(
        "input", metavar="IN", help="a float checkpoint: a safetensors file, or a folder of shards"
    )
    add_output(parser, optional=True)
    parser.add_argument(
        "--mode",
        required=True,
        type=_readable(QuantizationSpec.parse),
        metavar="MODE[:BITS][:gGROUP]",
        help="mxfp4, mxfp8, nvfp4, affine, affine:4, affine:4:g64; `thinbit modes` lists all",
    )
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        type=_readable(Rule.parse),
        metavar="PATTERN=MODE",
        help="another mode for modules whose path fits, with the shell's wildcards:"
        " 'lm_head=affine:8'; may be given again, and the first that fits counts",
    )
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="PATTERN",
        help="leave modules or tensors whose name fits as they are; may be given again",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="quantize, show the table of tensors with their errors, and write nothing",
    )
    parser.add_argument(
        "--allow-requantize",
        action="store_true",
        help="quantize weights that are quantized already anew, from what is left of them",
    )
    add_jobs(parser)
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Quantize, saying what happens to every tensor."""
    if options.output is None and not options.dry_run:
        options.parser.error("OUT is missing; only --dry-run goes without it")
    rules = Rules(
        options.mode, tuple(options.rule), tuple(options.keep), requantize=options.allow_requantize
    )
    group = world()
    output = output.of_rank(group.rank)
    output.line(f"quantize {printable(options.input)} to {options.mode}")
    width = 0
    with output.progress("quantize") as progress:

        def planned(steps: list[Step]) -> None:
            nonlocal width
            names = (printable(step.tensor.name) for step in steps if step.quantized)
            width = max(map(len, names))
            progress.set_total(sum(step.tensor.nbytes for step in steps))
            for line in _describe(steps):
                output.line(line)

        def done(report: TensorReport) -> None:
            progress.advance(report.step.tensor.nbytes)
            if report.step.quantized and not options.dry_run:
                output.line(_describe_tensor(report, width))

        report = quantize_file(
            options.input,
            None if options.dry_run else options.output,
            rules,
            overwrite=options.force,
            jobs=options.jobs,
            on_plan=planned,
            on_tensor=done,
            group=group,
        )
    if options.dry_run:
        output.table(_table(report))
    output.line(_summary(options.output, report))
    output.result(
        {
            "input": options.input,
            "output": None if options.dry_run else options.output,
            "quantization": options.mode.to_json(),
            **report.to_json(),
        }
    )


def _readable(parse: Callable[[str], _T]) -> Callable[[str], _T]:
    def read(text: str) -> _T:
        try:
            return parse(text)
        except ValueError as error:
            # argparse shows the text of this one alone.
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _describe(steps: list[Step]) -> list[str]:
    quantized = sum(step.quantized for step in steps)
    reasons = defaultdict(list)
    for step in steps:
        if step.reason is not None:
            reasons[step.reason].append(printable(step.tensor.name))
    count = f"{len(steps)} tensor{'' if len(steps) == 1 else 's'}"
    lines = [f"{count}: {quantized} to quantize, {len(steps) - quantized} to keep"]
    for reason, names in reasons.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"  keep, because {reason}: {', '.join(names[:_NAMED])}{more}")
    return lines


def _describe_tensor(report: TensorReport, width: int) -> str:
    tensor = report.step.tensor
    kind = f"{tensor.stored_as} {list(tensor.shape)}"
    return (
        f"  {printable(tensor.name):<{width}}  {kind:<18}"
        f"  {human_number(report.bits_per_weight)} bits per weight,"
        f" relative RMS error {human_number(report.relative_rms_error, 4)}"
    )


def _table(report: QuantizeReport) -> Table:
    table = Table(_HEADINGS, _NUMBERS)
    for tensor in report.tensors:
        table.add(
            printable(tensor.step.tensor.name),
            str(list(tensor.step.tensor.shape)),
            str(tensor.step.spec or tensor.step.dtype),
            human_number(tensor.bits_per_weight),
            f"{tensor.bytes_out:,}",
            human_number(tensor.relative_rms_error, 4),
        )
    table.total = (
        f"{len(report.tensors)} tensors, {len(report.quantized)} quantized",
        "",
        "",
        human_number(report.bits_per_weight),
        f"{sum(tensor.bytes_out for tensor in report.tensors):,}",
        human_number(report.relative_rms_error, 4),
    )
    return table


def _summary(path: str | None, report: QuantizeReport) -> str:
    size = report.bytes_out
    if path is None or size is None:
        begin = "nothing was written"
    else:
        begin = (
            f"wrote {printable(path)}: {human_bytes(size)},"
            f" {size / report.bytes_in:.1%} of {human_bytes(report.bytes_in)}"
        )
    return (
        f"{begin}; {human_number(report.bits_per_weight)} bits per weight;"
        f" relative RMS error {human_number(report.relative_rms_error, 4)};"
        f" {report.seconds:.2f} s"
    )
