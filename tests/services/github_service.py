"""What the emulated GitHub API lacks for setting a repository up, in front of it: scopes of a token, permissions of Actions,
the public key that secrets are encrypted with, rules of a branch, secrets that an organisation shares.

It is as strict as the reference: a field that is unknown or lacking is refused with 422, a permission that the token lacks with
403 and the header that names it. Everything else is handed to the emulated API behind it.

with GithubService(behind=api) as service:
    env = {"GITHUB_API_URL": service.url, "GH_TOKEN": TOKEN}
"""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from nacl.public import PrivateKey, SealedBox

from tests.services.web import Asked, Refuse, Reply, Service

SECRET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
ACTIONS = {"enabled": bool, "allowed_actions": str, "sha_pinning_required": bool}
SELECTED = {"github_owned_allowed": bool, "verified_allowed": bool, "patterns_allowed": list}
WORKFLOW = {"default_workflow_permissions": str, "can_approve_pull_request_reviews": bool}


class GithubService(Service):
    """behind: URL of the emulated API. scopes: of the token, as the header gives them; None for a fine-grained token.

    lacking: permissions that the token lacks, as in `administration`. locked: an organisation decides what workflows may do.
    token: the only one that is known; None takes any. over: fields of the repository that differ from the emulated one.
    """

    def __init__(self, behind: str, *, scopes: str | None = "repo, workflow", **more: Any) -> None:
        super().__init__(**more)
        self.behind = behind
        self.scopes = scopes
        self.token: str | None = None
        self.lacking: set[str] = set()
        self.locked = False
        self.over: dict[str, Any] = {}
        self.actions: dict[str, Any] = {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}
        self.selected: dict[str, Any] = {"github_owned_allowed": False, "verified_allowed": False, "patterns_allowed": []}
        self.workflow: dict[str, Any] = {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": False}
        self.rules: list[dict[str, Any]] = []
        self.shared: list[str] = []
        self.secrets: dict[str, str] = {}
        """As they arrive in a job: decrypted."""
        self._key = PrivateKey.generate()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def writes(self) -> list[str]:
        """What was changed, as in `PUT actions/permissions`."""
        return [f"{one.method} {one.path.split('/', 4)[-1]}" for one in self.asked if one.method != "GET" and one.status < 400]

    def handle(self, asked: Asked) -> Reply:
        try:
            reply = self._found(asked)
        except Refuse as refusal:
            reply = refusal.reply
        if self.scopes is not None:
            reply.headers["x-oauth-scopes"] = self.scopes
        return reply

    def _found(self, asked: Asked) -> Reply:
        given = asked.headers.get("authorization", "")
        if self.token is not None and given.split(" ")[-1] != self.token:
            raise problem(401, "Bad credentials")
        repos, _, _, *rest = asked.path.strip("/").split("/")
        if repos != "repos":
            return self._behind(asked)
        if asked.method != "GET":
            self._permit(
                "issues" if rest[:1] == ["labels"] else "secrets" if rest[:2] == ["actions", "secrets"] else "administration"
            )
        match asked.method, rest:
            case "GET", []:
                return self._repository(asked)
            case "GET", ["actions", "permissions"]:
                self._permit("administration")
                return answer(self.actions)
            case "PUT", ["actions", "permissions"]:
                self.actions |= checked(asked.json, ACTIONS, {"enabled"})
                return Reply(b"", 204)
            case method, ["actions", "permissions", "selected-actions"]:
                if self.actions.get("allowed_actions") != "selected":
                    raise problem(409, "Conflict: the repository does not choose actions one by one")
                if method == "GET":
                    return answer(self.selected)
                self.selected |= checked(asked.json, SELECTED)
                return Reply(b"", 204)
            case "GET", ["actions", "permissions", "workflow"]:
                self._permit("administration")
                return answer(self.workflow)
            case "PUT", ["actions", "permissions", "workflow"]:
                if self.locked:
                    raise problem(409, "Conflict: the organization decides")
                self.workflow |= checked(asked.json, WORKFLOW)
                return Reply(b"", 204)
            case "GET", ["actions", "secrets"]:
                self._permit("secrets")
                return self._secrets([*self.secrets])
            case "GET", ["actions", "organization-secrets"]:
                return self._secrets(self.shared)
            case "GET", ["actions", "secrets", "public-key"]:
                return answer({"key_id": "568250167242549743", "key": base64.b64encode(bytes(self._key.public_key)).decode()})
            case "PUT", ["actions", "secrets", name]:
                return self._secret(
                    name, checked(asked.json, {"encrypted_value": str, "key_id": str}, {"encrypted_value", "key_id"})
                )
            case "GET", ["rules", "branches", _]:
                return answer([{"ruleset_source_type": "Repository", "ruleset_id": 1, **rule} for rule in self.rules])
        return self._behind(asked)

    def _permit(self, permission: str) -> None:
        if permission in self.lacking:
            refusal = problem(403, "Resource not accessible by personal access token")
            refusal.reply.headers["x-accepted-github-permissions"] = f"{permission}=write"
            raise refusal

    def _repository(self, asked: Asked) -> Reply:
        reply = self._behind(asked)
        if reply.status == 200:
            reply.body = json.dumps(json.loads(reply.body) | self.over).encode()
        return reply

    def _secrets(self, names: list[str]) -> Reply:
        when = "2026-11-25T09:00:00Z"
        listed = [{"name": name, "created_at": when, "updated_at": when} for name in names]
        return answer({"total_count": len(listed), "secrets": listed})

    def _secret(self, name: str, body: Mapping[str, Any]) -> Reply:
        if not SECRET.fullmatch(name) or name.upper().startswith("GITHUB_"):
            raise problem(422, f"Secret name {name} is invalid")
        new = name not in self.secrets
        self.secrets[name] = SealedBox(self._key).decrypt(base64.b64decode(body["encrypted_value"], validate=True)).decode()
        return Reply(b"{}", 201) if new else Reply(b"", 204)

    def _behind(self, asked: Asked) -> Reply:
        query = "?" + "&".join(f"{name}={value}" for name, value in asked.query.items()) if asked.query else ""
        headers = {name: value for name, value in asked.headers.items() if name in ("authorization", "content-type", "accept")}
        request = urllib.request.Request(
            f"{self.behind}{asked.path}{query}", data=asked.body or None, headers=headers, method=asked.method
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as found:
                status, body = found.status, found.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return Reply(body.replace(self.behind.encode(), self.url.encode()), status)


def answer(value: Any) -> Reply:
    return Reply(json.dumps(value).encode())


def problem(status: int, message: str) -> Refuse:
    """The documented error body."""
    body = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Refuse(Reply(json.dumps(body).encode(), status))


def checked(body: Any, fields: Mapping[str, type], required: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """A request's body, refused where the reference does not know it."""
    wrong = (
        not isinstance(body, dict)
        or required - set(body)
        or any(name not in fields or not isinstance(value, fields[name]) for name, value in body.items())
    )
    if wrong:
        raise problem(422, "Invalid request.")
    return dict(body)
