#!/bin/sh
# Debian's chromium, pango and PostgreSQL, which the browser tests, the PDF export and the store's tests need:
# installed as root, else named.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
for library in libpango-1.0.so.0 libpangoft2-1.0.so.0; do
  if ! ldconfig -p 2>/dev/null | grep -q "$library"; then
    case "$library" in
      libpango-1.0.so.0) missing="$missing libpango-1.0-0" ;;
      *) missing="$missing libpangoft2-1.0-0" ;;
    esac
  fi
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing$missing"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
else
  echo "The tests need$missing. On Debian: sudo apt-get install$missing" >&2
  exit 1
fi
