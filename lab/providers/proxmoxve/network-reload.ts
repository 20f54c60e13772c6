// Writing a host's interfaces through the API, and what happens when they are reloaded.
import type { Context } from "../../plugin/contract.ts";
import { checkLinks, type Links, linksOf, putLinks } from "../../rack/links.ts";
import { addressesOf } from "../../rack/network.ts";
import { OPERATOR, reach } from "../../rack/reach.ts";
import { ownerOf } from "../../rack/stations.ts";
import { vmsOn } from "../../rack/vms.ts";
import { apiError } from "./api.ts";

/** Stores interfaces that the API accepts; throws its refusal. Nothing is live before `reloadNetwork`. */
export function writeNetwork({ rack }: Context, node: string, name: string, label: string, links: Links): void {
  const fail = (reason: string) =>
    new Error(
      `Error changing ${label} interface: failed to write network interface "${name}" for node "${node}": ${apiError(500, reason).message}`,
    );
  // Only what is wrong now and was not before: the API does not mend what somebody wrote into the file by hand.
  const before = checkLinks(linksOf(rack, node));
  const [problem] = checkLinks(links).filter((reason) => !before.includes(reason));
  if (problem !== undefined) throw fail(problem);
  const gone = vmsOn(rack, node).find((vm) => vm.running && vm.nics.some((nic) => links[nic.bridge] === undefined));
  if (gone)
    throw fail(
      `bridge '${gone.nics.find((nic) => links[nic.bridge] === undefined)?.bridge}' is in use by VM ${gone.vmid}`,
    );
  for (const link of Object.values(links)) {
    for (const cidr of link.addresses) {
      if (linksOf(rack, node)[link.name]?.addresses.includes(cidr)) continue;
      const owner = ownerOf(rack, cidr, node);
      if (owner)
        throw fail(
          `command 'ifreload -a' failed: ${link.name}: duplicate address ${cidr} detected, in use by ${owner.owner} (${owner.interface})`,
        );
    }
  }
}

/** Makes interfaces live; returns what went wrong with the way to the host, if it did. */
export function reloadNetwork({ rack }: Context, node: string, links: Links): string | undefined {
  const answers = () => addressesOf(rack, node).some((address) => reach(rack, { from: OPERATOR, to: address }).ok);
  const answered = answers();
  putLinks(rack, node, links);
  if (!answered || answers()) return undefined;
  return `Could not reload network configuration on node '${node}', unexpected error: timeout while waiting for task "UPID:${node}:srvreload:networking" to complete: the host does not answer any more`;
}
