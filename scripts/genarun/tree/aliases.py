"""Aliases and services: whether what they say makes sense, whom they stand for, and whether that makes what it is used for.

Works on the files' own data, as `sense` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genarun.tree.defaults import BUILT_IN_MODELS
from genarun.tree.kinds import Providers
from genarun.tree.places import Loc
from genarun.tree.report import Report, did_you_mean
from genarun.tree.sense import NodeCheck

Json = Any

_SINGLE = ("provider", "model", "price")
"""Keys of an alias for one model."""
_POOL = ("policy", "sticky", "breaker")
"""Keys of an alias for several."""


def check_settings(data: Json, merged: Mapping[str, Json], providers: Providers, report: Report) -> None:
    """Aliases and services of one file. merged: all settings, so that what another file says counts."""
    services = merged.get("providers") or {}
    known = sorted({*providers, *services})
    own_models = data.get("models") if isinstance(data, dict) else None
    for alias, model in own_models.items() if isinstance(own_models, dict) else ():
        here: Loc = ("models", alias)
        for place, one in ((here, model), *(((*here, "models", n), member) for n, member in enumerate(_members(model)))):
            name = one.get("provider") if isinstance(one, dict) else None
            if isinstance(name, str) and name not in known:
                report.add(
                    "provider-unknown",
                    f"there is no provider “{name}”",
                    report.value((*place, "provider")),
                    did_you_mean(name, known, "Providers known here") + " Others are written under `providers`.",
                )
    if isinstance(own_models, dict):
        _check_pools(own_models, merged["models"], report)
    own_services = data.get("providers") if isinstance(data, dict) else None
    for service, spec in own_services.items() if isinstance(own_services, dict) else ():
        name = spec.get("provider") if isinstance(spec, dict) else None
        if isinstance(name, str) and name not in providers:
            report.add(
                "protocol-unknown",
                f"no provider speaks “{name}”",
                report.value(("providers", service, "provider")),
                did_you_mean(name, sorted(providers), "Protocols known here"),
            )


def check_aliases(
    data: dict[str, Json], check: NodeCheck, merged: Mapping[str, Json], providers: Providers, report: Report
) -> None:
    """Aliases that the tree defines or uses say whose model they stand for, and that model makes what they are used for."""
    aliases, services = merged.get("models", {}), merged.get("providers") or {}
    own = data.get("models")
    places: dict[str, Loc] = {alias: ("models", alias) for alias in own} if isinstance(own, dict) else {}
    for (alias, _), place in check.used.items():
        places.setdefault(alias, place)
    for alias, place in list(places.items()):
        model = aliases.get(alias)
        _check_sticky(alias, model, data.get("inputs"), place, report)
        for number, member in enumerate(_members(model)):
            if isinstance(member, str):
                places.setdefault(member, (*place, "models", number))
    for alias, place in places.items():
        model = aliases.get(alias)
        if not isinstance(model, dict) or model.get("models") is not None:
            continue
        for key in ("provider", "model"):
            if model.get(key) in (None, ""):
                example = report.write(key, BUILT_IN_MODELS["text"][key])
                report.add(
                    "alias-incomplete",
                    f"the model alias “{alias}” has no `{key}`",
                    report.key(place),
                    f"Add for example `{example}` to it, here or in trees/defaults.yaml.",
                )
    for (alias, medium), place in check.used.items():
        model = aliases.get(alias)
        for member in _members(model) or [model]:
            one = aliases.get(member) if isinstance(member, str) else member
            name = one.get("provider") if isinstance(one, dict) else None
            service = services.get(name) if isinstance(name, str) else None
            spoken = service.get("provider") if isinstance(service, dict) else name
            facts = providers.get(spoken) if isinstance(spoken, str) else None
            if facts is not None and medium not in facts.media:
                able = sorted(known for known, other in providers.items() if medium in other.media)
                report.add(
                    "medium-unmade",
                    f"“{alias}” asks {name} for {medium}, and {name} makes {' and '.join(sorted(facts.media))} only",
                    report.value(place),
                    f"Providers that make {medium}: {', '.join(able) or 'none that is installed'}.",
                )


def _check_pools(own: Mapping[str, Json], aliases: Mapping[str, Json], report: Report) -> None:
    """The aliases of one file. aliases: all of them merged, with those of other files."""
    for alias, model in own.items():
        merged = aliases.get(alias)
        if not isinstance(model, dict) or not isinstance(merged, dict):
            continue
        _check_keys(alias, model, merged, report)
        _check_members(("models", alias, "models"), _members(model), aliases, report)
        holder = next((name for name, other in aliases.items() if alias in _members(other) and name not in own), None)
        if _members(model) and holder is not None:
            report.add(
                "pool-nested",
                f"“{alias}” names several models, and so does the inherited “{holder}”, which lists it",
                report.key(("models", alias)),
                "A pool holds single models only: give this one another name.",
            )


def _check_keys(alias: str, model: Mapping[str, Json], merged: Mapping[str, Json], report: Report) -> None:
    here: Loc = ("models", alias)
    pool = merged.get("models") is not None
    for key in _SINGLE if model.get("models") is not None else () if pool else _POOL:
        if model.get(key) is not None:
            several = "an alias that names several models under `models`"
            what = f"`{key}` is of an alias for one model, and this one names several" if pool else f"`{key}` is of {several}"
            hint = f"Take `{key}` away, or `models`." if pool else f"Take `{key}` away, or add `models`."
            report.add("pool-key", what, report.key((*here, key)), hint)
    if not pool:
        return
    policy = merged.get("policy") or "ordered"
    if model.get("sticky") is not None and policy != "sticky":
        report.add(
            "sticky-unused",
            f"`sticky` is of the policy sticky, and the policy of “{alias}” is {policy}",
            report.key((*here, "sticky")),
            f"Write `{report.write('policy', 'sticky')}`, or take `sticky` away.",
        )
    if model.get("policy") == "sticky" and merged.get("sticky") is None:
        report.add(
            "sticky-missing",
            "the policy sticky goes by the value of an input, and none is named",
            report.value((*here, "policy")),
            f"Add for example `{report.write('sticky', 'visitor')}` beside it, with the name of one of the tree's inputs.",
        )


def _check_members(here: Loc, listed: list[Json], aliases: Mapping[str, Json], report: Report) -> None:
    seen: list[tuple[Json, Loc]] = []
    for number, member in enumerate(listed):
        place = (*here, number)
        one = aliases.get(member) if isinstance(member, str) else member
        if isinstance(member, str) and member not in aliases:
            report.add(
                "alias-unknown",
                f"there is no model alias “{member}”",
                report.value(place),
                did_you_mean(member, aliases, "Aliases known here") + " Aliases are written under `models`.",
            )
        if not isinstance(one, dict):
            continue
        if one.get("models") is not None:
            report.add(
                "pool-nested",
                f"“{member}” names several models itself",
                report.value(place),
                "A pool holds single models only: list its models here in its place.",
            )
            continue
        asked = (one.get("provider"), one.get("model"), one.get("params") or {})
        first = next((loc for other, loc in seen if other == asked), None)
        if first is not None:
            name = member if isinstance(member, str) else f"{asked[0]}/{asked[1]}"
            report.add(
                "pool-twice",
                f"“{name}” is the model that this pool has {report.line(first)}",
                report.value(place),
                "List each model once.",
            )
        elif None not in asked:
            seen.append((asked, place))


def _check_sticky(alias: str, model: Json, inputs: Json, place: Loc, report: Report) -> None:
    """Whether a tree has the input that a pool goes by. place: of the alias in this file, or of a node that uses it."""
    name = model.get("sticky") if _members(model) and model.get("policy") == "sticky" else None
    known = list(inputs) if isinstance(inputs, dict) else []
    if isinstance(name, str) and name not in known:
        at = (*place, "sticky") if place[:1] == ("models",) else place
        report.add(
            "sticky-unknown",
            f"the pool “{alias}” goes by the input “{name}”, and this tree has none of that name",
            report.value(at),
            did_you_mean(name, known, "Inputs here"),
        )


def _members(model: Json) -> list[Json]:
    """What an alias lists under `models`; empty for one model, and where it has another shape."""
    listed = model.get("models") if isinstance(model, dict) else None
    return listed if isinstance(listed, list) else []
