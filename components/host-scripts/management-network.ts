// The network under a host's management address, in one step: what the API would do in several, some of which cut the way to the host.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderManagementNetwork}. */
export interface ManagementNetworkScript {
  readonly host: string;
  /** The file as it shall be, apart from the interfaces in {@link keptInterfaces}. */
  readonly interfacesFile: string;
  /** Interface with the management address. */
  readonly interface: string;
  readonly address: string;
  /** @default - the management network is not routed */
  readonly gateway?: string;
  /** Interfaces that the Proxmox API looks after: their stanzas stay as they are. */
  readonly keptInterfaces: readonly string[];
}

/**
 * Writes `/etc/network/interfaces` and reloads it. When the host then lacks its management address, or no longer hears a gateway that it
 * heard before, the former file comes back and the script fails. Stanzas of nobody's (left by an installer, say) go away; Proxmox writes the
 * file in its own order and with comments, so contents are compared and not bytes.
 *
 * Uses: awk, cat, cp, grep, ifreload, ip, mv, ping, printf, sleep, sort, tee.
 */
export function renderManagementNetwork(args: ManagementNetworkScript): string {
  return renderScript(
    { host: args.host, step: "management network" },
    String.raw`
file=/etc/network/interfaces
interface=${quote(args.interface)}
address=${quote(args.address)}
gateway=${quote(args.gateway ?? "none")}

wanted() {
  cat <<'INTERFACES'
${args.interfacesFile.trimEnd()}
INTERFACES
}
kept() {
  awk -v names=${quote(` ${args.keptInterfaces.join(" ")} `)} '
    /^[[:space:]]*(#|$)/ { next }
    $1 == "auto" || $1 == "iface" || $1 ~ /^allow-/ { keep = index(names, " " $2 " ") > 0 }
    $1 ~ /^(source|mapping)/ { keep = 0 }
    keep
  ' "$file"
}
canonical() {
  awk '
    /^[[:space:]]*(#|$)/ { next }
    $1 == "auto" { for (i = 2; i <= NF; i++) print "auto " $i; next }
    $1 == "iface" { name = $2 }
    $1 ~ /^source/ { name = "-" }
    { $1 = $1; print name " " $0 }
  ' "$@" | sort -u
}
has_address() { ip -4 -o addr show dev "$interface" 2>/dev/null | grep -qF " $address/"; }
hears_gateway() { ping -c 1 -W 2 "$gateway"; }
is_settled() {
  has_address || { printf '%s has no address %s\n' "$interface" "$address"; return 1; }
  [ "$gateway_answered" = no ] || hears_gateway
}

if cat "$file.new" >/dev/null 2>&1; then
  fail "$file.new holds changes that nobody has applied; apply or revert them on the host (System > Network) and run this again"
fi
text=$(wanted; kept)
if [ "$(printf '%s\n' "$text" | canonical)" = "$(canonical "$file")" ] && has_address; then
  say "nothing to do: $interface has $address"
  exit 0
fi

gateway_answered=no
if [ "$gateway" != none ] && hears_gateway >/dev/null 2>&1; then gateway_answered=yes; fi
# The reload may take this session with it: go on without it, and come back to a network that answers.
trap '' HUP PIPE
cp "$file" "$file.before"
printf '%s\n' "$text" | tee "$file.wanted" >/dev/null
mv "$file.wanted" "$file"
tries=15
until reason=$(timeout 100 ifreload -a 2>&1 && is_settled 2>&1); do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then
    mv "$file.before" "$file"
    timeout 100 ifreload -a >&2 || say "the former network did not come back either; use the host's console"
    fail "put the former network back, for with the new one the host lost its way: $(printf '%s' "$reason" | tail -n 3)"
  fi
  sleep 2
done
say "done: $interface has $address"
`,
  );
}
