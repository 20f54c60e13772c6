// What holds for every plan that may be built, whatever was described.
import assert from "node:assert/strict";
import {
  contains,
  isNetworkOrBroadcast,
  overlaps,
  type Prefix,
  parseAddress,
  parsePrefix,
  type Range,
  rangeOf,
} from "../../plan/ipv4.ts";
import type { Plan } from "../../plan/plan.ts";

/** Asserts that nothing in the plan is used twice, outside its network, or in the way of something else. */
export function assertSound(plan: Plan): void {
  const vlans = new Map(plan.vlans.map((vlan) => [vlan.name, prefix(vlan.prefix)]));
  assertDisjoint([...vlans].map(([name, one]) => [`VLAN ${name}`, rangeOf(one)]));
  assertUnique(
    "VLAN id",
    plan.vlans.map((vlan) => vlan.id),
  );
  for (const vlan of plan.vlans) assert.ok(vlan.id >= 1 && vlan.id <= 4094, `VLAN id ${vlan.id}`);

  assertUnique(
    "address",
    plan.addresses.map((entry) => entry.address),
  );
  for (const entry of plan.addresses) {
    const vlan = vlans.get(entry.vlan ?? "");
    if (vlan === undefined) continue;
    assert.ok(contains(vlan, address(entry.address)), `${entry.owner}: ${entry.address} is outside ${entry.vlan}`);
    assert.ok(!isNetworkOrBroadcast(vlan, address(entry.address)), `${entry.owner}: ${entry.address} is nobody's`);
  }

  const pods = plan.nodes.map((node): [string, Range] => [`pods of ${node.name}`, rangeOf(prefix(node.podPrefix))]);
  const pools = plan.loadBalancer.pools.map((pool): [string, Range] => [`pool ${pool.name}`, range(pool.range)]);
  const services: [string, Range] = ["services", rangeOf(prefix(plan.cluster.servicePrefix))];
  assertDisjoint([...pods, ...pools, services]);
  for (const entry of plan.addresses) {
    const at = address(entry.address);
    for (const [what, taken] of [...pods, ...(entry.owner.startsWith("service ") ? [] : pools)]) {
      assert.ok(at < taken.from || at > taken.to, `${entry.address} of ${entry.owner} lies in ${what}`);
    }
  }
  assert.equal(
    plan.loadBalancer.available,
    sum(pools.map(([, { from, to }]) => to - from + 1)) - plan.loadBalancer.services.length,
  );

  const virtual = plan.nodes.flatMap((node) => node.vm?.nics.map((nic) => nic.mac) ?? []);
  assertUnique("MAC", [...virtual, ...plan.hardware.hosts.flatMap((host) => host.nics.map((nic) => nic.mac))]);
  assertUnique(
    "VM id",
    plan.nodes.flatMap((node) => node.vm?.id ?? []),
  );
  assertUnique(
    "name",
    plan.dns.records.map((record) => record.fqdn),
  );
  const owned = new Set(plan.addresses.map((entry) => entry.address));
  for (const record of plan.dns.records) assert.ok(owned.has(record.address), `${record.fqdn} leads to nobody`);
  for (const node of plan.nodes)
    assertUnique(
      "rule priority",
      node.routingRules.map((rule) => rule.priority),
    );
}

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function address(text: string): number {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function range(text: string): Range {
  const [from = "", to = ""] = text.split("-");
  return { from: address(from), to: address(to) };
}

function assertUnique(what: string, values: readonly (string | number)[]): void {
  const twice = values.filter((value, i) => values.indexOf(value) !== i);
  assert.deepEqual(twice, [], `${what} used twice`);
}

function assertDisjoint(ranges: readonly (readonly [string, Range])[]): void {
  ranges.forEach(([name, one], i) => {
    for (const [other, taken] of ranges.slice(i + 1)) assert.ok(!overlaps(one, taken), `${name} overlaps ${other}`);
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
