// The part of `lab status` about Kubernetes: nodes, what does not run, and who answers for services.
import type { RackStatus } from "./rack-status.ts";
import { renderSection } from "./table.ts";

function troubleRows({ kubernetes }: RackStatus): string[][] {
  return kubernetes.flatMap(({ workloads, claims }) => [
    ...workloads
      .filter(({ isReady }) => !isReady)
      .map(({ name, problem }) => [name, "NOT READY", problem ?? "starting"]),
    ...claims.filter(({ isBound }) => !isBound).map(({ name }) => [name, "NOT BOUND", "waits for its volume"]),
  ]);
}

/** Services with their addresses, and shared addresses that are no service's. */
function addressRows({ kubernetes, addresses }: RackStatus): string[][] {
  const services = kubernetes.flatMap((cluster) => cluster.services);
  const isOfService = (address: string) => services.some((service) => service.address === address);
  const answers = (address: string) => {
    const found = addresses.find((entry) => entry.address === address);
    return found?.reachable === true ? "reachable" : "UNREACHABLE";
  };
  return [
    ...services.map(({ address, service, node, interface: link, problem }) => [
      address,
      service,
      node === undefined ? "NOBODY" : `${node}${link === undefined ? "" : ` ${link}`}`,
      problem ?? answers(address),
    ]),
    ...addresses
      .filter(({ address }) => !isOfService(address))
      .map(({ address, purpose, announcedBy }) => [address, purpose, announcedBy, answers(address)]),
  ];
}

/** Sections of the status text. */
export function renderKubernetes(status: RackStatus): string[] {
  const nodes = status.kubernetes.flatMap(({ cluster, isUp, nodes: all }) =>
    all.map((node) => [
      cluster,
      isUp ? "up" : "API DOWN",
      node.name,
      node.address,
      node.isReady ? "Ready" : "NOTREADY",
      node.problem ?? "",
    ]),
  );
  const trouble = troubleRows(status);
  const complaints = status.kubernetes.flatMap((cluster) => cluster.complaints);
  return [
    renderSection("Kubernetes nodes", ["cluster", "", "name", "address", "state", ""], nodes, "none yet"),
    ...(trouble.length > 0 ? [renderSection("Not running", ["what", "", "why"], trouble, "")] : []),
    ...(complaints.length > 0 ? [`Complaints\n${complaints.map((text) => `  ${text}`).join("\n")}`] : []),
    renderSection("Services", ["address", "for", "announced by", ""], addressRows(status), "none yet"),
  ];
}
