"""What a job says of its runs on GitHub's page: how each ended, what it cost, and what to do next. Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from genarun.engine.model import RunResult
from genarun.errors import Faults, GenarunError, SetupError
from genarun.github.context import Context
from genarun.github.markdown import code, details, fence, plain, table
from genarun.store.records import Totals
from genarun.words import plural, spend, tokens

SIGNS: Final = {
    "succeeded": "✅", "partial": "🟠", "failed": "❌", "waiting": "🙋", "stopped": "✋", "running": "⏳",
}  # fmt: skip
FAILURES: Final = 10
WARNINGS: Final = 10
_MODES: Final = {"offline": " · offline: no model was asked", "replay": " · replayed from a recording"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A tree that did not run although it should. missing: variables of keys that are not set. why: in words, otherwise."""

    tree: str
    missing: tuple[str, ...] = ()
    why: str = ""
    origins: Mapping[str, str] | None = None


def run_summary(title: str, result: RunResult, context: Context) -> str:
    """One tree's run."""
    if result.unchanged:
        return f"### ✅ {plain(title)}: nothing changed, so nothing was called\n"
    summary = result.summary
    lines = [f"### {SIGNS.get(result.status, '❌')} {plain(title)}: {_ending(result)}", ""]
    if summary is not None:
        total = summary.totals
        parts = [plural(total.calls, "call"), f"{total.reused:,} reused", _cost(total, summary.mode)]
        lines += [" · ".join(f"**{part}**" for part in parts) + _MODES.get(summary.mode, ""), ""]
        if summary.nodes:
            lines += [_nodes(summary.nodes, summary.mode), ""]
        if len(summary.models) > 1:
            rows = [
                [code(name), f"{one.calls:,}", tokens(one.input_tokens, one.output_tokens) or "–", _cost(one, summary.mode)]
                for name, one in summary.models.items()
            ]
            shown = table(["model", "calls", "tokens", "cost"], rows, right=(1, 2, 3))
            lines += [details("by model", shown), ""]
    if result.error is not None:
        lines += [error_markdown(result.error), ""]
    lines += _failures(result)
    warnings = list(dict.fromkeys(result.warnings))
    if warnings:
        lines += ["> [!NOTE]", *(f"> - {plain(text, 400)}" for text in warnings[:WARNINGS]), ""]
    if result.run is not None and context.branch:
        tree, _, stamp = result.run.partition("/")
        place = f"{context.repository_url}/tree/{quote(context.branch)}/trees/{quote(tree)}/{quote(stamp)}"
        lines += [f"[Run folder]({place}), once the data is committed.", ""]
    return "\n".join([*lines, *_next(result)])


def skipped_summary(skipped: Sequence[Skipped], context: Context) -> str:
    """Trees that did not run, and what to do: the keys first, each once."""
    if not skipped:
        return ""
    lines = []
    missing = {name: (one.origins or {}).get(name, "") for one in skipped for name in one.missing}
    if missing:
        waiting = [one.tree for one in skipped if one.missing]
        lines += [
            f"### 🔑 {', '.join(code(name) for name in waiting)} {'wait' if len(waiting) > 1 else 'waits'} for a key",
            "",
            "Nothing was called and nothing is wrong: this repository has no key for the models that "
            f"{'these trees ask' if len(waiting) > 1 else 'this tree asks'} yet.",
            "",
            f"1. On [the page for secrets]({context.secrets_url}) add, under exactly this name:",
            "",
            *(f"   - {code(name)}{f': {origin}' if origin else ''}" for name, origin in missing.items()),
            "",
            f"2. Run the workflow again: [Re-run all jobs]({context.run_url}), or push a change.",
            "",
            "To see everything work without a key, set the "
            f"[variable]({context.variables_url}) `GENARUN_OFFLINE` to `1`: answers are then made up, offline and free.",
            "",
        ]
    others = [one for one in skipped if not one.missing]
    if others:
        lines += ["### Not run", "", *(f"- {code(one.tree)}: {one.why}" for one in others), ""]
    return "\n".join(lines)


def error_markdown(error: GenarunError) -> str:
    """An expected error, its place and its hint; several faults one after the other."""
    errors = error.errors if isinstance(error, Faults) else (error,)
    return "\n\n".join(fence(str(one), limit=2000) for one in errors[:FAILURES]) + (
        f"\n\nand {len(errors) - FAILURES} more" if len(errors) > FAILURES else ""
    )


def _ending(result: RunResult) -> str:
    if isinstance(result.error, SetupError):
        return "did not begin"
    failed = len(result.failures)
    return {
        "succeeded": "succeeded",
        "partial": f"partial, {plural(failed, 'instance')} failed and the rest is kept",
        "failed": "failed",
        "waiting": "waits for an answer",
        "stopped": "stopped; what had finished is kept",
    }.get(result.status, result.status)


def _nodes(nodes: Mapping[str, Totals], mode: str) -> str:
    rows = [
        [
            "&nbsp;" * (3 * name.count("/")) + code(name.rpartition("/")[2]),
            f"{one.calls:,}" if one.calls else "",
            f"{one.reused:,}" if one.reused else "",
            f"{one.failed:,}" if one.failed else "",
            tokens(one.input_tokens, one.output_tokens),
            _cost(one, mode) if one.calls else "",
        ]
        for name, one in nodes.items()
    ]
    return table(["node", "calls", "reused", "failed", "tokens", "cost"], rows, right=(1, 2, 3, 4, 5))


def _cost(totals: Totals, mode: str) -> str:
    return "free" if mode != "real" else spend(totals.usd, totals.unpriced).replace("$", "\\$")


def _failures(result: RunResult) -> list[str]:
    lines = []
    for record in result.failures[:FAILURES]:
        if record.error is None:
            continue
        lines += [f"**{code(record.path)}** {plain(record.error.message, 600)}"]
        lines += [f"<br>→ {plain(record.error.hint, 600)}"] if record.error.hint else []
        lines += [""]
    if len(result.failures) > FAILURES:
        lines += [f"and {plural(len(result.failures) - FAILURES, 'further failure')}, in `records.jsonl`", ""]
    return lines


def _next(result: RunResult) -> list[str]:
    if isinstance(result.error, SetupError):
        return ["**Next:** mend that and push; nothing was called.", ""]
    if result.status in {"partial", "failed", "stopped"}:
        kept = "What finished is kept and is not paid for again."
        raised = " Raise `budget` in the tree or in `trees/defaults.yaml`, or give one when you run the workflow by hand."
        how = (
            f"**Next:** {kept}{raised if result.exit_code == 5 else ''} *Re-run failed jobs* goes on where it stopped, as does"
        )
        return [f"{how} the next push that changes the tree, or `genarun resume {result.tree}` on a laptop.", ""]
    return []
