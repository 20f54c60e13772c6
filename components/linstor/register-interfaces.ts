// The script that gives every satellite its replication interface.
import type { LinstorPlan } from "../../plan/plan.ts";
import { renderLinstorScript } from "./script.ts";

/** Arguments of {@link renderRegisterInterfaces}. */
export interface RegisterInterfacesScript {
  readonly interfaces: LinstorPlan["interfaces"];
  /** How often satellites are asked for, five seconds apart. */
  readonly tries: number;
}

/**
 * Waits for every satellite, creates the interfaces that are missing, corrects those with another address, and reads all of them back.
 * Does nothing where all is as it should be. LINSTOR takes any address for an interface, and a connection over an interface that one end
 * does not have keeps its controller busy for ever: so the script fails rather than leaving one out.
 */
export function renderRegisterInterfaces(args: RegisterInterfacesScript): string {
  const wanted = args.interfaces.map(({ node, name, address }) => `${node} ${name} ${address}`);
  return renderLinstorScript(
    "interfaces",
    String.raw`
# node, interface, address
wanted=$(cat <<'INTERFACES'
${wanted.join("\n")}
INTERFACES
)
is_online() { ls_ node list | row | awk -F'|' -v node="$1" '$1 == node && $4 ~ /^Online/ { found = 1 } END { exit !found }'; }
address_of() { ls_ node interface list "$1" | row | awk -F'|' -v name="$2" '$2 == name { print $3 }'; }

for node in $(printf '%s\n' "$wanted" | awk '!seen[$1]++ { print $1 }'); do
  wait_for "satellite $node to be Online (linstor node list)" ${args.tries} 5 is_online "$node"
done
printf '%s\n' "$wanted" | while read -r node name address; do
  present=$(address_of "$node" "$name")
  case $present in
    "$address") ;;
    "") say "$node gets $name $address"; ls_ node interface create "$node" "$name" "$address" ;;
    *) say "$node has $name $present, gets $address"; ls_ node interface modify "$node" "$name" --ip "$address" ;;
  esac
done
printf '%s\n' "$wanted" | while read -r node name address; do
  present=$(address_of "$node" "$name")
  [ "$present" = "$address" ] || fail "$node has $name \"$present\" and not $address; see: linstor node interface list $node"
done
say "all $(printf '%s\n' "$wanted" | grep -c .) interfaces are registered"
`,
  );
}
