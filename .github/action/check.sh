#!/usr/bin/env bash
# Exits with 1 if a build would change deck.lock. A package that is not in the repository is no reason to fail.
set -euo pipefail
before=$(mktemp)
lock=${DECK%/}/deck.lock
if [ -f "$lock" ]; then cp -- "$lock" "$before"; else : > "$before"; fi
deckgen build -o "$(mktemp -d)/checked.apkg" -- "$DECK"
if ! cmp -s -- "$before" "$lock"; then
  cp -- "$before" "$lock"
  echo "deck.lock is not up to date: run \`deckgen build\` and commit deck.lock" >&2
  exit 1
fi
