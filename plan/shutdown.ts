// How long pods get to end when the power is gone: what the orderly shutdown may take, less what Talos and a host beneath it need for
// themselves. Kubelets ask Talos to wait; ordinary pods end first, and then those that the others need (storage, network).
import type { Draft } from "./draft.ts";
import type { ShutdownPlan } from "./plan.ts";

/** Seconds that Talos takes from the last pod to the power button: services, volumes, file systems. */
const systemSeconds = 120;
/** Seconds that a Proxmox host takes from its last machine to the power button: Ceph's daemons, file systems. */
const hostSeconds = 120;
/** Talos's own default, below which nothing is gained. */
const shortestGrace = 30;
/** What Talos waits for pods at most (its logind stand-in: 40 times the default). */
const longestGrace = 1200;
/** Of the grace, for the pods that others need: a quarter, two minutes at most. */
const criticalShare = 0.25;
const longestCritical = 120;

/** Checks that the minutes of `power.ups` are minutes that pods can have. */
export function readShutdown(draft: Draft): void {
  const seconds = graceSeconds(draft);
  const minutes = draft.env.power?.ups?.shutdownMinutes;
  if (seconds === undefined || minutes === undefined) return;
  const own = ownSeconds(draft);
  const who = draft.env.platform === "proxmox" ? "Talos and the host beneath it need" : "Talos needs";
  if (seconds < shortestGrace) {
    draft.error(
      "shutdown-too-short",
      "power.ups.shutdownMinutes",
      `${minutes} minutes leave pods no time to end: ${who} ${own / 60} of them; allow ${(own + shortestGrace) / 60} or more`,
    );
  } else if (seconds > longestGrace) {
    draft.warn(
      "shutdown-too-long",
      "power.ups.shutdownMinutes",
      `Talos waits ${longestGrace / 60} minutes for pods at most, so of ${minutes} minutes ${minutes - (longestGrace + own) / 60} are of no use; lower it and the battery carries something else`,
    );
  }
}

/** The times as the Plan shows them; undefined: Talos's defaults. */
export function planShutdown(draft: Draft): ShutdownPlan | undefined {
  const seconds = graceSeconds(draft);
  if (seconds === undefined) return undefined;
  const grace = Math.min(Math.max(seconds, shortestGrace), longestGrace);
  return {
    graceSeconds: grace,
    criticalSeconds: Math.min(Math.floor(grace * criticalShare), longestCritical),
    systemSeconds,
    hostSeconds: ownSeconds(draft) - systemSeconds,
  };
}

/** Seconds after which Proxmox takes the power from a machine that was told to end: whatever its pods may take is waited for. */
export function planStopSeconds(draft: Draft): number {
  return (planShutdown(draft)?.graceSeconds ?? shortestGrace) + systemSeconds;
}

const ownSeconds = ({ env }: Draft): number => systemSeconds + (env.platform === "proxmox" ? hostSeconds : 0);

function graceSeconds(draft: Draft): number | undefined {
  const { ups } = draft.env.power ?? {};
  return ups === undefined ? undefined : Math.floor(ups.shutdownMinutes * 60) - ownSeconds(draft);
}
