// Addresses that change hands: whoever has one that is another's from now on gives it up first. MetalLB refuses a pool that overlaps an
// existing one, and a service that asked for an address in vain may not be asked again when its holder goes to another one.
import { renderOperatorScript } from "./operator-script.ts";

/** Label of pools and services that the plan names; others are somebody else's. */
export const plannedLabel = "homelab/planned";

/** What becomes of a pool until it is changed: of TEST-NET-1, which nobody has. */
const parkedPrefix = "192.0.2";

/**
 * By environment besides: `POOLS` (`name=first-last`) and `SERVICES` (`name=address`), by spaces. Both as Kubernetes names the objects.
 *
 * A pool keeps what stays its own; one that keeps nothing is parked, one that is not planned any more deleted. A service gives up its
 * address by being none of type LoadBalancer for the moment: deleted it could not be updated.
 */
export function renderFreeAddresses(cluster: string, namespace: string): string {
  return renderOperatorScript(
    { subject: cluster, step: "addresses" },
    String.raw`
kube get services --all-namespaces -l ${plannedLabel}=yes -o 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name} {.metadata.annotations.metallb\.io/loadBalancerIPs}{"\n"}{end}' >"$work/services"
awk -v planned="$SERVICES" '
  BEGIN { n = split(planned, list, " "); for (i = 1; i <= n; i++) { split(list[i], part, "="); owner[part[2]] = part[1] } }
  ($3 in owner) && owner[$3] != $2 { print $1, $2, $3 }' "$work/services" >"$work/leave"
while read -r space name address; do
  say "$name leaves $address, which another service gets"
  kube patch service "$name" -n "$space" --type merge --patch '{"spec":{"type":"ClusterIP"}}' >/dev/null
done <"$work/leave"
kube get ipaddresspools.metallb.io -n ${namespace} -l ${plannedLabel}=yes -o 'jsonpath={range .items[*]}{.metadata.name} {.spec.addresses[0]}{"\n"}{end}' >"$work/pools"
awk -v planned="$POOLS" '
  function number(text, p) { split(text, p, "."); return ((p[1] * 256 + p[2]) * 256 + p[3]) * 256 + p[4] }
  function text(n) { return int(n / 16777216) "." int(n / 65536) % 256 "." int(n / 256) % 256 "." n % 256 }
  BEGIN {
    n = split(planned, list, " ")
    for (i = 1; i <= n; i++) { split(list[i], part, /[=]/); split(part[2], ends, "-"); from[part[1]] = number(ends[1]); to[part[1]] = number(ends[2]) }
  }
  {
    split($2, ends, "-"); first = number(ends[1]); last = number(ends[2]); clash = 0
    for (name in from) if (name != $1 && first <= to[name] && from[name] <= last) clash = 1
    if (!clash) next
    if (!($1 in from)) { print $1, "gone"; next }
    if (first < from[$1]) first = from[$1]
    if (last > to[$1]) last = to[$1]
    print $1, (first > last ? "${parkedPrefix}." NR "-${parkedPrefix}." NR : text(first) "-" text(last))
  }' "$work/pools" >"$work/shrink"
while read -r name range; do
  say "pool $name makes room: $range"
  if [ "$range" = gone ]; then
    kube delete ipaddresspools.metallb.io "$name" -n ${namespace} --ignore-not-found >/dev/null
  else
    kube patch ipaddresspools.metallb.io "$name" -n ${namespace} --type merge --patch "{\"spec\":{\"addresses\":[\"$range\"]}}" >/dev/null
  fi
done <"$work/shrink"
`,
  );
}
