import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadStack } from "../../config/load.ts";
import { PlanError } from "../../plan/problems.ts";
import { rawEnvironment, repository, withChange } from "../support/configs.ts";

let directory = "";
const write = (stack: string, config: Readonly<Record<string, unknown>>): void =>
  writeFileSync(join(directory, `Pulumi.${stack}.yaml`), stringify({ config }));
const refusal = (stack: string, override?: unknown): string => {
  try {
    loadStack(directory, stack, override);
  } catch (error) {
    if (error instanceof PlanError) return error.message;
    throw error;
  }
  return "accepted";
};

describe("loadStack", () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "load-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("plans what the stack's file describes", () => {
    const { plan, file, simulation } = loadStack(repository, "homelab");
    assert.deepEqual([plan.name, file, simulation], ["homelab", "Pulumi.homelab.yaml", undefined]);
  });

  it("gives a twin the very plan of the other's file, and its lines", () => {
    const real = loadStack(repository, "homelab");
    const twin = loadStack(repository, "lab");
    assert.deepEqual(twin.plan, real.plan);
    assert.equal(twin.file, "Pulumi.homelab.yaml");
    assert.equal(twin.lineOf("vlans.storage.mtu"), real.lineOf("vlans.storage.mtu"));
    assert.deepEqual(twin.simulation, {
      environment: "homelab",
      rack: "lab",
      operator: "192.168.1.10",
      latencyScale: 0,
    });
  });

  it("lets a twin have no description of its own: what the engine hands over is the other's business", () => {
    write("home", { "homelab:environment": rawEnvironment() });
    write("twin", { "homelab:simulation": { environment: "home", rack: "twin" } });
    assert.equal(loadStack(directory, "twin", { name: "something else" }).plan.name, "homelab");
  });

  it("prefers what Pulumi's own configuration says on real hardware (--config-file, ESC)", () => {
    write("home", { "homelab:environment": rawEnvironment() });
    const { plan } = loadStack(directory, "home", withChange("name", "elsewhere"));
    assert.equal(plan.name, "elsewhere");
  });

  it("tells every mistake with its line and changes nothing", () => {
    const own = readFileSync(join(repository, "Pulumi.homelab.yaml"), "utf8");
    writeFileSync(
      join(directory, "Pulumi.home.yaml"),
      own.replace("address: 10.8.16.11", "address: 10.8.16.10").replace("id: 8002", "id: 8001"),
    );
    const lineWith = (key: string): number => own.split("\n").findIndex((line) => line.includes(key)) + 1;
    const [head, ...lines] = refusal("home").split("\n");
    assert.equal(head, "Pulumi.home.yaml was refused with 2 errors; nothing was changed");
    assert.deepEqual(
      lines.slice(0, 2).map((line) => line.trim()),
      [
        `error hosts.pve-ms01-02.addresses.management.address (line ${lineWith("address: 10.8.16.11")}): 10.8.16.10 of pve-ms01-02 is also the address of pve-ms01-01 (hosts.pve-ms01-01.addresses.management.address); give one of them another  [address-owned-twice]`,
        `error nodes.talos-k8s-02.vm.id (line ${lineWith("id: 8002")}): VM id 8001 is also the id of talos-k8s-01; ids are unique in the whole Proxmox cluster, choose another  [vm-id-twice]`,
      ],
    );
  });

  it("asks whether another stack was meant", () => {
    write("home", {});
    assert.equal(
      refusal("hom"),
      'Pulumi.hom.yaml was refused with 1 error; nothing was changed\n  error Pulumi.hom.yaml: there is no description of a stack "hom"; did you mean "home"?  [stack-unknown]',
    );
  });

  it("names the twin's mistakes in the twin's file and the rack's in the rack's", () => {
    write("twin", { "homelab:simulation": { environment: "home", rack: "Not A Name" } });
    assert.match(refusal("twin"), /^Pulumi\.twin\.yaml was refused.*\n.*homelab:simulation\.rack: /);
    write("twin", { "homelab:simulation": { environment: "home", rack: "twin" } });
    write("home", { "homelab:environment": withChange("vlans.storage.id", 5000) });
    assert.match(
      refusal("twin"),
      /^Pulumi\.home\.yaml was refused with 1 error; nothing was changed\n {2}error vlans\.storage\.id \(line \d+\): 5000/,
    );
  });
});
