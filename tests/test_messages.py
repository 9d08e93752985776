"""Every error that a person can see is held to its exact text somewhere in the suite.

The package is read, not run: each place that makes an error of the family names its code as a literal, and each code stands in
a call of `says` in a test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scripts" / "genarun"
TESTS = ROOT / "tests"

FAMILY = {"GenarunError"}
"""The root of the family; classes that derive from it are found in the package."""

TOGETHER = {"Faults"}
"""Holds other errors and has no text of its own."""


def parsed(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def family() -> set[str]:
    """Names of all classes that derive from GenarunError, found again and again until no further one is."""
    bases: dict[str, set[str]] = {}
    for _, module in parsed(PACKAGE):
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(name_of(base) for base in node.bases)
    found = set(FAMILY)
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found - TOGETHER


@dataclass(frozen=True)
class Maker:
    """Something that takes a code and makes an error of the family, or passes the code on to what does.

    at: the place of `code` among the arguments of a call. least: arguments that a call has at least.
    """

    at: int
    least: int


def makers() -> dict[str, Maker]:
    """Classes of the family, and functions, methods and other faults that take a `code`; by the name they are called by."""
    found = {name: Maker(0, 1) for name in family()}
    for _, module in parsed(PACKAGE):
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                        names = [arg.arg for arg in inner.args.args][1:]
                        if "code" in names:
                            found[node.name] = maker(inner, names)
                        elif node.name in found:
                            del found[node.name]  # has its code inside: the call of `super().__init__` names it
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                names = [arg.arg for arg in node.args.args if arg.arg not in {"self", "cls"}]
                if "code" in names:
                    found[node.name] = maker(node, names)
    return found


def maker(node: ast.FunctionDef, names: list[str]) -> Maker:
    return Maker(names.index("code"), max(2, len(names) - len(node.args.defaults)))


def made() -> tuple[dict[str, list[str]], list[str]]:
    """Codes of the package with the places that use them, and places whose code is not a literal."""
    known, classes = makers(), family()
    codes: dict[str, list[str]] = {}
    unclear: list[str] = []
    for path, module in parsed(PACKAGE):
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            name = name_of(node.func)
            inherited = name == "__init__" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)
            if name not in known and not inherited:
                continue
            found = Maker(0, 1) if inherited else known[name]
            if len(node.args) + len(node.keywords) < found.least:
                continue  # another thing of the same name: `seen.add(path)`
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            given = next((word.value for word in node.keywords if word.arg == "code"), None)
            given = given or (node.args[found.at] if len(node.args) > found.at else None)
            for code in literals(given):
                codes.setdefault(code, []).append(place)
            if name in classes and not list(literals(given)) and not passed_on(given):
                unclear.append(place)
    return codes, unclear


def passed_on(node: ast.expr | None) -> bool:
    """Whether a code came from somewhere else, where it is a literal: a parameter `code`, or the code of another error."""
    return name_of(node) == "code" if node is not None else False


def literals(node: ast.expr | None) -> Iterator[str]:
    """The strings that an expression can be: a literal, or a choice of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        chosen, other = list(literals(node.body)), list(literals(node.orelse))
        if chosen and other:
            yield from chosen + other


def said() -> set[str]:
    """Codes that a test holds to an exact text."""
    found = set()
    for _, module in parsed(TESTS):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and name_of(node.func) == "says" and len(node.args) == 3:
                found.update(literals(node.args[1]))
    return found


def test_every_code_is_a_literal() -> None:
    _, unclear = made()
    assert unclear == [], "an error's code must be a literal where the error is made, so that this test can find it"


def test_every_code_is_spelled_alike() -> None:
    codes, _ = made()
    assert [code for code in codes if not code.replace("-", "").isalnum() or code != code.lower()] == []


def test_every_error_has_a_test_of_its_exact_text() -> None:
    codes, _ = made()
    tested = said()
    missing = {code: places[0] for code, places in sorted(codes.items()) if code not in tested}
    assert missing == {}, 'add `says(error, "the-code", """its whole text""")` to a test'


def test_every_text_that_is_tested_can_still_happen() -> None:
    codes, _ = made()
    assert sorted(said() - set(codes)) == []
