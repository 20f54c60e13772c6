import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { environmentSchema } from "../../config/schema.ts";
import { parseEnvironment } from "../../config/stack-file.ts";
import { planEnvironment } from "../../plan/plan-environment.ts";
import { fixtures, planned, planOf, rawEnvironment, shown } from "../support/configs.ts";
import { leavesOf, withLeaf } from "../support/leaves.ts";
import { assertSound } from "../support/sound-plan.ts";

const racks = [
  "homelab",
  "ms01",
  "datacenter",
  ...readdirSync(join(fixtures, "valid")).map((file) => file.replace(/\.yaml$/, "")),
];

/** Keys of all maps in another order, as somebody else would have written them. */
function shuffled(value: unknown, random: (below: number) => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, random)] as const);
  for (let i = entries.length - 1; i > 0; i -= 1) {
    const j = random(i + 1);
    [entries[i], entries[j]] = [entries[j] ?? ["", 0], entries[i] ?? ["", 0]];
  }
  return Object.fromEntries(entries);
}

describe("planEnvironment", () => {
  for (const rack of racks) {
    it(`plans ${rack} soundly`, () => assertSound(planOf(rack)));

    it(`makes the same plan of ${rack} in whatever order it is written`, () => {
      const raw = rawEnvironment(rack);
      const expected = JSON.stringify(planned(raw));
      fc.assert(
        fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
          const other = shuffled(raw, (below) => (numbers.next().value ?? 0) % below);
          assert.equal(JSON.stringify(planned(other)), expected);
        }),
        { numRuns: 10 },
      );
    });
  }

  it("leaves the description as it is", () => {
    const env = environmentSchema.parse(rawEnvironment());
    const before = JSON.stringify(env);
    planEnvironment(env);
    assert.equal(JSON.stringify(env), before);
  });

  it("answers every description that has the right shape, and never lets an unsound plan through", function () {
    this.timeout(20_000);
    const bases = racks.map((rack) => rawEnvironment(rack));
    const texts = bases.flatMap((raw) => leavesOf(raw).map(([, value]) => value));
    const value = fc.oneof(
      fc.constantFrom(...texts),
      fc.constantFrom(
        "",
        "constructor",
        "toString",
        "10.0.300.0/24",
        "0.0.0.0/0",
        "255.255.255.255/32",
        "10.8.28.0/22",
        "10.8.16.20",
        "no-such",
      ),
      fc.integer({ min: 0, max: 70_000 }),
      fc.boolean(),
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 2 }), (which, changes) => {
        let raw = bases[which % bases.length];
        for (const [at, text] of changes) {
          const leaves = leavesOf(raw);
          raw = withLeaf(raw, leaves[at % leaves.length]?.[0] ?? [], text);
        }
        const { environment } = parseEnvironment(raw);
        if (environment === undefined) return;
        const { plan, problems } = planEnvironment(environment);
        if (problems.some((problem) => problem.severity === "error")) return;
        accepted += 1;
        assertSound(plan);
      }),
      { numRuns: 1500, endOnFailure: true },
    );
    assert.ok(accepted > 20, `only ${accepted} changed descriptions were accepted; that proves little`);
  });

  it("says everything at once, errors first", () => {
    const raw = withLeaf(
      withLeaf(rawEnvironment(), ["vlans", "storage", "id"], 5000),
      ["hosts", "pve-ms01-01", "addresses", "management", "address"],
      "10.8.16.11",
    );
    assert.deepEqual(shown(planned(raw).problems.slice(0, 2)), [
      "error hosts.pve-ms01-02.addresses.management.address: 10.8.16.11 of pve-ms01-02 is also the address of pve-ms01-01 (hosts.pve-ms01-01.addresses.management.address); give one of them another  [address-owned-twice]",
      "error vlans.storage.id: 5000 is not a VLAN id; 1 to 4094 are possible (IEEE 802.1Q)  [vlan-id-range]",
    ]);
  });
});

