/**
 * `charms.reactive.sh`, which handlers written in Bash source: decorators above functions, and the names of
 * https://charmsreactive.readthedocs.io/en/latest/bash-reactive.html.
 *
 * An alias puts the decorator's own line before its arguments, so that the function it stands above is found by name in
 * the lines that follow.
 */
export const bashLibrary = `#!/bin/bash
# Decorators and commands for reactive handlers written in Bash: source this, write handlers, end with
# reactive_handler_main.

shopt -s expand_aliases

_reactive_mode=\${1:---test}
_reactive_line=\${2:-}
declare -A _reactive_ids=() _reactive_tests=()
_reactive_order=()

_reactive_decorate() {
  local test=$1 file=\${BASH_SOURCE[1]} line=\${BASH_LINENO[0]} text name
  shift
  while :; do
    line=$((line + 1))
    text=$(sed -n "\${line}p" "$file")
    [[ $text =~ ^[[:space:]]*(@|#|$) ]] || break
  done
  if ! [[ $text =~ ^[[:space:]]*(function[[:space:]]+)?([^[:space:]\\(\\)]+) ]]; then
    echo "$file:$line: no function follows @$test" >&2
    exit 2
  fi
  name=\${BASH_REMATCH[2]}
  if [[ -z \${_reactive_ids[$name]:-} ]]; then
    _reactive_order+=("$name")
    _reactive_ids[$name]="$file:$line:$name"
    _reactive_tests[$name]="'$name' '$file:$line:$name'"
  fi
  _reactive_tests[$name]+=" '$test' '$(printf '"%s" ' "$@")'"
}

reactive_handler_main() {
  local name specs=() invoked=()
  if [[ $_reactive_mode == --invoke ]]; then
    for name in \${_reactive_line//,/ }; do
      "$name"
      invoked+=("\${_reactive_ids[$name]}")
    done
    charms.reactive mark_invoked "\${invoked[@]}"
    return
  fi
  for name in "\${_reactive_order[@]}"; do specs+=("\${_reactive_tests[$name]}"); done
  local matching
  matching=$(charms.reactive test "\${specs[@]}") || exit
  [[ -n $matching ]] || exit 1
  echo "$matching"
  exit 0
}

alias @hook='_reactive_decorate hook'
alias @when='_reactive_decorate when'
alias @when_all='_reactive_decorate when_all'
alias @when_any='_reactive_decorate when_any'
alias @when_not='_reactive_decorate when_not'
alias @when_none='_reactive_decorate when_none'
alias @when_not_all='_reactive_decorate when_not_all'
alias @when_file_changed='_reactive_decorate when_file_changed'
alias @only_once='_reactive_decorate only_once'

set_flag() { charms.reactive set_flag "$@"; }
clear_flag() { charms.reactive clear_flag "$@"; }
is_flag_set() { charms.reactive is_flag_set "$@"; }
all_flags_set() { charms.reactive all_flags_set "$@"; }
any_flags_set() { charms.reactive any_flags_set "$@"; }
set_state() { charms.reactive set_flag "$@"; }
remove_state() { charms.reactive clear_flag "$@"; }
all_states() { charms.reactive all_flags_set "$@"; }
any_states() { charms.reactive any_flags_set "$@"; }
`;
