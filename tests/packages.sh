# shellcheck shell=bash
# install WHY APT DNF BREW: the packages of these names, here and now where that is allowed, else an error that names them.
install() {
  local why=$1 apt=$2 dnf=$3 brew=$4 as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    say "installing $apt"
    # shellcheck disable=SC2086  # several packages
    "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq $apt
  else
    say "$why; install the packages: apt install $apt, dnf install $dnf, brew install $brew" >&2
    return 1
  fi
}
