// Tasks: the API answers at once with an id, and whoever wants to know how it ended asks again.
import { apiError } from "../providers/proxmoxve/api.ts";
import type { Endpoint, TaskState } from "./endpoint.ts";

/** Tasks of a server, by id. */
export class Tasks {
  readonly #states = new Map<string, TaskState>();
  readonly #user: string;
  #next = 0x1000;

  constructor(user: string) {
    this.#user = user;
  }

  /** Does the work and keeps how it ended. The rack has no latency of its own here: a task is over when it is asked for. */
  run(node: string, type: string, id: string, work: () => void): string {
    const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
    this.#next += 1;
    const upid = `UPID:${node}:${hex(this.#next)}:${hex(this.#next)}:${hex(Math.floor(Date.now() / 1000))}:${type}:${id}:${this.#user}:`;
    let exitStatus = "OK";
    try {
      work();
    } catch (error) {
      exitStatus = reasonOf(error);
    }
    this.#states.set(upid, { node, type, id, exitStatus });
    return upid;
  }

  state(upid: string): TaskState {
    const state = this.#states.get(upid);
    if (state === undefined) throw apiError(500, `no such task '${upid}'`);
    return state;
  }
}

/** A message without what the plug-ins' HTTP client puts before it. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^.*received an HTTP \d+ response - Reason: /s, "")
    .replace(/^task failed to complete with exit code: /, "");
}

export const taskEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/status",
    answer: ({ path, taskState }) => {
      const upid = path["upid"] ?? "";
      const { exitStatus, ...task } = taskState(upid);
      return { ...task, upid, pid: 4096, status: "stopped", exitstatus: exitStatus };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/log",
    accepts: ["limit", "start"],
    answer: ({ path, taskState }) => {
      const { exitStatus } = taskState(path["upid"] ?? "");
      return [{ n: 1, t: exitStatus === "OK" ? "TASK OK" : `TASK ERROR: ${exitStatus}` }];
    },
  },
  { method: "DELETE", path: "/nodes/{node}/tasks/{upid}", answer: () => null },
];
