import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { operatorCommand } from "../../components/operator-access.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

const { nodes } = homelabPlan();

describe("commands on the operator's machine", () => {
  const talosconfig = pulumi.secret("hidden");

  it("hand script and access over by environment, and say when it is the first run", () => {
    const access = { talosconfig, environment: { HTTPS_PROXY: "http://proxy.example.test" } };
    const inputs = operatorCommand(access, { script: "echo hi", nodes, variables: { NODE_NAME: "a" } });
    assert.equal(inputs.create, 'FIRST_RUN=yes; eval "$SCRIPT"');
    assert.equal(inputs.update, 'eval "$SCRIPT"');
    assert.deepEqual(inputs.environment, {
      HTTPS_PROXY: "http://proxy.example.test",
      TALOSCONFIG_TEXT: talosconfig,
      CONTROL_PLANES: "10.8.16.20 10.8.16.21 10.8.16.22",
      STORAGE: "",
      NODE_NAME: "a",
      SCRIPT: "echo hi",
    });
  });

  it("name the control planes only, and what stores data on the nodes", () => {
    const mixed = nodes.map((node, i) => (i === 1 ? { ...node, role: "worker" as const } : node));
    const access = { talosconfig, environment: {}, linstorReplicas: 2 };
    const { environment } = operatorCommand(access, { script: "", nodes: mixed, variables: {} });
    const variables = environment as Record<string, unknown>;
    assert.equal(variables["CONTROL_PLANES"], "10.8.16.20 10.8.16.22");
    assert.deepEqual([variables["STORAGE"], variables["REPLICAS"]], ["linstor", "2"]);
  });
});
