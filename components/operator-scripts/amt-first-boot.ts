// A new machine is switched on by its AMT, and answers. One that anybody uses already is left alone.
import { quote } from "../host-scripts/script.ts";
import { bootOnceMessage, powerOnMessage, powerStateMessage, pxeFirstMessage } from "./amt-messages.ts";
import { renderOperatorScript } from "./operator-script.ts";

/**
 * Switches one machine on, once, and waits for it to answer. By environment besides: `NODE_NAME`, `NODE_ADDRESS`, `AMT_URL`, `AMT_PASSWORD` (of
 * `admin`; it gets to curl by a pipe), `FROM_NETWORK` (`yes`: by PXE, this once). It asks before it does anything: a machine that answers,
 * is on, sleeps, or whose node Kubernetes knows is not switched on. It switches nothing off. Needs curl, 7.71 or later.
 */
export function renderAmtFirstBoot(node: string): string {
  return renderOperatorScript(
    { subject: node, step: "first boot" },
    `
password=$AMT_PASSWORD
unset AMT_PASSWORD
command -v curl >/dev/null || fail "curl is not installed on this machine; install it"

# Sends a message; the answer is in $work/answer. A port that is about to come (the machine's NIC starts again with it) is tried again.
exchange() {
  printf '%s' "$1" >"$work/message"
  code=$(printf 'user = "admin:%s"\\n' "$(printf '%s' "$password" | sed 's/[\\\\"]/\\\\&/g')" |
    curl --disable --config - --silent --show-error --noproxy '*' --digest --insecure --connect-timeout 10 --max-time 60 \\
      --retry 3 --retry-delay 5 --retry-all-errors --header 'Content-Type: application/soap+xml;charset=UTF-8' --header 'Expect:' \\
      --data-binary "@$work/message" --output "$work/answer" --write-out '%{http_code}' "$AMT_URL" 2>"$work/trouble") || {
    echo "AMT does not answer at $AMT_URL: $(tail -n 1 "$work/trouble")"
    return 1
  }
  case $code in
    200) ;;
    401) echo "AMT at $AMT_URL refuses admin with this password"; return 2 ;;
    *) echo "AMT at $AMT_URL says $code: $(value_of Text)"; return 3 ;;
  esac
}
value_of() { tr '<' '\\n' <"$work/answer" 2>/dev/null | sed -n "s/^\\([A-Za-z0-9]*:\\)\\{0,1\\}$1\\( [^>]*\\)\\{0,1\\}>//p"; }
order() { # what, message
  if said=$(exchange "$2"); then
    returned=$(value_of ReturnValue)
    [ "$returned" = 0 ] && return 0
    said="AMT at $AMT_URL refuses (ReturnValue \${returned:-missing})"
  fi
  fail "$said, asked to $1; the machine was not switched on: AMT must be in admin control mode, where nobody is asked for consent at the machine, and must not be redirecting its screen or disks; or switch the machine on by hand"
}
is_on() {
  exchange ${quote(powerStateMessage)} || return 1
  state=$(value_of PowerState)
  [ "$state" = 2 ] || { echo "AMT says PowerState \${state:-nothing}"; return 1; }
}

if answers "$NODE_ADDRESS"; then
  say "answers at $NODE_ADDRESS already: left alone"
  exit 0
fi
if [ "$(kube get node "$NODE_NAME" --ignore-not-found -o name 2>/dev/null)" = "node/$NODE_NAME" ]; then
  say "does not answer, and Kubernetes knows it: its first boot is behind it, so whoever switched it off switches it on"
  exit 0
fi
status=0
said=$(exchange ${quote(powerStateMessage)}) || status=$?
case $status in
  0) ;;
  2) fail "$said; nothing was switched on: give the one that was set in AMT's setup (MEBx): pulumi config set --secret homelab:amtPassword" ;;
  *) fail "$said; nothing was switched on: is AMT provisioned there with its network on (MEBx), is its cable in, does the description say otherwise (outOfBand: address, tls)? Or switch the machine on by hand" ;;
esac
case $(value_of PowerState) in
  2) say "is on already, and does not answer yet" ;;
  6 | 8)
    if [ "$FROM_NETWORK" = yes ]; then
      order "start it by PXE once" ${quote(pxeFirstMessage)}
      order "use that order for the next start" ${quote(bootOnceMessage)}
    fi
    order "switch it on" ${quote(powerOnMessage)}
    say "is switched on"
    wait_for "AMT to say that the machine is on" 12 5 is_on
    ;;
  *) fail "AMT at $AMT_URL says PowerState $(value_of PowerState), which is neither on (2) nor off (6, 8): something sleeps there that is not Talos; see to the machine by hand" ;;
esac
wait_for "Talos at $NODE_ADDRESS; the machine is on, and its console says why: no medium to start from, another system on its disk, no lease" 60 10 answers "$NODE_ADDRESS"`,
  );
}
