#!/bin/sh
# What `make check` runs, all of it even where one part fails, so that a person mends everything in one go.
set -u
cd "$(dirname "$0")/.."
failed=

step() {
  name="$1"; shift
  printf '%-28s' "$name"
  if out="$("$@" 2>&1)"; then
    printf 'ok\n'
  else
    printf 'FAILED: %s\n%s\n' "$*" "$out"
    failed="$failed  $name\n"
  fi
}

step "lint"                     .venv/bin/ruff check .
step "layout"                   .venv/bin/ruff format --check --output-format concise .
step "types"                    .venv/bin/mypy
step "layers"                   .venv/bin/lint-imports --no-cache
step "tree.schema.json"         .venv/bin/python -m genarun.tree.schema --check
step "docs/reference/"          .venv/bin/python scripts/reference.py --check
step "wheel contents"           .venv/bin/python -m pytest tests/test_wheel.py -k contents

if [ -n "$failed" ]; then
  printf '\nmake check: these failed:\n'"$failed"
  exit 1
fi
