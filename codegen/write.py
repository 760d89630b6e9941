"""Generated files on disk: writing them, and telling stale from hand-edited from orphaned."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.render import BANNER

MANIFEST = "codegen/manifest.json"


@dataclass(frozen=True, slots=True)
class Drift:
    """One generated file that is not what the schema says."""

    path: str
    kind: str
    reason: str

    def __str__(self) -> str:
        """The finding as one line."""
        return f"{self.path}: {self.kind}: {self.reason}"


def digest(content: bytes) -> str:
    """The sha256 that the manifest holds."""
    return hashlib.sha256(content).hexdigest()


def manifest_text(outputs: Mapping[str, bytes], schema_digest: str) -> bytes:
    """The manifest: each generated file with its sha256, and the schema's."""
    files = {path: digest(content) for path, content in sorted(outputs.items())}
    text = json.dumps({"schema": schema_digest, "files": files}, indent=1)
    return (text + "\n").encode()


def recorded(root: Path) -> dict[str, str]:
    """The files of the manifest on disk with the sha256 they were written with."""
    path = root / MANIFEST
    if not path.exists():
        return {}
    files: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["files"]
    return files


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def write(root: Path, outputs: Mapping[str, bytes], schema_digest: str) -> list[str]:
    """Write what changed, remove what the schema no longer makes; the paths that were touched."""
    touched = []
    for path in sorted(set(recorded(root)) - set(outputs)):
        if (root / path).exists():
            (root / path).unlink()
            touched.append(path)
    for path, content in sorted(outputs.items()):
        target = root / path
        if not target.exists() or target.read_bytes() != content:
            _replace(target, content)
            touched.append(path)
    _replace(root / MANIFEST, manifest_text(outputs, schema_digest))
    return touched


def _strays(root: Path, known: set[str]) -> list[str]:
    """Files beside the generated ones that say they are generated too, and that nothing makes."""
    folders = sorted({(root / path).parent for path in known})
    found = []
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.exists() else []:
            name = path.relative_to(root).as_posix()
            if name not in known and path.is_file():
                with path.open("rb") as file:
                    if BANNER.encode() in file.read(256):
                        found.append(name)
    return found


def check(root: Path, outputs: Mapping[str, bytes], schema_digest: str) -> list[Drift]:
    """Every difference between the files on disk and what the schema makes."""
    known = recorded(root)
    findings = []
    for path, content in sorted(outputs.items()):
        target = root / path
        if not target.exists():
            findings.append(Drift(path, "missing", "run `make gen`"))
            continue
        on_disk = target.read_bytes()
        if on_disk == content:
            continue
        if digest(on_disk) == known.get(path):
            findings.append(
                Drift(path, "stale", "the schema or the generator changed; run `make gen`")
            )
        else:
            reason = "it was edited by hand; change codegen/ instead and run `make gen`"
            findings.append(Drift(path, "hand-edited", reason))
    for path in sorted(set(known) - set(outputs)):
        if (root / path).exists():
            findings.append(
                Drift(path, "orphaned", "the schema no longer makes it; run `make gen`")
            )
    for path in _strays(root, set(known) | set(outputs)):
        findings.append(Drift(path, "orphaned", "nothing makes it; delete it"))
    manifest = root / MANIFEST
    expected = manifest_text(outputs, schema_digest)
    if not findings and not (manifest.exists() and manifest.read_bytes() == expected):
        kind = "stale" if manifest.exists() else "missing"
        findings.append(Drift(MANIFEST, kind, "run `make gen`"))
    return findings
