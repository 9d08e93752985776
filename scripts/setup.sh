#!/bin/sh
# Leaves .venv/bin/genarun, with everything that the Makefile's other commands need.
#
# Needs git, make and Python 3.11 or newer; uv is put into .tools/ where the machine has none. Quick when nothing changed.
# PYTHON=/path/to/python chooses the Python. `setup.sh engine` leaves the other commands' tools out, for workflows.
# GENARUN_VENV=/path/to/.venv takes an environment that is there already, as a runner of one's own may have.
set -eu
cd "$(dirname "$0")/.."
what="${1:-everything}"
only=; [ "$what" = engine ] && only=--no-dev

if [ -n "${GENARUN_VENV:-}" ] && [ ! -e .venv ]; then
  ln -s "$GENARUN_VENV" .venv
  exit 0
fi

say() { printf '%s\n' "$*" >&2; }
give_up() { say "setup: $1"; shift; for hint in "$@"; do say "  → $hint"; done; exit 2; }

# The folder's own place is part of the stamp: a virtual environment does not survive being moved.
stamp="$(cat pyproject.toml uv.lock scripts/setup.sh | cksum) $(pwd) $what"
if [ -z "${PYTHON:-}" ] && [ -f .venv/.stamp ] && [ "$(cat .venv/.stamp)" = "$stamp" ] && .venv/bin/python -c '' 2>/dev/null && [ -x .venv/bin/genarun ]; then
  exit 0
fi

# A name on the PATH may be a shim that runs nothing, so each is asked for its version rather than looked up.
version_fits() { "$1" -c "import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] $2))" </dev/null >/dev/null 2>&1; }
find_python() {
  if [ -n "${PYTHON:-}" ]; then
    version_fits "$PYTHON" "" && { printf '%s' "$PYTHON"; return; }
    give_up "PYTHON=$PYTHON is not a Python 3.11 or newer" "Give the path of one, or leave PYTHON unset."
  fi
  # Versions that uv.lock has wheels for come first; a newer Python may have to compile some of them.
  for found in python3 python3.14 python3.13 python3.12 python3.11 python; do
    version_fits "$found" "<= (3, 14)" && { printf '%s' "$found"; return; }
  done
  version_fits python3 "" && { printf 'python3'; return; }
  give_up "no Python 3.11 or newer found" \
    "Install one (Debian, Ubuntu: sudo apt install python3; macOS: brew install python), or name one: make setup PYTHON=/path/to/python3"
}
python="$(find_python)"
python="$("$python" -c 'import sys; print(sys.executable)')"

tools="$(pwd)/.tools"
# Without a home there is no cache to share with other projects; keep one here.
if [ -z "${UV_CACHE_DIR:-}" ] && { [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; }; then
  UV_CACHE_DIR="$tools/cache"; export UV_CACHE_DIR
  PIP_CACHE_DIR="$tools/cache/pip"; export PIP_CACHE_DIR
fi

pin="$("$python" -c 'import tomllib; print(next(p["version"] for p in tomllib.load(open("uv.lock", "rb"))["package"] if p["name"] == "uv"))')"
works() { "$1" --version </dev/null >/dev/null 2>&1; }
# Any uv from the last year reads the lock; an older one may not know a flag that is used below.
recent() { "$1" sync --help 2>/dev/null | grep -q -e --no-python-downloads; }
get_uv() {
  for found in uv "$tools/uv/bin/uv"; do
    works "$found" && recent "$found" && { printf '%s' "$found"; return; }
  done
  say "Getting uv $pin into .tools/"
  rm -rf "$tools/uv"
  mkdir -p "$tools"
  # pip knows the machine's own package index, where there is one. Debian's and Ubuntu's bare python3 has neither pip nor venv.
  if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$python" -m venv "$tools/uv" >&2 && "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$pin" >&2 || true
  fi
  works "$tools/uv/bin/uv" || "$python" scripts/fetch_uv.py "$tools/uv/bin" >&2 || true
  works "$tools/uv/bin/uv" || give_up "uv $pin could not be installed" \
    "Look at the message above: is the network there? Behind a proxy set HTTPS_PROXY, for another package index PIP_INDEX_URL." \
    "Or install uv yourself (https://docs.astral.sh/uv/getting-started/installation/) and run this again."
  printf '%s' "$tools/uv/bin/uv"
}
uv="$(get_uv)"

say "Setting up .venv with $("$python" -c 'import platform; print("Python", platform.python_version())')"
unset VIRTUAL_ENV
# uv brings authorities of its own, which do not know a company's proxy; the machine's are used where it has any.
if "$python" -c 'import ssl, sys; sys.exit(not ssl.create_default_context().cert_store_stats()["x509_ca"])'; then
  UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}"; export UV_SYSTEM_CERTS UV_NATIVE_TLS
fi
# uv's list of what it installed is for people who watch; elsewhere it would hide what comes after it.
quiet=--quiet; [ -t 2 ] && quiet=
# Compiled now, in seconds, so that the first command starts as quickly as the tenth.
UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=.venv "$uv" sync --frozen $only --no-python-downloads --python "$python" $quiet ||
  give_up "the dependencies could not be installed" "Look at uv's message above; when it is mended, run the same command again."
printf '%s\n' "$stamp" > .venv/.stamp
