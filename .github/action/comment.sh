#!/usr/bin/env bash
# Posts $OUT as the one comment of deckgen on a pull request; a later run replaces it.
set -euo pipefail
body=$(mktemp)
{ echo '<!-- deckgen -->'; head -c 60000 "$OUT"; } > "$body"
old=$(gh api "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" --paginate \
  --jq '.[] | select(.body | startswith("<!-- deckgen -->")) | .id' | head -n 1)
if [ -n "$old" ]; then
  gh api --method PATCH "repos/$REPOSITORY/issues/comments/$old" --field body=@"$body" > /dev/null
else
  gh api --method POST "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" --field body=@"$body" > /dev/null
fi
