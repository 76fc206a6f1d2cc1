#!/bin/sh
# Whether the clock of this node is proven, for node-problem-detector: exit status 0 yes, 1 no, 2 unknown.
# It reads the report of timepolicy's agent. In a pod, mount the node's /run/timepolicy at the same path.
report=${1:-/run/timepolicy/report.json} uptime=${2:-/proc/uptime}
if ! [ -r "$report" ] || ! read -r now _ <"$uptime"; then
    echo "there is no report of timepolicy"
    exit 2
fi
verdict='' reason='' made=''
while IFS= read -r line; do  # one key a line; those of the report itself are indented by one space
    case $line in
    ' "verdict": '*) verdict=${line#*: \"} ;;
    ' "reason": '*) reason=${line#*: \"} ;;
    ' "boottime": '*) made=${line#*: } ;;
    esac
done <"$report"
verdict=${verdict%%\"*} reason=${reason%%\"*} made=${made%%[!0-9]*}
if [ -z "$verdict" ] || [ -z "$made" ]; then
    echo "the report of timepolicy is not complete"
    exit 2
fi
age=$((${now%%.*} - made))
if [ "$age" -gt 180 ]; then
    echo "the report of timepolicy is $age s old"
    exit 1
fi
if [ "$verdict" != pass ]; then
    echo "failed checks: $reason"
    exit 1
fi
echo "the clock is proven"
