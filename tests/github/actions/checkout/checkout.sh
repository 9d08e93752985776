# What actions/checkout does, as far as the workflows here ask for it.
set -eu
export GIT_PAGER=cat GIT_PROGRESS_DELAY=1000
find . -mindepth 1 -delete
git init -q .
git remote add origin "https://github.com/$GITHUB_REPOSITORY"
depth=(); [ "$DEPTH" != 0 ] && depth=("--depth=$DEPTH")
filter=(); [ -n "$PATTERNS" ] && filter=(--filter=blob:none)
ref="${REF:-$GITHUB_REF}"
branch="${ref#refs/heads/}"
if [[ "$branch" =~ ^[0-9a-f]{40}$ ]]; then
  git fetch -q --no-progress --no-tags "${depth[@]}" "${filter[@]}" origin "$branch"
elif [[ "$ref" == refs/pull/* ]]; then
  git fetch -q --no-progress --no-tags "${depth[@]}" "${filter[@]}" origin "+$ref:refs/remotes/${ref#refs/}"
else
  git fetch -q --no-progress --no-tags "${depth[@]}" "${filter[@]}" origin "+refs/heads/$branch:refs/remotes/origin/$branch"
fi
if [ -n "$PATTERNS" ]; then
  [ "$CONE" = false ] || { echo "only patterns are stood in for" >&2; exit 1; }
  git config core.sparseCheckout true
  git sparse-checkout set --no-cone --stdin <<<"$PATTERNS"
fi
if [[ "$branch" =~ ^[0-9a-f]{40}$ ]]; then git checkout -q --force "$branch"
elif [[ "$ref" == refs/pull/* ]]; then git checkout -q --force "refs/remotes/${ref#refs/}"
else git checkout -q --force -B "$branch" "refs/remotes/origin/$branch"; fi
git log -1 --format='checked out %h %s'
