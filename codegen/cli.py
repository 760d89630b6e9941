"""`python -m codegen gen | check`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen import write
from codegen.problems import SchemaError
from codegen.schema_file import SCHEMA, load_schema
from codegen.targets import GenerationError, lower_all

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 on drift, 2 for a wrong schema."""
    parser = argparse.ArgumentParser(prog="codegen", description=__doc__)
    parser.add_argument(
        "command", choices=("gen", "check"), help="write the files, or compare them"
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="the repository (default: this one)"
    )
    options = parser.parse_args(arguments)
    try:
        schema = load_schema(options.root)
    except SchemaError as error:
        print(error, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} {'error' if count == 1 else 'errors'} in the schema", file=sys.stderr)
        return 2
    try:
        outputs = lower_all(schema)
    except GenerationError as error:
        print(f"{SCHEMA}: {error}", file=sys.stderr)
        return 2
    if options.command == "gen":
        touched = write.write(options.root, outputs, schema.digest)
        for path in touched:
            print(path)
        print(f"{len(touched)} of {len(outputs)} generated files changed")
        return 0
    findings = write.check(options.root, outputs, schema.digest)
    for finding in findings:
        print(finding, file=sys.stderr)
    if not findings:
        print(f"{len(outputs)} generated files are what the schema says")
    return 1 if findings else 0
