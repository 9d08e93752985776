"""The data commit: one for each tree, on the tip of the branch, by the person who started the run, pushed until it is in.

Each try builds the commits anew on the branch as it is now, so there is nothing to merge: run folders are dated and only added
to, and whose latest/ stands is decided whole. History stays linear, and two runs are never mixed.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from genarun.errors import RunError, SetupError
from genarun.github.context import Context, commit_or_none
from genarun.github.incoming import Folder, Incoming, read_incoming
from genarun.github.latest_choice import may_take
from genarun.github.readme_block import with_block
from genarun.github.remote import git_environment
from genarun.github.revisions import open_repository
from genarun.github.tip import Tip
from genarun.store.files import dump_json, load_json
from genarun.store.layout import LATEST, STAMP, stamp_order
from genarun.store.records import Summary
from genarun.words import plural, size, spend

if TYPE_CHECKING:
    from git import Repo

BOT: Final = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
WARN_BYTES: Final = 50 * 1024 * 1024
REFUSE_BYTES: Final = 100 * 1024 * 1024
"""GitHub warns of the first and refuses the second."""
TRIES: Final = 12
_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?", re.ASCII)


Done = TypeVar("Done")


@dataclass(slots=True)
class Committed:
    """What became of one tree's runs. commit: None where the branch held everything already. notices: for people."""

    tree: str
    runs: tuple[str, ...]
    commit: str | None = None
    latest: bool = False
    notices: list[str] = field(default_factory=list)


def commit_runs(
    root: Path,
    results: Path,
    branch: str,
    context: Context,
    *,
    limit: int = REFUSE_BYTES,
    site_url: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Committed]:
    """Commit what runs left to `branch` of origin. limit: bytes of a file from which it is left out, and named.

    Raises SetupError (`results-refused`, `branch-gone`, `push-refused`) and RunError (`push-raced`). Whatever is raised, the
    branch is as it was, and the job's artifact still holds the runs.
    """
    incoming = read_incoming(results)
    if not incoming:
        return []

    def build(tip: Tip, inside: str) -> list[Committed]:
        return [_one(tip, inside, one, context, limit, site_url) for one in incoming]

    return onto(root, branch, context, build, sleep)


def onto(
    root: Path, branch: str, context: Context, build: Callable[[Tip, str], Done], sleep: Callable[[float], None] = time.sleep
) -> Done:
    """Build commits on the branch as it is now, and push them; anew as often as somebody else was quicker.

    build: makes the commits on a tip, given the project's folder in git with its `/`; called once for each try.
    """
    with open_repository(root, git_environment(context)) as repo, tempfile.TemporaryDirectory() as scratch:
        top = Path(repo.working_tree_dir or root).resolve()
        prefix = root.resolve().relative_to(top).as_posix()
        for tries in range(TRIES):
            tip = Tip(repo, _fetch(repo, branch), Path(scratch))
            start = tip.commit
            done = build(tip, "" if prefix == "." else f"{prefix}/")
            if tip.commit == start or _push(repo, tip.commit, branch):
                return done
            # Others push, too. Waiting a random time keeps two from meeting again and again.
            sleep(min(20.0, 0.25 * 2**tries) * (0.5 + random.random()))  # noqa: S311 - no secret hangs on it
    raise RunError(
        "push-raced",
        f"others kept pushing to `{branch}`, so that the runs could not be added after {TRIES} tries",
        hint="Re-run the failed job: it takes the runs from the artifact, and pays for nothing again.",
    )


def _fetch(repo: Repo, branch: str) -> str:
    from git.exc import GitCommandError

    ref = f"refs/heads/{branch}"
    try:
        # Depth 1 where the clone is shallow already; a whole clone stays whole.
        depth = ["--depth=1"] if str(repo.git.rev_parse("--is-shallow-repository")) == "true" else []
        repo.git.fetch("--no-tags", "--no-write-fetch-head", *depth, "origin", f"+{ref}:refs/genarun/tip")
    except GitCommandError as fault:
        if "couldn't find remote ref" in str(fault.stderr):
            hint = "It was deleted while the run went on. The runs are in this workflow's artifact, for a week."
            raise SetupError("branch-gone", f"there is no branch `{branch}` any longer", hint=hint) from fault
        raise _failed("fetch", fault) from fault
    return commit_or_none(str(repo.git.rev_parse("refs/genarun/tip"))) or ""


