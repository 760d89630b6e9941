"""`thinbit quantize IN OUT --mode MODE`."""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

from thinbit.io import Choice, QuantizationSpec, TensorReport, quantize_file
from thinbit.io.errors import printable

from .output import Output, human_bytes, human_number

_NAMED = 3


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "quantize",
        help="quantize the weights of a safetensors file into another",
        description=(
            "Quantizes the matrices of linear and embedding layers (float tensors with two axes,"
            " named X.weight, whose last axis the group size divides) and copies all other tensors"
            " byte for byte. The output has MLX's layout: X.weight, X.scales, X.biases, and"
            " X.global_scale. It appears when it is whole, or not at all."
        ),
    )
    parser.add_argument("input", metavar="IN.safetensors", help="a float checkpoint")
    parser.add_argument("output", metavar="OUT.safetensors", help="the file to write")
    parser.add_argument(
        "--mode",
        required=True,
        type=_spec,
        metavar="MODE[:BITS][:gGROUP]",
        help="mxfp4, mxfp8, nvfp4, affine, affine:4, affine:4:g64; `thinbit modes` lists all",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the output if it exists")
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Quantize, saying what happens to every tensor."""
    spec: QuantizationSpec = options.mode
    output.line(f"quantize {printable(options.input)} to {spec}")
    width = 0
    with output.progress("quantize") as progress:

        def planned(choices: list[Choice]) -> None:
            nonlocal width
            names = (printable(choice.info.name) for choice in choices if choice.quantized)
            width = max(map(len, names))
            progress.set_total(sum(choice.info.nbytes for choice in choices))
            for line in _describe(choices):
                output.line(line)

        def done(report: TensorReport) -> None:
            progress.advance(report.choice.info.nbytes)
            if report.choice.quantized:
                output.line(_describe_tensor(report, width))

        report = quantize_file(
            options.input,
            options.output,
            spec,
            overwrite=options.force,
            on_plan=planned,
            on_tensor=done,
        )
    output.line(
        f"wrote {printable(options.output)}: {human_bytes(report.bytes_out)},"
        f" {report.bytes_out / report.bytes_in:.1%} of {human_bytes(report.bytes_in)};"
        f" {human_number(report.bits_per_weight)} bits per weight;"
        f" relative RMS error {human_number(report.relative_rms_error, 4)};"
        f" {report.seconds:.2f} s"
    )
    output.result({"input": options.input, "output": options.output, **report.to_json()})


def _spec(text: str) -> QuantizationSpec:
    try:
        return QuantizationSpec.parse(text)
    except ValueError as error:
        # argparse shows the text of this one alone.
        raise argparse.ArgumentTypeError(str(error)) from None


def _describe(choices: list[Choice]) -> list[str]:
    quantized = sum(choice.quantized for choice in choices)
    reasons = defaultdict(list)
    for choice in choices:
        if choice.reason is not None:
            reasons[choice.reason].append(printable(choice.info.name))
    count = f"{len(choices)} tensor{'' if len(choices) == 1 else 's'}"
    lines = [f"{count}: {quantized} to quantize, {len(choices) - quantized} to keep"]
    for reason, names in reasons.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"  keep, because {reason}: {', '.join(names[:_NAMED])}{more}")
    return lines


def _describe_tensor(report: TensorReport, width: int) -> str:
    info = report.choice.info
    return (
        f"  {printable(info.name):<{width}}  {info.dtype + ' ' + str(list(info.shape)):<18}"
        f"  {human_number(report.bits_per_weight)} bits per weight,"
        f" relative RMS error {human_number(report.relative_rms_error, 4)}"
    )
