// MetalLB's speakers, one on each planned node, on links that are named and addressed as planned.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Plan } from "../../plan/plan.ts";
import { ensureProgram } from "../build-program.ts";
import type { KubernetesObject, RenderedChart } from "../charts/render-chart.ts";
import type { ApiServer } from "../kubernetes/api-server.ts";
import type { NodeConfiguration } from "../kubernetes/controllers.ts";
import { type Answer, type Lan, startLan } from "./lan.ts";
import { apiPort, metallbNamespace, programOf, runningPods } from "./pod.ts";
import { apiSocket } from "./run-controller.ts";

/** Starts the speakers as the pods that the chart's DaemonSet has become; the controller must run. */
export async function runMetallbSpeakers(server: ApiServer, nodes: readonly NodeConfiguration[]): Promise<Lan> {
  const { processes } = server;
  const pods = await processes.until("a speaker runs on every node", async () => {
    const running = await runningPods(server, "speaker");
    return running.length === nodes.length ? running : undefined;
  });
  const secret = await mountSecret(server);
  const lan = await startLan(processes, nodes);
  for (const pod of pods) {
    const { flags, environment } = await programOf(server, pod);
    const [enter, args] = lan.on(pod.spec.nodeName);
    const inside = [join(import.meta.dirname, "inside.ts"), apiSocket(server), String(apiPort), "", "0"];
    processes.start(
      `metallb-speaker-${pod.spec.nodeName}`,
      enter,
      [...args, process.execPath, ...inside, await ensureProgram("metallb-speaker"), ...flags],
      { ...environment, METALLB_ML_SECRET_KEY_PATH: secret },
    );
  }
  return lan;
}

/** MetalLB's speakers look for each other anew every five minutes (internal/speakerlist), should they have missed one at their start. */
const agreementMs = 360_000;

/** Who answers for the planned addresses, once the speakers have agreed: each is then announced by who answers, and nobody else. */
export async function settledAnswers({ api, processes }: ApiServer, lan: Lan, plan: Plan): Promise<Answer[]> {
  const addresses = plan.loadBalancer.services.map(({ address }) => address);
  const ask = async (): Promise<Answer[]> => {
    const answers = await lan.whoHas(addresses);
    const nodes = answers.map(({ node }) => node).sort();
    const announced = await api.list("metallb.io/v1beta1", "ServiceL2Status");
    const said = announced.map(({ status }) => (status as { node?: string }).node ?? "").sort();
    if (answers.length === addresses.length && nodes.join() === said.join()) return answers;
    const slices = await api.list("discovery.k8s.io/v1", "EndpointSlice");
    const ready = slices.flatMap(({ endpoints }) => (endpoints ?? []) as { conditions?: { ready?: boolean } }[]);
    throw new Error(
      `announced by ${said.join() || "nobody"}, answered for by ${JSON.stringify(answers)}; ${ready.filter(({ conditions }) => conditions?.ready).length} pods ready behind services`,
    );
  };
  return await processes.until("one node answers for each service", ask, agreementMs);
}

/** What the chart says of a link that speakers leave alone: the patterns that match its name. */
export function neverAnnounced({ objects }: RenderedChart, link: string): string[] {
  const file = objects.find(({ metadata }) => metadata.name === "metallb-excludel2");
  if (file === undefined) throw new Error("the chart of metallb does not say which links are left alone");
  const { announcedInterfacesToExclude: patterns } = parse(
    (file["data"] as Record<string, string>)["excludel2.yaml"] ?? "",
  );
  return (patterns as string[]).filter((pattern) => new RegExp(pattern).test(link));
}

/** What the kubelet does: the key that the controller made, as a file. */
async function mountSecret({ api, processes }: ApiServer): Promise<string> {
  const folder = join(processes.folder, "memberlist");
  mkdirSync(folder);
  const data = await processes.until("MetalLB has made the speakers' key", async () => {
    const { body } = await api.send("GET", `/api/v1/namespaces/${metallbNamespace}/secrets/metallb-memberlist`);
    return body["data"] as Record<string, string> | undefined;
  });
  for (const [name, value] of Object.entries(data)) writeFileSync(join(folder, name), Buffer.from(value, "base64"));
  return folder;
}

/** Puts a pod behind each service among the objects: nobody speaks for a service without one. */
export async function answerBehind(server: ApiServer, objects: readonly KubernetesObject[]): Promise<void> {
  for (const { kind, metadata, spec } of objects) {
    if (kind !== "Service") continue;
    const { selector } = spec as { selector: Record<string, string> };
    const refusal = await server.api.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `behind-${metadata.name}`, namespace: metadata.namespace ?? "default", labels: selector },
      spec: { containers: [{ name: "answer", image: "answer" }] },
    });
    if (refusal !== undefined) throw new Error(refusal);
  }
}
