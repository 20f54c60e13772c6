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
# Of a node whose replicas are to go the client says EVACUATE or EVICTED, and not whether it is there; its interface is wanted all the same.
is_known() {
  nodes=$(rows node list) || return 1
  state=$(printf '%s\n' "$nodes" | awk -F'|' -v node="$1" '$1 == node { print $4 }')
  case $state in
    Online* | EVACUATE* | EVICTED*) ;;
    "") echo "the controller does not know it"; return 1 ;;
    *) echo "$state"; return 1 ;;
  esac
}
address_of() {
  links=$(rows node interface list "$1") || return 1
  printf '%s\n' "$links" | awk -F'|' -v name="$2" '$2 == name { print $3 }'
}

for node in $(printf '%s\n' "$wanted" | awk '!seen[$1]++ { print $1 }'); do
  wait_for "satellite $node to be Online (linstor node list)" ${args.tries} 5 is_known "$node"
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
