import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pendingCreates, settleArguments } from "../../../tools/engine/pending-creates.ts";

const [VM, BOND] = ["proxmoxve:index/vmLegacy:VmLegacy", "proxmoxve:network/linux/bond:Bond"];
const urn = (type: string, name: string): string => `urn:pulumi:lab::homelab::homelab:compute:TalosVm$${type}::${name}`;

describe("what a killed run was creating", () => {
  let state: string;
  before(() => {
    state = mkdtempSync(join(tmpdir(), "state-"));
    mkdirSync(join(state, ".pulumi/stacks/homelab"), { recursive: true });
    const operation = (type: string, of: string, name: string): object => ({
      type,
      resource: { urn: urn(of, name), type: of },
    });
    const operations = [
      operation("creating", VM, "talos-01"),
      operation("updating", VM, "talos-02"),
      operation("creating", BOND, "pve-1::bond0"),
    ];
    const checkpoint = { latest: { pending_operations: operations } };
    writeFileSync(join(state, ".pulumi/stacks/homelab/lab.json"), JSON.stringify({ version: 3, checkpoint }));
  });
  after(() => rmSync(state, { recursive: true }));

  const pending = [
    { urn: urn(VM, "talos-01"), type: VM, name: "talos-01" },
    { urn: urn(BOND, "pve-1::bond0"), type: BOND, name: "pve-1::bond0" },
  ];

  it("is read from the state, without what was only being changed", () => {
    assert.deepEqual(pendingCreates(state, "homelab", "lab"), pending);
    assert.deepEqual(pendingCreates(state, "homelab", "never-made"), []);
  });

  it("is taken in where it is there, and forgotten where it is not", () => {
    const settle = settleArguments(pending, ({ name }) => (name === "talos-01" ? "1001" : undefined));
    assert.deepEqual(settle, [
      ...["refresh", "--yes", "--skip-preview", "--clear-pending-creates"],
      ...["--import-pending-creates", urn(VM, "talos-01"), "--import-pending-creates", "1001"],
    ]);
  });
});
