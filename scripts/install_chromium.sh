#!/bin/sh
# Makes sure that there is a Chromium for the browser tests: the system's, Debian's package as root, or Playwright's own.
set -eu
playwright=$1

command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null && exit 0
fi
"$playwright" install chromium
