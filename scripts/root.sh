# Sourced: run a command as root, by sudo where we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo DEBIAN_FRONTEND=noninteractive "$@"
  else
    echo "needs root or sudo: $* / 需要 root 或 sudo" >&2
    return 1
  fi
}