describe("the plan of the homelab", () => {
  const plan = planOf();

  it("counts what the source document got wrong: 1022 usable addresses, 191 in the pool, 187 of them free", () => {
    assert.equal(plan.vlans.find((vlan) => vlan.id === 28)?.usableAddresses, 1022);
    assert.equal(plan.loadBalancer.pools[0]?.size, 191);
    assert.equal(plan.loadBalancer.available, 187);
  });

  it("gives every node one /24 of the workload VLAN: .2 for itself, the upper half for its pods", () => {
    assert.deepEqual(
      plan.nodes.map((node) => [node.name, node.managementAddress, node.nodeAddress, node.podPrefix]),
      [
        ["talos-k8s-01", "10.8.16.20", "10.8.28.2", "10.8.28.128/25"],
        ["talos-k8s-02", "10.8.16.21", "10.8.29.2", "10.8.29.128/25"],
        ["talos-k8s-03", "10.8.16.22", "10.8.30.2", "10.8.30.128/25"],
      ],
    );
  });

  it("has one address a host on management and storage, and a gateway on management only", () => {
    const interfaces = plan.hosts.flatMap((host) =>
      [...host.bonds, ...host.bridges].flatMap((link) => link.vlanInterfaces),
    );
    assert.deepEqual(
      interfaces
        .filter((link) => link.name.startsWith("bond0"))
        .map(({ name, address, mtu, gateway }) => [name, address, mtu, gateway]),
      [
        ["bond0.48", "10.8.48.12/24", 9000, undefined],
        ["bond0.48", "10.8.48.10/24", 9000, undefined],
        ["bond0.48", "10.8.48.11/24", 9000, undefined],
      ],
    );
    assert.deepEqual(
      interfaces
        .filter((link) => link.name.startsWith("vmbr0"))
        .map(({ name, address, gateway }) => [name, address, gateway]),
      [
        ["vmbr0.16", "10.8.16.12/24", "10.8.16.1"],
        ["vmbr0.16", "10.8.16.10/24", "10.8.16.1"],
        ["vmbr0.16", "10.8.16.11/24", "10.8.16.1"],
      ],
    );
  });

  it("sends the pods of each node through that node", () => {
    assert.deepEqual(plan.router.staticRoutes, [
      { name: "pods-talos-k8s-01", destination: "10.8.28.128/25", via: "10.8.28.2" },
      { name: "pods-talos-k8s-02", destination: "10.8.29.128/25", via: "10.8.29.2" },
      { name: "pods-talos-k8s-03", destination: "10.8.30.128/25", via: "10.8.30.2" },
    ]);
    assert.deepEqual(plan.router.masquerade, ["10.0.1.0/24", "10.8.16.0/24", "10.8.28.0/22"]);
  });

  it("has the names that the source document lists", () => {
    const names = new Map(plan.dns.records.map((record) => [record.fqdn, record.address]));
    for (const [name, address] of [
      ["pve-ms01-01", "10.8.16.10"],
      ["pve-ms01-02", "10.8.16.11"],
      ["pve-aimax-01", "10.8.16.12"],
      ["talos-k8s-01", "10.8.16.20"],
      ["talos-k8s-02", "10.8.16.21"],
      ["talos-k8s-03", "10.8.16.22"],
      ["k8s-api", "10.8.16.20"],
      ["traefik", "10.8.31.10"],
    ] as const) {
      assert.equal(names.get(`${name}.lab.local`), address, name);
    }
  });

  it("joins corosync over management and storage, management first", () => {
    assert.deepEqual(
      plan.proxmoxCluster?.members.map(({ host, links }) => [host, ...links]),
      [
        ["pve-aimax-01", "10.8.16.12", "10.8.48.12"],
        ["pve-ms01-01", "10.8.16.10", "10.8.48.10"],
        ["pve-ms01-02", "10.8.16.11", "10.8.48.11"],
      ],
    );
  });
});
