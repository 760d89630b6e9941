"""The page: what was measured, where, when and how, with its tables and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import criteria, pictures, tables
from bench.model import GROUPS, Run
from bench.peers import TITLES
from bench.rounds import BUSY

_METHOD = Path(__file__).with_name("method.md")
_PICTURES = {
    "decode": pictures.decode,
    "against-m": pictures.against_m,
    "prefill": pictures.prefill,
    "codecs": pictures.codecs,
    "calls": pictures.calls,
}


def write(run: Run, page: Path) -> list[Path]:
    """Write the page and its pictures beside it; the paths of all of them."""
    page.parent.mkdir(parents=True, exist_ok=True)
    written, shown = [page], {}
    for name, draw in _PICTURES.items():
        path = page.with_name(f"{page.stem}-{name}.png")
        if draw(run.cells, path):
            shown[name] = f"![{name}]({path.name})\n"
            written.append(path)
    notes = page.with_name(f"{page.stem}-notes.md")
    text = "\n".join(_parts(run, shown, notes.read_text() if notes.exists() else ""))
    page.write_text(text.rstrip() + "\n")
    return written


def _parts(run: Run, shown: dict[str, str], notes: str) -> Iterator[str]:
    cells = run.cells
    yield "# CPU: thinbit beside its peers and the machine's limits\n"
    yield from _head(run)
    yield "## The limits\n"
    yield tables.limits(cells)
    verdicts = criteria.verdicts(cells)
    if verdicts:
        kept = sum(each.kept for each in verdicts)
        yield "## What it should reach\n"
        yield f"{kept} of {len(verdicts)} hold in this run; those are bold.\n"
        yield tables.promises(verdicts)
    if notes:
        yield notes
    yield "## Decode: M = 1\n"
    yield shown.get("decode", "")
    yield from _by_group(run, 1)
    yield "## Time against M\n"
    yield shown.get("against-m", "")
    yield from (tables.against_m(cells, group) for group in GROUPS)
    yield "## Prefill: M = 512\n"
    yield shown.get("prefill", "")
    yield from _by_group(run, 512)
    yield "## Quantize and dequantize\n"
    yield shown.get("codecs", "")
    yield tables.codecs(cells)
    yield "## The cost of a call\n"
    yield shown.get("calls", "")
    yield tables.calls(cells)
    yield "## Other ways to the same product\n"
    yield tables.paths(cells)
    yield from _blanks(run)


def _by_group(run: Run, m: int) -> Iterator[str]:
    for group in GROUPS:
        if any(c.seconds and (c.group, c.m) == (group, m) for c in run.cells):
            yield tables.products(run.cells, group, m)


def _head(run: Run) -> Iterator[str]:
    machine, settings = run.machine, run.settings
    usual, worst = tables.foreign(run.cells)
    command = "make bench-quick" if settings["plan"] == "quick" else "make bench"
    processor = f"{machine['cores']} cores of {machine['cpu']}"
    features = ", ".join(machine["extensions"] + machine["caches"])
    yield (
        f"Made by `{command}` on {machine['when']}, in {settings['seconds']} s, on {processor}"
        f" ({features}, {machine['memory_gib']} GiB), {machine['system']}.\n"
    )
    yield (
        f"Other processes used {usual:.2f} CPUs in the median round, and {worst:.2f} in the worst"
        f" that counts. The run lost {settings['waited']} s to them.\n"
    )
    if usual > BUSY:
        yield (
            "**The machine was not quiet.** Threads that wait for one another lose most by it, so"
            " figures of this page are too low, and not by the same factor for all.\n"
        )
    rows = [[TITLES[name], text] for name, text in run.peers.items()]
    rows += [[TITLES[name], f"missing: {why}"] for name, why in run.missing.items()]
    yield tables.markdown(["library", "version"], rows).replace("---:", "---")
    yield _METHOD.read_text()


def _blanks(run: Run) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for cell in run.cells:
        if cell.blank:
            place = f"{cell.n} x {cell.k} M = {cell.m}" if cell.n else ""
            text = f"{place} {cell.threads} threads: {cell.blank}".strip()
            found.setdefault(tables.label(cell), []).append(text)
    if found:
        yield "## Blanks\n"
        yield "\n".join(
            f"- {name}: {'; '.join(dict.fromkeys(texts))}" for name, texts in found.items()
        )
