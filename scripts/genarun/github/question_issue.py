"""A question as an issue: what a person reads, and the marker by which we know it again."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import quote

from genarun.github.context import Context
from genarun.github.markdown import code, plain
from genarun.nodes.question import how_to_answer, label_of
from genarun.store.layout import STAMP, TREE_NAME
from genarun.store.questions import Question
from genarun.tree.template import MISSING

_MARKER: Final = re.compile(r"<!-- genarun:question ([A-Za-z0-9+/=]{1,8000}) -->", re.ASCII)
TITLE: Final = 120
OPTIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """Which question an issue asks. branch: where its run waits. run: `tree/stamp`. key: of what is asked."""

    branch: str
    run: str
    path: str
    key: str

    @property
    def tree(self) -> str:
        return self.run.partition("/")[0]

    @property
    def stamp(self) -> str:
        return self.run.partition("/")[2]

    @property
    def same(self) -> tuple[str, str, str, str]:
        """What stays when a newer run asks the same."""
        return self.branch, self.tree, self.path, self.key

    def __str__(self) -> str:
        # Encoded, as a branch or a path may hold what would end the comment.
        return f"<!-- genarun:question {base64.b64encode(json.dumps(asdict(self)).encode()).decode()} -->"


def read_mark(body: str) -> Mark | None:
    """The marker at the head of an issue's text; None where there is none of ours."""
    found = _MARKER.match(body.lstrip())
    if found is None:
        return None
    try:
        given = json.loads(base64.b64decode(found[1], validate=True))
        mark = Mark(*(str(given[name]) for name in ("branch", "run", "path", "key")))
    except (ValueError, KeyError, TypeError):
        return None
    return mark if TREE_NAME.fullmatch(mark.tree) and STAMP.fullmatch(mark.stamp) else None


def title_of(question: Question) -> str:
    """`harbour: Which title goes on the wall?`. Titles hold no Markdown, but a mention would still be one."""
    prompt = "".join(char for char in " ".join(question.asked.prompt.split()) if char.isprintable())
    text = f"{question.run.partition('/')[0]}: {prompt}".replace("@", "@\u2060")
    return text if len(text) <= TITLE else f"{text[: TITLE - 1]}…"


def body_of(question: Question, mark: Mark, commit: str, context: Context) -> str:
    """What the issue says. commit: one that holds the run's pictures."""
    asked, folder = question.asked, f"trees/{mark.tree}/{mark.stamp}"
    place = f"{context.repository_url}/tree/{quote(mark.branch)}/{quote(folder)}"
    lines = [str(mark), f"### {plain(asked.prompt, 3000)}", ""]
    for number, option in enumerate(asked.options[:OPTIONS], 1):
        picture = ""
        if option.picture:
            address = f"{context.repository_url}/raw/{commit}/{quote(folder)}/{quote(option.picture)}"
            picture = f'<br><img src="{address}" alt="option {number}" width="320">'
        lines.append(f"{number}. {plain(option.label, 300)}{picture}")
    if len(asked.options) > OPTIONS:
        lines.append(f"\n… and {len(asked.options) - OPTIONS} more, in the run's folder.")
    lines += ["", f"**{how_to_answer(asked.ask, len(asked.options))}** Write it as a comment; people with write access can."]
    if question.expires_at:
        stands = "without an answer the node fails then"
        if asked.default is not MISSING:
            stands = f"“{plain(label_of(asked, asked.default), 200)}” stands then"
        lines += ["", f"Until {question.expires_at[:16].replace('T', ' ')} UTC; {stands}."]
    lines += [
        "",
        f"<sub>{code(question.path)} of [{plain(mark.run)}]({place}) on {code(mark.branch)} waits for this, as does what "
        "reads it. Everything else is done, and waiting costs nothing.</sub>",
    ]
    return "\n".join(lines)
