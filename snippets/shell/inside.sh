# Print where a path of the node is below $root. Links are followed as on the node, so that none leads out of the tree.
inside() {
  rest=$1/ here='' links=0
  while [ -n "$rest" ]; do
    name=${rest%%/*} rest=${rest#*/}
    case $name in
    '' | .) continue ;;
    ..) here=${here%/*} && continue ;;
    esac
    if [ -L "$root$here/$name" ]; then
      [ $((links += 1)) -lt 40 ] || { echo "$root$1: too many levels of symbolic links" >&2 && exit 3; }
      name=$(readlink "$root$here/$name")
      case $name in /*) here='' ;; esac
      rest=$name/$rest
    else
      here=$here/$name
      [ ! -d "$root$here" ] || { [ -r "$root$here" ] && [ -x "$root$here" ]; } ||
        { echo "$root$here: permission denied, run this as root" >&2 && exit 3; }
    fi
  done
  printf '%s\n' "$root$here"
}
