#compdef glowtool
# Completion of glowtool for zsh.
_glowtool() {
  local line word about
  local -a offers typed
  typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  for line in "${(@f)$(_GLOWTOOL_COMPLETE=zsh command ${~words[1]} "${(@)typed}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files*) compset -P '--[a-z-]#='; _files ;;
      :folders*) compset -P '--[a-z-]#='; _files -/ ;;
      *)
        word=${line%%$'\t'*} about=${line#*$'\t'}
        offers+=("${word//:/\\:}${about:+:$about}")
        ;;
    esac
  done
  (( $#offers )) && _describe -V 'glowtool' offers
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _glowtool glowtool
