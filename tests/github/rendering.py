"""A comment as GitHub shows it: GitHub's own parser, and a look at what came out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

OURS = {
    "h2", "h3", "h4", "h5", "p", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "br", "hr", "a", "img",
    "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "del", "ins", "sub",
}  # fmt: skip
"""Tags that a comment of ours may hold."""
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width"},
    "th": {"align"},
    "td": {"align", "valign"},
    "code": {"class"},
    "pre": {"lang"},
}
_VOID = {"br", "img", "hr"}
_MENTION = re.compile(r"@\w|(?<!\w)#\d|\bGH-\d|https?://|\bwww\.", re.IGNORECASE)


def to_html(markdown: str) -> str:
    """What GitHub's parser makes of it, before GitHub takes out the tags that nobody may use."""
    return cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)


@dataclass
class Page(HTMLParser):
    """What a text became. text: outside of code, all of it. wrong: what a comment of ours must not hold."""

    markdown: str
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    text: str = ""
    code: str = ""
    cells: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.html = to_html(self.markdown)
        self.feed(self.html)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]
        self.wrong += [f"links by its text: {found}" for found in _MENTION.findall(self.text)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in OURS:
            self.wrong.append(f"<{tag}>")
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name not in ATTRIBUTES.get(tag, set())]
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        found = dict(attrs)
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag == "img":
            self.images.append(found.get("src") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_data(self, data: str) -> None:
        if "code" in self.open or "pre" in self.open:
            self.code += data
        else:
            self.text += data
        if {"td", "th"} & set(self.open):
            self.cells[-1][-1] += data


def look(markdown: str, repository: str = "https://github.com/octo/zoo") -> Page:
    """The page, checked: our tags only, and no link or picture that leads out of the repository."""
    page = Page(markdown)
    assert page.wrong == []
    assert [found for found in page.links + page.images if not found.startswith(repository + "/")] == []
    return page


EVIL = [
    "@octocat and @github/team and me@evil.example",
    "#12, GH-12, octo/zoo#12",
    "<img src=https://evil.example/beacon.png>",
    "![beacon](https://evil.example/beacon.png)",
    "![ref][r]\n\n[r]: https://evil.example/beacon.png",
    "[click](https://evil.example)",
    "<https://evil.example>",
    "https://evil.example www.evil.example ftp://evil.example mailto:me@evil.example xmpp:me@evil.example",
    "<script>alert(1)</script>",
    "--> <!-- genarun:plan -->",
    "</details></summary></del></ins></code></td></table>",
    "<details><summary>",
    "```\n# out of the fence\n```",
    "`code` ``more`` ~~~",
    "| a | b |\n| --- | --- |\n| c | d |",
    "cell | cell \\| cell \\\\| cell",
    "**bold** _em_ ~~gone~~ $x$ :tada:",
    "# heading\n- list\n1. list\n> quote\n---\n===\n    code\n\tcode",
    "a\r\nb\rc\u2028d\u202egnp.exe",
    "[^1] [x]: y &lt;b&gt; &#64;octocat &commat;octocat",
    "\\@octocat \\<b\\>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!-- hides the rest",
    "<![CDATA[ hides", "<?php hides", "<!DOCTYPE hides",
    "\x00\x1b[31m",
]  # fmt: skip
"""Texts that try to break a page, to call people, or to load what a stranger serves."""
