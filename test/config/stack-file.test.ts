import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnvironment, parseStackFile, readStackFile } from "../../config/stack-file.ts";
import { rawEnvironment, repository, shown, withChanges } from "../support/configs.ts";

const text = `# comment
config:
  homelab:environment:
    name: home
    vlans:
      storage:
        id: 48
        ranges:
          - { from: a, to: b }
          - from: c
            to: d
    ntp: [one,
      two]
`;

describe("parseStackFile", () => {
  const file = parseStackFile("Pulumi.home.yaml", text);

  it("gives the environment as data", () => {
    assert.deepEqual(file.environment, {
      name: "home",
      vlans: {
        storage: {
          id: 48,
          ranges: [
            { from: "a", to: "b" },
            { from: "c", to: "d" },
          ],
        },
      },
      ntp: ["one", "two"],
    });
    assert.equal(file.simulation, undefined);
    assert.deepEqual(file.problems, []);
  });

  for (const [path, line] of [
    ["name", 4],
    ["vlans.storage", 6],
    ["vlans.storage.id", 7],
    ["vlans.storage.ranges[0]", 9],
    ["vlans.storage.ranges[1].to", 11],
    ["ntp[1]", 13],
    ["vlans.storage.gateway", 6],
    ["vlans.storage.ranges[7]", 8],
    ["hosts.pve.disks", 4],
    ["", 4],
  ] as const) {
    it(`finds ${path === "" ? "the environment" : path} in line ${line}`, () => assert.equal(file.lineOf(path), line));
  }

  it("finds what the homelab's own file says", () => {
    const own = readStackFile(repository, "homelab");
    const lines = readFileSync(join(repository, "Pulumi.homelab.yaml"), "utf8").split("\n");
    for (const [path, key] of [
      ["vlans.storage.mtu", "mtu: 9000"],
      ["hosts.pve-aimax-01.addresses.storage", "storage: { link: bond0, address: 10.8.48.12 }"],
      ["switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus7", "sfp-sfpplus7: {"],
      ["firewall.rules[1].to", "workload-to-proxmox-web"],
    ] as const) {
      const line = own.lineOf(path) ?? 0;
      assert.ok(lines[line - 1]?.includes(key), `${path}: line ${line} is "${lines[line - 1]}"`);
    }
  });

  it("reads anchors and merges as Pulumi does", () => {
    const merged = parseStackFile(
      "f",
      "config:\n  homelab:environment:\n    hosts:\n      a: &a { cpuCores: 4, memoryGiB: 8 }\n      b: { <<: *a, memoryGiB: 16 }\n      c: *a\n",
    );
    assert.deepEqual(merged.environment, {
      hosts: { a: { cpuCores: 4, memoryGiB: 8 }, b: { cpuCores: 4, memoryGiB: 16 }, c: { cpuCores: 4, memoryGiB: 8 } },
    });
  });

  it("reports every YAML mistake with its line", () => {
    const broken = parseStackFile("f", "config:\n  homelab:environment:\n    a: 1\n    a: 2\n    b: 1\n    b: 2\n");
    assert.deepEqual(shown(broken.problems), [
      "error line 4: Map keys must be unique at line 4, column 5; correct the YAML  [yaml-invalid]",
      "error line 6: Map keys must be unique at line 6, column 5; correct the YAML  [yaml-invalid]",
    ]);
  });

  for (const odd of ["", "config: 5\n", "[]\n", "config:\n  homelab:environment:\n"]) {
    it(`finds no rack in ${JSON.stringify(odd)}`, () => {
      const file = parseStackFile("f", odd);
      assert.ok(file.environment === undefined || file.environment === null);
      assert.deepEqual(file.problems, []);
    });
  }
});

describe("parseEnvironment", () => {
  it("fills in what is left out", () => {
    const { environment } = parseEnvironment(rawEnvironment("one-host"));
    assert.equal(environment?.cluster.maxPodsPerNode, 110);
    assert.equal(environment?.cluster.servicePrefix, "10.96.0.0/12");
    assert.equal(environment?.vlans["lan"]?.mtu, 1500);
    assert.equal(environment?.timeZone, "Etc/UTC");
    assert.deepEqual(environment?.firewall, { zones: {}, rules: [] });
  });

  it("reports every mistake of shape at once", () => {
    const raw = withChanges(rawEnvironment(), {
      "vlans.storage.mtuu": 9000,
      "vlans.storage.mtu": 100,
      "hosts.pve-ms01-01.cpuCores": "16",
      "hosts.pve-ms01-01.cpuCoers": 16,
      ntp: [],
      name: null,
    });
    const { environment, problems } = parseEnvironment(raw);
    assert.equal(environment, undefined);
    assert.deepEqual(shown(problems).sort(), [
      'error hosts.pve-ms01-01.cpuCoers: "cpuCoers" is no setting here; correct its spelling or remove it  [key-unknown]',
      'error hosts.pve-ms01-01.cpuCores: "16" is no number; write one  [shape-invalid]',
      "error name: is missing; add it (string)  [shape-invalid]",
      "error ntp: [] does not fit; too small: expected array to have >=1 items  [shape-invalid]",
      "error vlans.storage.mtu: 100 does not fit; too small: expected number to be >=576  [shape-invalid]",
      'error vlans.storage.mtuu: "mtuu" is no setting here; correct its spelling or remove it  [key-unknown]',
    ]);
  });

  for (const odd of [undefined, null, 5, "text", []]) {
    it(`refuses ${JSON.stringify(odd) ?? "nothing"} for a rack`, () => {
      const { environment, problems } = parseEnvironment(odd);
      assert.equal(environment, undefined);
      assert.deepEqual(
        problems.map((problem) => problem.code),
        ["shape-invalid"],
      );
    });
  }
});
