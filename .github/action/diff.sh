#!/usr/bin/env bash
# Writes which cards change, as Markdown, to $OUT and to the summary of the run. $DECK: the project; $AGAINST: a revision.
set -euo pipefail
if [ -n "${AGAINST:-}" ] && deckgen diff --against "$AGAINST" --format markdown -- "$DECK" > "$OUT" 2> "$OUT.err"; then
  :
else
  # No lock in that revision, or no revision: what a build would change.
  deckgen diff --format markdown -- "$DECK" > "$OUT"
fi
cat "$OUT" >> "${GITHUB_STEP_SUMMARY:-/dev/stdout}"
