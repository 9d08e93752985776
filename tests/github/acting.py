"""The workflows under the real `act`, on this machine, against a bare git remote that stands for the repository on GitHub.

What differs from GitHub: the three actions of GitHub's own that the workflows use are small stand-ins (`actions/` beside this
file), what is too new for act (`NEWER`, `$/`) is rewritten, and `scripts/setup.sh` links this checkout's environment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"
ZEROS = "0" * 40
NEWER = re.compile(r"\n *(queue: max|copilot-requests: write)[^\n]*")
"""What GitHub knows and act does not."""
USES = re.compile(r"uses: (actions/[a-z-]+)@([0-9a-f]{40})")


def git(folder: Path, *words: str, env: dict[str, str] | None = None, check: bool = True) -> str:
    """One git command; what it printed."""
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, env=env)
    if check and done.returncode:
        raise AssertionError(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


@dataclass
class Acted:
    """What one workflow run did. code: of act, 0 where every job passed. log: everything that was printed."""

    code: int
    log: str

    @property
    def summary(self) -> str:
        """What the jobs wrote for GitHub's page, as Markdown."""
        return "\n".join(re.findall(r"⚙  Summary - (.*?)(?=^\[[^\]]+\] |\Z)", self.log, re.DOTALL | re.MULTILINE))

    def job(self, name: str) -> str:
        """Lines of one job's log."""
        return "\n".join(line for line in self.log.splitlines() if re.match(rf"\[[^\]]*\b{re.escape(name)}\b", line))


@dataclass
class Hub:
    """A repository on GitHub, as far as workflows see it. remote: the bare repository; work: a person's clone."""

    folder: Path
    repository: str = "anna/exhibition"
    actor: str = "anna"
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
        return kept | {
            "HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GENARUN_VENV": sys.prefix,
            "GENARUN_TEST_ARTIFACTS": str(self.folder / "artifacts"),
            **self.environ,
        }

    def create(self, trees: dict[str, str], defaults: str = "") -> Hub:
        """A fresh copy of the template, with these trees in the place of the demos, pushed as one commit.

        trees: text of `trees/<name>/config.yaml` by name, or of any path below trees/ where the name holds a `/`."""
        self.home.mkdir(parents=True)
        (self.home / "gitconfig").write_text(
            f'[url "file://{self.remote}"]\n\tinsteadOf = https://github.com/{self.repository}\n'
            "[user]\n\tname = Anna\n\temail = anna@example.org\n[init]\n\tdefaultBranch = main\n"
            "[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n"
        )
        git(self.folder, "init", "-q", "--bare", "-b", "main", str(self.remote), env=self.env)
        git(self.folder, "init", "-q", "-b", "main", str(self.work), env=self.env)
        for name in (".github", "scripts/setup.sh", ".gitignore", "pyproject.toml", "readme.md"):
            source, target = ROOT / name, self.work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
        self.write({"defaults.yaml": defaults or "budget: {usd: 2, calls: 50}\n"} | trees)
        git(self.work, "remote", "add", "origin", f"https://github.com/{self.repository}", env=self.env)
        self.commit("Initial commit")
        return self

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.work / "trees" / (name if "." in name.rpartition("/")[2] else f"{name}/config.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, message: str, push: bool = True) -> str:
        """Commit everything in the person's clone, push it, and return the commit."""
        git(self.work, "add", "-A", env=self.env)
        git(self.work, "commit", "-q", "--allow-empty", "-m", message, env=self.env)
        if push:
            branch = git(self.work, "branch", "--show-current", env=self.env)
            git(self.work, "push", "-q", "-f", "origin", f"HEAD:refs/heads/{branch}", env=self.env)
        return git(self.work, "rev-parse", "HEAD", env=self.env)

    def pull(self) -> None:
        git(self.work, "pull", "-q", "--rebase", "origin", "HEAD", env=self.env)

    def clone(self, name: str = "second") -> Path:
        """What somebody else finds in the repository."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        git(self.folder, "clone", "-q", str(self.remote), str(target), env=self.env)
        return target

    def event(self, **payload: Any) -> dict[str, Any]:
        owner, name = self.repository.split("/")
        return {
            "repository": {
                "name": name, "full_name": self.repository, "owner": {"login": owner}, "default_branch": "main",
                "is_template": False, "private": False,
            },
            "sender": {"login": self.actor, "id": 42},
            **payload,
        }  # fmt: skip

    def push_event(self, before: str, after: str, branch: str = "main", **more: Any) -> dict[str, Any]:
        return self.event(ref=f"refs/heads/{branch}", before=before, after=after, **more)

    def act(self, workflow: str, event_name: str, payload: dict[str, Any], branch: str = "main") -> Acted:
        """Run one workflow of the branch's tip."""
        local = self.folder / "local"
        shutil.rmtree(local, ignore_errors=True)
        git(self.folder, "clone", "-q", "-b", branch, f"https://github.com/{self.repository}", str(local), env=self.env)
        actions = {}
        for path in (local / ".github" / "workflows").iterdir():
            text = path.read_text()
            actions |= {
                f"{name}@{commit}": HERE / "actions" / name.removeprefix("actions/") for name, commit in USES.findall(text)
            }
            path.write_text(NEWER.sub("", text).replace("uses: $/", "uses: ./"))
        event = self.folder / "event.json"
        event.write_text(json.dumps(payload))
        shutil.rmtree(self.folder / "artifacts", ignore_errors=True)
        words = [str(Path(sys.prefix) / "bin" / "act"), event_name, "-W", f".github/workflows/{workflow}.yaml"]
        words += ["--eventpath", str(event), "-P", "ubuntu-latest=-self-hosted", "--no-skip-checkout", "--actor", self.actor]
        words += ["--no-cache-server", "--defaultbranch", "main"]
        for name, folder in actions.items():
            words += ["--local-repository", f"{name}={folder}"]
        for name, value in self.variables.items():
            words += ["--var", f"{name}={value}"]
        for name, value in self.secrets.items():
            words += ["-s", f"{name}={value}"]
        for name, value in self.env.items():
            words += ["--env", f"{name}={value}"]
        done = subprocess.run(words, cwd=local, env=self.env, capture_output=True, text=True, timeout=240)
        return Acted(done.returncode, done.stdout + done.stderr)