def _push(repo: Repo, commit: str, branch: str) -> bool:
    """Whether the branch took it; False where somebody was quicker."""
    from git.exc import GitCommandError

    try:
        repo.git.push("--porcelain", "origin", f"{commit}:refs/heads/{branch}")
    except GitCommandError as fault:
        said = f"{fault.stdout}\n{fault.stderr}"
        raced = (
            "fetch first",
            "non-fast-forward",
            "stale info",
            "cannot lock ref",
            "failed to update ref",
            "incorrect old value",
        )
        if any(words in said for words in raced):
            return False
        if "[remote rejected]" in said or "protected branch" in said or "pre-receive hook declined" in said:
            raise SetupError(
                "push-refused",
                f"the repository refuses pushes to `{branch}`: {_said(fault)}",
                hint="Where a rule protects the branch, let `github-actions` bypass it, or run on another branch.",
            ) from fault
        if "Permission" in said or "403" in said or "denied" in said:
            raise SetupError(
                "push-forbidden",
                "the workflow's token may not push",
                hint="The job needs `contents: write`; an organisation can forbid that under Settings, Actions, General.",
            ) from fault
        raise _failed("push", fault) from fault
    return True


def _failed(doing: str, fault: Exception) -> RunError:
    hint = "Re-run the failed job: it takes the runs from the artifact, and pays for nothing again."
    return RunError("git-failed", f"git could not {doing}: {_said(fault)}", hint=hint)


def _said(fault: Exception) -> str:
    text = " ".join(f"{getattr(fault, 'stdout', '')} {getattr(fault, 'stderr', '')}".split())
    return text[:300] or type(fault).__name__


# One tree ------------------------------------------------------------------------------------------------------------


def _one(tip: Tip, inside: str, incoming: Incoming, context: Context, limit: int, site_url: str | None) -> Committed:
    folder = f"{inside}trees/{incoming.tree}"
    done = Committed(incoming.tree, ())
    here = tip.names(folder)
    if not any(f"{folder}/config.{end}" in here for end in ("yaml", "json", "yml")):
        done.notices.append(f"trees/{incoming.tree} is no longer in the branch, so its runs are left out")
        return done
    renamed: dict[str, str] = {}
    summaries: list[Summary] = []
    for run in sorted(incoming.runs, key=lambda run: stamp_order(run.name)):
        name = _free_name(tip, folder, run)
        if name is None:
            continue  # the branch holds all of it
        renamed[run.name] = name
        done.notices += _refusals(run, limit)
        tip.replace(f"{folder}/{name}", _contents(run, name, limit))
        if (summary := run.summary()) is not None:
            summaries.append(summary.model_copy(update={"run": f"{incoming.tree}/{name}"}))
    done.runs = tuple(f"{incoming.tree}/{name}" for name in renamed.values())
    if incoming.latest is not None and (why := may_take(tip, folder, incoming.latest)) is None:
        stamp = _stamp_of(incoming.latest)
        tip.replace(f"{folder}/{LATEST}", _contents(incoming.latest, renamed.get(stamp, stamp), limit))
        done.latest = True
    elif incoming.latest is not None and why is not None:
        done.notices.append(why)
    readme = tip.text(f"{inside}readme.md")
    if readme is not None and (text := with_block(readme, tip, inside, site_url)) != readme:
        tip.write(f"{inside}readme.md", text)
    if tip.advance(_message(incoming.tree, summaries, context), people(context)):
        done.commit = tip.commit
    return done


def _contents(folder: Folder, name: str, limit: int) -> dict[str, Path | bytes]:
    """Its files, but for those that git would refuse. Under another name than its own, logs.json says so."""
    files: dict[str, Path | bytes] = {place: path for place, path in folder.files.items() if path.stat().st_size <= limit}
    logs = folder.files.get("logs.json")
    wanted = f"{folder.tree}/{name}"
    if logs is not None and (found := _json(logs)) is not None and found.get("run") != wanted:
        files["logs.json"] = dump_json({**found, "run": wanted}, pretty=True)
    return files


