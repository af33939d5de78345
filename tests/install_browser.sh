#!/usr/bin/env bash
# What tests drive beside Anki: the system's chromium (tests/reports/test_browser.py) and Neovim
# (tests/reports/test_neovim.py), installed where one is missing and one may.
set -euo pipefail
missing=()
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" > /dev/null; then
    browser=$name
  fi
done
[ -n "${browser:-}" ] || missing+=(chromium)
command -v nvim > /dev/null || missing+=(neovim)
if [ ${#missing[@]} = 0 ]; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
else
  echo "not here, and cannot be installed: ${missing[*]}; the tests that drive them will say so" >&2
fi
