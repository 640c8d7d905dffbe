#!/bin/sh
# What the tests need of Debian: a browser, a database server, Chinese fonts.  Installs only what is missing.
set -eu
. "$(dirname "$0")/root.sh"
missing=""
for package in chromium postgresql fonts-noto-cjk; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing$missing"
as_root apt-get update -qq
# shellcheck disable=SC2086
as_root apt-get install -y -qq --no-install-recommends $missing