def _json(path: Path) -> dict[str, object] | None:
    try:
        found = load_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _stamp_of(latest: Folder) -> str:
    summary = latest.summary()
    stamp = summary.run.rpartition("/")[2] if summary is not None else ""
    return stamp if STAMP.fullmatch(stamp) else LATEST


def _free_name(tip: Tip, folder: str, run: Folder) -> str | None:
    """Under which name a run goes into the branch; None where the branch holds it, or more of it, already.

    The same run further on takes its own place. Another run that began in the same second gets the next free number.
    """
    taken = tip.folders(folder)
    found = STAMP.fullmatch(run.name)
    base, number = (found[1], int(found[2] or 1)) if found else (run.name, 1)
    ours = _values(run.files["records.jsonl"].read_bytes()) if "records.jsonl" in run.files else frozenset()
    while True:
        name = base if number == 1 else f"{base}_{number}"
        if name not in taken:
            return name
        theirs = _values(tip.text(f"{folder}/{name}/records.jsonl") or b"")
        if theirs <= ours and (theirs < ours or _same_start(tip, f"{folder}/{name}", run)):
            return name
        if ours <= theirs:
            return None
        number += 1


def _same_start(tip: Tip, folder: str, run: Folder) -> bool:
    """Whether two folders hold one run: they began at one moment."""
    theirs, ours = tip.text(f"{folder}/logs.json"), run.summary()
    try:
        return ours is not None and theirs is not None and load_json(theirs).get("startedAt") == ours.started_at
    except (ValueError, AttributeError):
        return False


def _values(records: bytes) -> frozenset[tuple[str, str]]:
    """(path, key) of each record that holds a value: what must not be lost, as it was paid for."""
    found = set()
    for line in records.splitlines():
        try:
            record = json.loads(line)
            if record.get("key") and record.get("status") in {"succeeded", "answered"}:
                found.add((str(record["path"]), str(record["key"])))
        except (ValueError, KeyError, AttributeError):
            continue
    return frozenset(found)


def _refusals(run: Folder, limit: int) -> list[str]:
    found = []
    for name, path in run.files.items():
        bytes_ = path.stat().st_size
        if bytes_ > limit:
            found.append(
                f"{run.tree}/{run.name}/{name} has {size(bytes_)}, and GitHub takes no file above {size(REFUSE_BYTES)}: "
                "it is left out, and the next run makes it again. Set `assets: {format: webp}`, or ask for something smaller."
            )
        elif bytes_ > WARN_BYTES:
            found.append(f"{run.tree}/{run.name}/{name} has {size(bytes_)}; GitHub warns above {size(WARN_BYTES)}")
    return found


# Words and people ----------------------------------------------------------------------------------------------------


def _message(tree: str, summaries: Sequence[Summary], context: Context) -> str:
    if not summaries:
        return f"{tree}: latest/\n"
    newest = max(summaries, key=lambda summary: stamp_order(summary.run.rpartition("/")[2]))
    total = newest.totals
    cost = "free" if newest.mode != "real" else spend(total.usd, total.unpriced)
    state = "" if newest.status == "succeeded" else f", {newest.status}"
    lines = [f"{tree}: {plural(total.calls, 'call')}, {total.reused:,} reused, {cost}{state}", ""]
    for summary in summaries:
        lines.append(
            f"{summary.run.rpartition('/')[2]} {summary.status}" + (f" ({summary.mode})" if summary.mode != "real" else "")
        )
    lines += ["", f"Workflow: {context.run_url}", *(f"Genarun-Run: {summary.run}" for summary in summaries)]
    lines.append(f"Co-authored-by: {BOT[0]} <{BOT[1]}>")
    return "\n".join(lines) + "\n"


def people(context: Context) -> Mapping[str, str]:
    """Author: who triggered the run, under the address that GitHub knows them by. Committer: the bot."""
    name, address = BOT
    if _LOGIN.fullmatch(context.actor):
        number = f"{context.actor_id}+" if context.actor_id.isascii() and context.actor_id.isdigit() else ""
        name, address = context.actor, f"{number}{context.actor}@users.noreply.github.com"
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": BOT[0],
        "GIT_COMMITTER_EMAIL": BOT[1],
    }
