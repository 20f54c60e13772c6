// What the `linstor` command line prints: tables without colours, successes and refusals.
import type { Api } from "../kubernetes/objects.ts";
import type { LinstorState } from "./state.ts";

/** Exit status of the client where what it looks for is not there. */
export const NOT_FOUND = 3;

/** A refusal: the controller's, exit status 10 as for every API error, or the client's own. */
export class Refusal extends Error {
  readonly status: number;
  constructor(message: string, status = 10) {
    super(message);
    this.status = status;
  }
}

/** A table as the client draws it with `--no-utf8`. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (cells[i] ?? "").padEnd(width)).join(" | ")} |`;
  const inner = widths.reduce((sum, width) => sum + width + 3, -1);
  const edge = `+${"-".repeat(inner)}+`;
  return `${[edge, line(header), `|${"=".repeat(inner)}|`, ...rows.map(line), edge].join("\n")}\n`;
}

/** What a change is answered with. */
export function success(text: string): string {
  return `SUCCESS:\nDescription:\n    ${text}\n`;
}

/** A node that has to be there. */
export function nodeOf(state: LinstorState, name: string): LinstorState["nodes"][string] {
  const node = state.nodes[name];
  if (node === undefined) throw new Refusal(`ERROR:\nDescription:\n    Node '${name}' does not exist.\n`);
  return node;
}

/** One subcommand; `args` are the words behind it. */
export type Handler = (api: Api, state: LinstorState, args: readonly string[]) => string;
