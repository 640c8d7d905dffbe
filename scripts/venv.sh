#!/bin/sh
# Make the virtual environment; on Debian, install python3-venv first where it is missing.
set -eu
venv=$1
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Biaochi needs Python 3.11 or newer; $python is $("$python" --version). Set PYTHON=… / 需要 Python 3.11 以上" >&2
  exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "python3-venv is missing; installing it / 正在安装 python3-venv" >&2
  . "$(dirname "$0")/root.sh"
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends python3-venv
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check uv
touch "$venv/.made"
