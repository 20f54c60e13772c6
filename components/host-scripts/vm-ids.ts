// Whether the planned ids of virtual machines are free. An id that is taken is not always refused: when the first answer to a creation is
// lost, the provider asks again, hears "already exists" and goes on with whatever machine has the id.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderVmIds}. */
export interface VmIdsScript {
  /** Any member of the cluster; ids are the cluster's. */
  readonly host: string;
  readonly machines: readonly { readonly id: number; readonly name: string; readonly host: string }[];
}

/**
 * Refuses ids that a machine of another name, or a container, has, and a machine that is there already with another id or on another host:
 * made anew it would be empty.
 *
 * Uses: awk, printf.
 */
export function renderVmIds({ host, machines }: VmIdsScript): string {
  return renderScript(
    { host, step: "ids of virtual machines" },
    `
machines() { awk '/"node":/ { gsub(/[":,]/, ""); print $1 "/" $4 }' /etc/pve/.vmlist; }
there=''
taken=''
moved=''
for entry in $(machines); do
  there="$there $entry/$(awk '$1 == "name:" { print $2; exit }' "/etc/pve/nodes/\${entry#*/}/qemu-server/\${entry%%/*}.conf" 2>/dev/null)" || :
done
check() {
  for entry in $there; do
    id=\${entry%%/*} name=\${entry##*/} node=\${entry#*/}
    node=\${node%%/*}
    if [ "$id" = "$1" ] && [ "$name" != "$2" ]; then
      taken="$taken; $id on $node is \${name:-a container or a machine without a name}, not $2"
    elif [ "$name" = "$2" ] && [ "$id/$node" != "$1/$3" ]; then
      moved="$moved; $name has id $id on $node, not $1 on $3"
    fi
  done
}
${machines.map(({ id, name, host: at }) => `check ${id} ${quote(name)} ${quote(at)}`).join("\n")}
[ -z "$moved" ] || fail "machines are there already, and made anew they would be empty: \${moved#; }. Put nodes.<name>.vm.id and nodes.<name>.host back, or do it in two steps: take the node out and run up, then add it as it shall be and run up"
[ -z "$taken" ] || fail "ids are taken: \${taken#; }. Nothing was done to these; give the nodes other ids (nodes.<name>.vm.id)"
`,
  );
}
