"""Which trees a workflow run has to run, and in how many jobs: trees that read one another share a job, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from genarun.providers.base import ProviderInfo, Settings
from genarun.providers.catalog import key_variable
from genarun.providers.services import uses
from genarun.tree.model import Tree

Json = Any

MOST_JOBS: Final = 16
"""Jobs beside each other: the free plan starts twenty, and the workflow has others."""


@dataclass(frozen=True, slots=True)
class Group:
    """Trees of one job, in running order. keys: variables that its providers read a key from."""

    trees: tuple[str, ...]
    keys: tuple[str, ...]


def groups(trees: Sequence[Tree], infos: Mapping[str, ProviderInfo], most: int = MOST_JOBS) -> list[Group]:
    """Connected trees together, everything in running order. trees: those to run, in running order.

    Where there would be more than `most` groups, the smallest share a job.
    """
    chosen = {tree.name for tree in trees}
    bundle = {tree.name: [tree] for tree in trees}
    for tree in trees:
        for name in tree.after:
            if name in chosen and bundle[name] is not bundle[tree.name]:
                joined = [*bundle[name], *bundle[tree.name]]
                for one in joined:
                    bundle[one.name] = joined
    place = {tree.name: number for number, tree in enumerate(trees)}
    found = list({id(members): members for members in bundle.values()}.values())
    while len(found) > most:
        found.sort(key=len)
        found[:2] = [[*found[0], *found[1]]]
    ordered = sorted((sorted(members, key=lambda tree: place[tree.name]) for members in found), key=lambda m: place[m[0].name])
    return [Group(tuple(tree.name for tree in members), tuple(keys_of(members, infos))) for members in ordered]


def keys_of(trees: Sequence[Tree], infos: Mapping[str, ProviderInfo]) -> list[str]:
    """Variables that the providers of these trees read a key from, those of every member of a pool included; sorted."""
    found = set()
    for tree in trees:
        for use in uses(tree):
            for one in use.candidates:
                info = infos.get(one.protocol)
                if info is not None and (variable := key_variable(info, Settings(one.provider, one.base_url, one.key_env))):
                    found.add(variable)
    return sorted(found)


def matrix(found: Sequence[Group]) -> list[dict[str, Json]]:
    """The groups as a workflow's matrix reads them. `share`: jobs that use the same services at once."""
    return [
        {"index": place, "name": _title(group), "trees": list(group.trees), "keys": list(group.keys), "share": len(found)}
        for place, group in enumerate(found)
    ]


def _title(group: Group) -> str:
    first, *others = group.trees
    return f"{first} and {len(others)} more" if others else first
