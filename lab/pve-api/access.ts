// Who asks, and what answers.
import { entryHost } from "../providers/proxmoxve/api.ts";
import { proxmoxHost } from "../rack/hosts.ts";
import type { Endpoint } from "./endpoint.ts";

export const accessEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/version",
    answer: ({ context }) => {
      const { version } = proxmoxHost(context.rack, entryHost(context));
      return { version, release: version.split(".").slice(0, 2).join("."), repoid: "5ac30304265fbd8e" };
    },
  },
];
