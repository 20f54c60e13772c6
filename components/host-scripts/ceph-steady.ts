// Ceph has every copy of everything: what has to be so before the next machine is touched.
import { renderScript } from "./script.ts";

/** Arguments of {@link renderCephSteady}. */
export interface CephSteadyScript {
  /** Where it is asked. */
  readonly host: string;
  /** What waits for it, e.g. `talos-k8s-02 gets Talos v1.13.1`: with other words it is asked again. */
  readonly before: string;
}

/**
 * Waits half an hour for Ceph to have all daemons and copies again. Other warnings (clocks, a pool without a limit) hold nothing up. Where there
 * is no Ceph yet there is nothing to wait for.
 *
 * Uses: ceph, grep, printf, sleep, timeout.
 */
export function renderCephSteady({ host, before }: CephSteadyScript): string {
  return renderScript(
    { host, step: `Ceph before ${before}` },
    String.raw`
if ! [ -e /etc/pve/ceph.conf ] || ! command -v ceph >/dev/null; then
  say "no Ceph yet"
  exit 0
fi
steady() {
  health=$(timeout 60 ceph health detail 2>&1) || { printf '%s\n' "$health"; return 1; }
  ! printf '%s\n' "$health" | grep -E 'HEALTH_ERR|(OSD|MON|MGR)_DOWN|PG_(DEGRADED|AVAILABILITY|DAMAGED)'
}
wait_for "Ceph to have every copy of everything (ceph health detail)" 60 30 steady
`,
  );
}
