// How often the two ends of an LACP bond ask after each other: the Proxmox API has no setting for it.
import type { BondPlan } from "../../plan/plan.ts";
import { quote, renderScript } from "./script.ts";

/**
 * Adds `bond-lacp-rate` to the stanza that the API wrote, and reloads. `fast` finds a dead path in 3 seconds instead of 90, which is more
 * than corosync waits before it takes a host for dead (pvecm, "Corosync Over Bonds"). The settings of the bond are part of the script, so
 * that it runs again after the API has written them anew.
 *
 * Uses: awk, cp, ifquery, ifreload, mv, printf, sleep, tee.
 */
export function renderLacpRate(bond: BondPlan): string {
  return renderScript(
    { host: bond.host, step: `LACP rate of ${bond.name}` },
    String.raw`
# ${bond.name}: ${bond.mode}, ${bond.xmitHashPolicy}, mtu ${bond.mtu}, ${bond.members.join(" ")}
file=/etc/network/interfaces
bond=${quote(bond.name)}
rate=${bond.lacpRate}

present=$(awk -v bond="$bond" '
  $1 == "iface" { inside = $2 == bond; if (inside) found = 1 }
  $1 == "auto" { inside = 0 }
  inside && $1 == "bond-lacp-rate" { rate = $2 }
  END { print found ? (rate == "" ? "unset" : rate) : "missing" }
' "$file")
[ "$present" != missing ] || fail "$file has no $bond; it is made by the API before this step"
if [ "$present" = "$rate" ] && ifquery --check "$bond" >/dev/null 2>&1; then
  say "nothing to do: it is $rate"
  exit 0
fi
cp "$file" "$file.before"
awk -v bond="$bond" -v rate="$rate" '
  $1 == "auto" { inside = 0 }
  $1 == "iface" { inside = $2 == bond }
  inside && $1 == "bond-lacp-rate" { next }
  { print }
  inside && $1 == "iface" { print "\tbond-lacp-rate " rate }
' "$file.before" | tee "$file.wanted" >/dev/null
mv "$file.wanted" "$file"
reload() { timeout 100 ifreload -a && ifquery --check "$bond"; }
wait_for "the reload" 5 2 reload
say "done: it is $rate"
`,
  );
}
