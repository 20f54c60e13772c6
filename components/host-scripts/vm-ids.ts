// Whether the planned ids of virtual machines are free. An id that is taken is not always refused: when the first answer to a creation is
// lost, the provider asks again, hears "already exists" and goes on with whatever machine has the id.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderVmIds}. */
export interface VmIdsScript {
  /** Any member of the cluster; ids are the cluster's. */
  readonly host: string;
  readonly machines: readonly { readonly id: number; readonly name: string }[];
}

/**
 * Refuses ids that a machine of another name, or a container, has.
 *
 * Uses: awk, printf.
 */
export function renderVmIds({ host, machines }: VmIdsScript): string {
  return renderScript(
    { host, step: "ids of virtual machines" },
    String.raw`
owner() { awk -v id="\"$1\":" '$1 == id { gsub(/[",]/, ""); for (i = 2; i < NF; i++) if ($i == "node:") print $(i + 1) }' /etc/pve/.vmlist; }
taken=
check() {
  node=$(owner "$1")
  [ -n "$node" ] || return 0
  name=$(awk '$1 == "name:" { print $2; exit }' "/etc/pve/nodes/$node/qemu-server/$1.conf" 2>/dev/null) || :
  [ "$name" = "$2" ] || taken="$taken; $1 on $node is ${"$"}{name:-a container or a machine without a name}, not $2"
}
${machines.map(({ id, name }) => `check ${id} ${quote(name)}`).join("\n")}
[ -z "$taken" ] || fail "ids are taken: ${"$"}{taken#; }. Nothing was done to these; give the nodes other ids (nodes.<name>.vm.id)"
`,
  );
}
