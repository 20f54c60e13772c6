// The simulated Proxmox VE plug-in: which resource is simulated where.
import type { Provider } from "../../plugin/contract.ts";
import { loadTable } from "../../plugin/table.ts";
import { rackNameFromEndpoint } from "../../rack/rack-name.ts";
import { REPLACEMENTS } from "../../tables/replacements.ts";
import { cephFunctions, cephResources } from "./ceph.ts";
import { datacenterFunctions, datacenterResources } from "./datacenter.ts";
import { downloadResources } from "./download.ts";
import { firewallResources } from "./firewall.ts";
import { networkResources } from "./network.ts";
import { nodeSettingResources } from "./node-settings.ts";
import { sdnResources } from "./sdn.ts";
import { vmResources } from "./vm.ts";

const table = loadTable("proxmoxve");

/** Of the SDK in package.json: the engine warns about a plug-in that is older than the SDK. */
const VERSION = "8.6.0";

/** Stands where the official plug-in `proxmoxve` stands. */
export const proxmoxve: Provider = {
  name: "proxmoxve",
  version: VERSION,
  table,
  replacements: REPLACEMENTS,
  rackName: (config) => rackNameFromEndpoint(config["endpoint"] as string | undefined),
  configure(config) {
    const hasToken =
      config["apiToken"] !== undefined || config["password"] !== undefined || config["authTicket"] !== undefined;
    if (!hasToken) throw new Error("must provide either username and password, an API token, or a ticket");
  },
  resources: {
    ...cephResources,
    ...datacenterResources,
    ...downloadResources,
    ...firewallResources,
    ...networkResources,
    ...nodeSettingResources,
    ...sdnResources,
    ...vmResources,
  },
  functions: { ...cephFunctions, ...datacenterFunctions },
  // github.com/bpg/terraform-provider-proxmox, proxmox/nodes/vms/vms.go and proxmox/nodes/network.go
  retries: [
    { call: /^create .*:VmLegacy$/, error: /HTTP 5\d\d|got timeout|no worker upid/, tries: 3 },
    { call: /:network\/linux/, error: /exit code 89/, tries: 3 },
  ],
  // A machine's `timeoutCreate`.
  givesUp: { afterSec: 1_800, error: 'timeout while waiting for task "UPID:simulated" to complete' },
};
