# shellcheck shell=sh disable=SC2154 # `charm` comes from the file that sources this one
# Finds a Node and becomes it. Every file in hooks/ and actions/ sets `charm` (the charm directory) and sources this.
# With the charm's own runtime no process is started before that Node. Exit 0 without one: a unit that says what it
# lacks can be mended and tried again; a failed hook would hold up the machine.

# A hook that is killed before its Node has begun is known by this to the next one. Where there is no store yet, or it is
# that of charms.reactive, nothing is remembered that the next one could wrongly believe.
[ -e "$charm/.reactive.json" ] && { echo >>"$charm/.reactive.json.begun"; } 2>/dev/null

[ -x "$charm/runtime/bin/node" ] && exec "$charm/runtime/bin/node" "$charm/lib/entry.cjs" "$0" "$@"

# True when the program is a Node that can run the charm: 18.19, 20.5 or newer. Before these Node lacks what execa is made with.
is_recent() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case $major in
    18) [ "$minor" -ge 19 ] ;;
    20) [ "$minor" -ge 5 ] ;;
    *) [ "$major" -gt 20 ] ;;
  esac 2>/dev/null
}

is_recent node && exec node "$charm/lib/entry.cjs" "$0" "$@"

# Major version of the nodejs package that apt would install; 0 when there is none.
apt_version() {
  candidate=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9][0-9]*:\)\{0,1\}\([0-9][0-9]*\)\..*/\2/p')
  echo "${candidate:-0}"
}

if [ "$(apt_version)" -lt 18 ]; then
  apt-get -qq update || true
fi
if [ "$(apt_version)" -ge 18 ]; then
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends nodejs || true
  hash -r
  is_recent node && exec node "$charm/lib/entry.cjs" "$0" "$@"
fi

remedy="no Node 18.19 or newer: install one on this machine, or refresh to a build of the charm that carries its runtime"
case $0 in
  *actions/*) action-fail "$remedy" ;;
  *) status-set blocked "$remedy" ;;
esac || echo "$remedy" >&2
exit 0
