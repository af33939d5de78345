#!/usr/bin/env bash
# The browser that tests/reports/test_browser.py drives: the system's chromium, installed where it is missing and one may.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" > /dev/null; then
    exit 0
  fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium > /dev/null
else
  echo "no chromium here, and it cannot be installed: tests/reports/test_browser.py will say so" >&2
fi
