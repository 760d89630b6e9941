"""`thinbit convert IN OUT`."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from typing import Any

from thinbit.io import ConvertReport, Source, TensorReport, convert, open_source
from thinbit.io.errors import printable

from .options import add_jobs, add_output
from .output import Output, human_bytes

_DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
_NAMED = 3


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to a parser's subcommands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "convert",
        help="convert a quantized checkpoint of another tool, code for code",
        description=(
            "Converts GGUF, compressed-tensors, ModelOpt NVFP4 and gpt-oss MXFP4 to MLX's layout"
            " without quantizing anything anew, and says whether every value stayed what it was."
            " A folder gets config.json, and from GGUF a tokenizer.json too. The output appears"
            " when it is whole, or not at all."
        ),
    )
    parser.add_argument("input", metavar="IN", help="a GGUF or safetensors file, or a folder")
    add_output(parser)
    parser.add_argument(
        "--decode",
        choices=_DTYPES,
        metavar="DTYPE",
        help="what GGUF's types without an exact form become: float32, float16 or bfloat16;"
        " without this they are an error",
    )
    parser.add_argument(
        "--gguf-names",
        action="store_true",
        help="keep GGUF's names and its order of rows; else a Llama gets those of Hugging Face",
    )
    add_jobs(parser)
    return parser


def run(options: argparse.Namespace, output: Output) -> None:
    """Convert, and say whether anything was lost."""
    decode = _DTYPES.get(options.decode)
    with (
        open_source(options.input, decode=decode, own_names=options.gguf_names) as source,
        output.progress("convert") as progress,
    ):
        for line in _describe(source):
            output.line(line)
        progress.set_total(sum(tensor.nbytes for tensor in source.tensors.values()))

        def done(report: TensorReport) -> None:
            progress.advance(report.step.tensor.nbytes)

        report = convert(
            source,
            options.output,
            overwrite=options.force,
            jobs=options.jobs,
            on_tensor=done,
        )
    for line in _losses(report):
        output.line(line)
    output.line(
        f"wrote {printable(options.output)}: {human_bytes(report.bytes_out)},"
        f" from {human_bytes(report.bytes_in)}; {report.seconds:.2f} s"
    )
    output.result({"input": options.input, "output": options.output, **report.to_json()})


def _describe(source: Source) -> list[str]:
    kinds: Counter[tuple[str, str]] = Counter()
    for tensor in source.tensors.values():
        kinds[tensor.stored_as, str(tensor.spec) if tensor.spec else tensor.dtype] += 1
    lines = [f"convert {printable(source.path)}: {source.format}, {len(source.tensors)} tensors"]
    for (stored, becomes), count in kinds.items():
        arrow = "stay as they are" if stored == becomes else f"become {becomes}"
        lines.append(f"  {count} {stored} {arrow}")
    lines += [f"  note: {note}" for note in source.notes]
    return lines


def _losses(report: ConvertReport) -> list[str]:
    if not report.lossy:
        return ["lossless: every value is what it was"]
    names = defaultdict(list)
    for tensor in report.lossy:
        names[tensor.step.tensor.loss].append(printable(tensor.step.tensor.name))
    lines = [f"not lossless in {len(report.lossy)} of {len(report.tensors)} tensors:"]
    for loss, those in names.items():
        more = f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
        lines.append(f"  {loss}: {', '.join(those[:_NAMED])}{more}")
    return lines
