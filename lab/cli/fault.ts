// `lab fault`: makes a call of a plug-in fail, hang or get lost on the way.
import { addFault, BEHAVIOURS, type Behaviour, clearFaults, listFaults } from "../rack/faults.ts";
import type { Rack } from "../rack/store.ts";
import { listNodes } from "../rack/talos/nodes.ts";
import { breakNextRestart, mendNode } from "../rack/talos/restarts.ts";
import { type CommandLine, numberOption } from "./command-line.ts";
import type { LabCommand } from "./lab-command.ts";
import { renderTable } from "./table.ts";
import { nearest, notFound, UsageError } from "./usage-error.ts";

const UPGRADE_TROUBLES = ["not-ready", "falls-back"];

/** `lab fault upgrade` and `lab fault mend`: trouble of a node, not of a call. */
function nodeTrouble(rack: Rack, { words, options }: CommandLine): string {
  const [verb, name = "", trouble = "not-ready"] = words;
  const nodes = listNodes(rack).filter(({ installation }) => installation !== undefined);
  const node = nodes.find(({ hostname }) => hostname === name);
  if (node === undefined)
    throw notFound(
      "node",
      name,
      nodes.map(({ hostname }) => hostname),
    );
  if (verb === "mend") {
    mendNode(rack, node.machine.id);
    return `${name} is mended`;
  }
  if (!UPGRADE_TROUBLES.includes(trouble))
    throw new UsageError(`no trouble "${trouble}"; there is: ${UPGRADE_TROUBLES.join(", ")}`);
  const problem = options.get("text") ?? "container runtime is down";
  breakNextRestart(rack, name, trouble === "falls-back" ? "falls-back" : { problem });
  return trouble === "falls-back"
    ? `${name} will not boot what it is upgraded to next, and start what it runs now`
    : `${name} will not get Ready after its next upgrade: ${problem}`;
}

export const fault: LabCommand = {
  usage: [
    'lab fault add "create *VmLegacy talos-*" fail [--times 1] [--text "…"] [--ms 1000]',
    'lab fault add "run linstor node interface create *" crash-after',
    "lab fault list [--json]",
    "lab fault clear [number]",
    'lab fault upgrade <node> [not-ready | falls-back] [--text "…"]',
    "lab fault mend <node>",
  ],
  summary: `a call fails (${BEHAVIOURS.join(", ")}), or the next upgrade of a node`,
  run(bench, line, print) {
    const rack = bench.openRack();
    const [verb = "list", pattern, behaviour = "fail"] = line.words;
    if (verb === "list") {
      const found = listFaults(rack);
      if (line.options.has("json")) print(JSON.stringify(found, undefined, 2));
      else if (found.length === 0) print("no faults");
      else {
        const rows = found.map((entry) => [
          String(entry.seq),
          entry.behaviour,
          entry.remaining < 0 ? "always" : `${entry.remaining} times`,
          entry.pattern,
          entry.text ?? "",
        ]);
        print(renderTable([["number", "what", "left", "call", "text"], ...rows]));
      }
      return 0;
    }
    if (verb === "clear") {
      if (pattern !== undefined && !listFaults(rack).some(({ seq }) => String(seq) === pattern)) {
        throw new UsageError(`there is no fault ${pattern}`, ["lab fault list"]);
      }
      clearFaults(rack, pattern === undefined ? undefined : Number(pattern));
      print(pattern === undefined ? "no faults any more" : `fault ${pattern} is gone`);
      return 0;
    }
    if (verb === "upgrade" || verb === "mend") {
      print(nodeTrouble(rack, line));
      return 0;
    }
    if (verb !== "add" || pattern === undefined)
      throw new UsageError("a fault is added, listed or cleared, an upgrade broken, a node mended", fault.usage);
    if (!BEHAVIOURS.includes(behaviour as Behaviour)) {
      const near = nearest(behaviour, BEHAVIOURS);
      throw new UsageError(
        `no behaviour "${behaviour}"${near === undefined ? "" : `; did you mean ${near}?`}\n  there is: ${BEHAVIOURS.join(", ")}`,
      );
    }
    const seq = addFault(rack, {
      pattern,
      behaviour: behaviour as Behaviour,
      remaining: numberOption(line, "times") ?? 1,
      text: line.options.get("text"),
      ms: numberOption(line, "ms"),
    });
    print(`fault ${seq}: ${behaviour} at "${pattern}"`);
    return 0;
  },
};
