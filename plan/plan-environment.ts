// The table of contents of planning: read and check every part, then put the Plan together.
import type { Environment } from "../config/schema.ts";
import { claimSwitchAddresses, planSwitches, readCables } from "./cables.ts";
import { checkCapacity, checkTargets, planPower, planTargets } from "./capacity.ts";
import { planCeph, readCeph } from "./ceph.ts";
import { planCilium, planCluster, planImage, readCluster } from "./cluster.ts";
import { planDns, readDns } from "./dns.ts";
import { Draft } from "./draft.ts";
import { planFirewall, readFirewall } from "./firewall.ts";
import { readFirstBoot } from "./first-boot.ts";
import { planHardware } from "./hardware.ts";
import { planHosts, planProxmoxCluster, readHosts } from "./hosts.ts";
import { readIngress } from "./ingress.ts";
import { planLinstor, readLinstor } from "./linstor.ts";
import { planLoadBalancer, readLoadBalancer, runsPrometheus } from "./load-balancer.ts";
import { checkMacs } from "./macs.ts";
import { planNodes, readNodes } from "./nodes.ts";
import { planAmtFirstBoots } from "./out-of-band.ts";
import type { MonitoringPlan, Plan } from "./plan.ts";
import { checkPodPrefixes } from "./pod-prefixes.ts";
import { type Problem, sortProblems } from "./problems.ts";
import { planProvisioning } from "./provisioning.ts";
import { planReservations, readReservations } from "./reservations.ts";
import { planRing, readRing } from "./ring.ts";
import { planRouter } from "./router.ts";
import { checkSegments } from "./segments.ts";
import { checkTime } from "./time.ts";
import { planVlans, readVlans } from "./vlans.ts";

/** The plan and everything that is to be said about the description. */
export interface Planned {
  readonly plan: Plan;
  /** Sorted: errors first. With an error among them the plan must not be built. */
  readonly problems: readonly Problem[];
}

/** Decides everything. Pure: the same description, in whatever order it is written, gives the same plan. */
export function planEnvironment(env: Environment): Planned {
  const draft = new Draft(env);
  readVlans(draft);
  claimSwitchAddresses(draft);
  const cables = readCables(draft);
  const carriers = readHosts(draft, cables);
  checkSegments(draft, carriers);
  readRing(draft);
  const pods = readNodes(draft);
  readCluster(draft, pods);
  readFirstBoot(draft, cables);
  checkPodPrefixes(draft, pods);
  const pools = readLoadBalancer(draft, pods);
  readCeph(draft);
  readLinstor(draft);
  readFirewall(draft);
  readIngress(draft);
  readDns(draft);
  checkCapacity(draft);
  checkTargets(draft);
  readReservations(draft, cables);
  checkTime(draft);

  const hosts = planHosts(draft);
  const nodes = planNodes(draft, pods);
  const cluster = planCluster(draft, nodes);
  const loadBalancer = planLoadBalancer(draft, pools, nodes);
  const hardware = planHardware(draft);
  checkMacs(draft, hardware, nodes);
  const plan: Plan = {
    name: env.name,
    platform: env.platform,
    zone: env.dns.zone,
    timeZone: env.timeZone,
    managementVlan: env.roles.management,
    nodesVlan: env.roles.nodes,
    vlans: planVlans(draft),
    hosts,
    image: planImage(draft),
    nodes,
    cluster,
    cilium: planCilium(draft, nodes, pods),
    loadBalancer,
    firewall: planFirewall(draft),
    dns: planDns(draft, hosts, nodes, loadBalancer.services, cluster),
    router: planRouter(draft, nodes),
    switches: planSwitches(draft),
    hardware,
    amtFirstBoots: planAmtFirstBoots(draft),
    addresses: draft.addressEntries(),
    targets: planTargets(draft),
    monitoring: planMonitoring(env),
    ...planWhatIsAskedFor(draft, hosts),
  };
  return { plan, problems: sortProblems(draft.problems) };
}

/** What a rack has only where its description says so. */
function planWhatIsAskedFor(draft: Draft, hosts: Plan["hosts"]): Partial<Plan> {
  const proxmoxCluster = planProxmoxCluster(draft, hosts);
  const ceph = planCeph(draft);
  const linstor = planLinstor(draft);
  const ring = planRing(draft);
  const power = planPower(draft);
  const reservations = planReservations(draft);
  return {
    ...(proxmoxCluster === undefined ? {} : { proxmoxCluster }),
    ...(ceph === undefined ? {} : { ceph }),
    ...(linstor === undefined ? {} : { linstor }),
    ...(ring === undefined ? {} : { ring }),
    ...(power === undefined ? {} : { power }),
    ...(reservations.length === 0 ? {} : { reservations }),
    ...planProvisioning(draft),
  };
}

function planMonitoring(env: Environment): MonitoringPlan {
  return { metrics: env.monitoring.metrics, watchesHosts: env.platform === "proxmox" && runsPrometheus(env) };
}
