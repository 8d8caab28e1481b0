# Completion of glowtool for bash.
_glowtool() {
  local line before IFS=$'\n'
  COMPREPLY=()
  for line in $(_GLOWTOOL_COMPLETE=bash COMP_LINE="${COMP_LINE:0:COMP_POINT}" \
    command "${COMP_WORDS[0]/#\~/$HOME}" "${COMP_WORDS[COMP_CWORD]}" 2>/dev/null); do
    case $line in
      :files*) compopt -o filenames; COMPREPLY+=($(compgen -f -- "$2")) ;;
      :folders*) compopt -o filenames; COMPREPLY+=($(compgen -d -- "$2")) ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -o nosort -F _glowtool glowtool
