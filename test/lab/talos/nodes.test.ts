import assert from "node:assert/strict";
import type { Properties } from "../../../lab/plugin/wire.ts";
import { revealAll } from "../../../lab/plugin/wire.ts";
import { shiftCalendar } from "../../../lab/rack/clock.ts";
import { linksOf, putLinks } from "../../../lab/rack/links.ts";
import { extraAddresses } from "../../../lab/rack/stations.ts";
import { getNode } from "../../../lab/rack/talos/nodes.ts";
import { etcdStatus, talosStatus } from "../../../lab/rack/talos/status.ts";
import { vms } from "../../../lab/rack/vms.ts";
import { Plugin } from "../furnished-rack.ts";
import { applyAll, configurationOf, makeSecrets, T, type TalosWorld, talosWorld } from "../talos-world.ts";

/** Takes the management bridge of a host off the wire. */
function cutOff(world: TalosWorld, host: string): void {
  const links = linksOf(world.rack, host);
  putLinks(world.rack, host, { ...links, vmbr0: { ...(links["vmbr0"] as (typeof links)[string]), members: [] } });
}

describe("a Talos node of the rack", () => {
  let world: TalosWorld;
  let secrets: Awaited<ReturnType<typeof makeSecrets>>;

  const node = (index = 0) => {
    const plan = world.plan.nodes[index];
    assert.ok(plan);
    return plan;
  };
  const inputsFor = async (index = 0, extra: string[] = [], from = secrets): Promise<Properties> => {
    const { input, patches } = await configurationOf(world, node(index), from.machineSecrets);
    return {
      node: node(index).managementAddress,
      clientConfiguration: from.clientConfiguration,
      machineConfigurationInput: input,
      configPatches: [...patches, ...extra],
    };
  };
  const apply = async (index = 0, extra: string[] = [], from = secrets) =>
    world.talos.create(T.apply, await inputsFor(index, extra, from));
  const bootstrap = (index = 0, from = secrets) =>
    world.talos.create(T.bootstrap, {
      node: node(index).managementAddress,
      clientConfiguration: from.clientConfiguration,
    });
  const kubeconfig = (from = secrets) =>
    world.talos.create(T.kubeconfig, { node: node().managementAddress, clientConfiguration: from.clientConfiguration });
  const health = (addresses = world.plan.nodes.map((plan) => plan.managementAddress)) =>
    world.talos.kernel.invoke(
      T.health,
      {
        clientConfiguration: secrets.clientConfiguration,
        endpoints: addresses,
        controlPlaneNodes: addresses,
        skipKubernetesChecks: true,
      },
      false,
    );
  const stages = () => talosStatus(world.rack).map(({ stage }) => stage);

  beforeEach(async () => {
    world = await talosWorld();
    secrets = await makeSecrets(world);
  });
  afterEach(() => world.close());

  it("waits in maintenance at its cloud-init address, and runs as what it was told to be", async () => {
    assert.deepEqual(stages(), ["maintenance", "maintenance", "maintenance"]);
    const { outputs } = await apply();
    assert.equal(outputs["resolvedApplyMode"], "auto");
    const running = getNode(world.rack, `vm/${node().vm?.id}`);
    assert.equal(running?.hostname, node().name);
    assert.equal(running?.nodeIp, node().nodeAddress);
    assert.equal(running?.etcdAddress, node().managementAddress);
  });

  it("is not reached when its bridge has no port", async () => {
    cutOff(world, node().host);
    await assert.rejects(
      apply(),
      /rpc error: code = Unavailable desc = .*dial tcp 10\.8\.16\.20:50000: connect: no route to host/,
    );
  });

  it("refuses what is no valid configuration, at once", async () => {
    await assert.rejects(
      apply(0, ["apiVersion: v1alpha1\nkind: LinkConfig\nname: eth2\naddresses: [{address: 10.0.300.1/24}]"]),
      (error: Error) => {
        assert.match(error.message, /^rpc error: code = InvalidArgument desc = configuration validation failed/);
        assert.match(error.message, /IPv4 field has value >255/);
        return true;
      },
    );
    assert.equal(stages()[0], "maintenance");
  });

  it("refuses a kernel module that its image does not have", async () => {
    await assert.rejects(
      apply(0, ["machine: {kernel: {modules: [{name: drbd}]}}"]),
      /module not found \(it comes with extension siderolabs\/drbd/,
    );
  });

  it("once configured, refuses the secrets of another cluster", async () => {
    await apply();
    const others = await makeSecrets(world);
    await assert.rejects(apply(0, [], others), /x509: certificate signed by unknown authority/);
  });

  it("refuses a client certificate that another authority signed", async () => {
    await apply();
    const others = await makeSecrets(world);
    const { caCertificate } = secrets.clientConfiguration;
    const mixed = {
      ...secrets,
      clientConfiguration: { ...others.clientConfiguration, caCertificate: caCertificate ?? "" },
    };
    await assert.rejects(apply(0, [], mixed), /tls: unknown certificate authority/);
  });

  it("refuses a client certificate that has expired", async () => {
    await apply();
    world.rack.transaction(() => shiftCalendar(world.rack, 366));
    await assert.rejects(bootstrap(), /tls: expired certificate/);
  });

  it("never comes up from an installer that does not exist", async () => {
    await apply(0, [`machine: {install: {image: "factory.talos.dev/nocloud-installer/${"0".repeat(64)}:v1.13.0"}}`]);
    await assert.rejects(
      bootstrap(),
      /connection refused \(console of talos-k8s-01: install failed: failed to pull image/,
    );
    assert.equal(stages()[0], "broken");
  });

  it("loses its addresses with an installer of the metal platform, whose interfaces have other names", async () => {
    await apply(0, [`machine: {install: {image: "factory.talos.dev/metal-installer/${world.schematic}:v1.13.0"}}`]);
    await assert.rejects(bootstrap(), /no route to host/);
  });

  it("finds no node address when its own lies among the pods", async () => {
    await apply(0, ["cluster: {network: {podSubnets: [10.8.28.0/22]}}"]);
    const { problem } = talosStatus(world.rack)[0] ?? {};
    assert.match(problem ?? "", /no suitable node IP found/);
  });

  it("is in maintenance again on a new disk", async () => {
    await apply();
    vms(world.rack).edit(String(node().vm?.id), (vm) => Object.assign(vm, { uuid: "another" }));
    assert.equal(stages()[0], "maintenance");
  });

  it("is wiped by a deletion that says so, and only by that", async () => {
    const { inputs, outputs } = await apply();
    const subject = { token: T.apply, name: "one", urn: "urn" };
    await world.talos.kernel.delete(subject, "machine_configuration_apply", outputs, inputs);
    assert.equal(stages()[0], "booting");
    const onDestroy = { reset: true, graceful: true };
    await world.talos.kernel.delete(
      subject,
      "machine_configuration_apply",
      { ...revealAll(outputs), onDestroy },
      inputs,
    );
    assert.equal(stages()[0], "maintenance");
  });

  it("bootstraps once; a second time is retried in vain", async () => {
    await applyAll(world, secrets);
    await bootstrap();
    await assert.rejects(bootstrap(), /code = AlreadyExists desc = etcd data directory is not empty/);
    await assert.rejects(bootstrap(1), /code = AlreadyExists/);
  });

  it("does not bootstrap in maintenance", async () => {
    await assert.rejects(bootstrap(), /code = Unimplemented desc = Bootstrap is not implemented in maintenance mode/);
  });

  it("has no kubeconfig before the bootstrap", async () => {
    await apply();
    await assert.rejects(kubeconfig(), /the cluster has not been bootstrapped/);
  });

  it("hands out a kubeconfig that leads to the rack and nowhere else", async () => {
    await applyAll(world, secrets);
    await bootstrap();
    const { outputs } = await kubeconfig();
    assert.match(String(revealAll(outputs)["kubeconfigRaw"]), /proxy-url: http:\/\/test\.rack\.invalid/);
  });

  it("is given a new kubeconfig and a new client before the old ones end, and only then", async () => {
    await applyAll(world, secrets);
    await bootstrap();
    const issued = await kubeconfig();
    const before = await world.talos.create(T.secrets, {});
    const due = () =>
      [[T.kubeconfig, issued] as const, [T.secrets, before] as const].map(([token, { inputs, outputs }]) =>
        world.talos.kernel.diff(Plugin.subject(token), inputs, inputs, outputs).changes.map(({ path }) => path),
      );
    assert.deepEqual(due(), [[], []]);
    world.rack.transaction(() => shiftCalendar(world.rack, 340));
    assert.deepEqual(due(), [["kubeconfigRaw"], ["clientConfiguration"]]);
    const renewed = await world.talos.kernel.update(
      Plugin.subject(T.secrets),
      "machine_secrets",
      before.outputs,
      before.inputs,
      false,
    );
    const of = (outputs: Properties) => revealAll(outputs) as { clientConfiguration: object; machineSecrets: object };
    assert.notDeepEqual(of(renewed).clientConfiguration, of(before.outputs).clientConfiguration);
    assert.deepEqual(of(renewed).machineSecrets, of(before.outputs).machineSecrets, "the trust itself never changes");
  });

  it("joins etcd by itself when it is configured after the bootstrap", async () => {
    await apply(0);
    await bootstrap();
    assert.equal(etcdStatus(world.rack)[0]?.members.length, 1);
    await apply(1);
    await health([node(0).managementAddress, node(1).managementAddress]);
    assert.deepEqual(
      etcdStatus(world.rack)[0]?.members.map(({ name }) => name),
      ["talos-k8s-01", "talos-k8s-02"],
    );
  });

  it("is healthy with all members, and says who is missing otherwise", async () => {
    await applyAll(world, secrets);
    await assert.rejects(health(), /waiting for etcd to be healthy: etcd is not bootstrapped/);
    await bootstrap();
    await health();
    await assert.rejects(
      health([node(0).managementAddress, node(1).managementAddress]),
      /etcd member IP 10\.8\.16\.22 is not in control plane nodes IP list/,
    );
    vms(world.rack).edit(String(node(2).vm?.id), (vm) => Object.assign(vm, { running: false }));
    await assert.rejects(health(), /10\.8\.16\.22:50000: connect: no route to host/);
    assert.equal(etcdStatus(world.rack)[0]?.hasQuorum, true);
    cutOff(world, node(1).host);
    assert.equal(etcdStatus(world.rack)[0]?.hasQuorum, false);
  });

  it("forgets the cluster when the disks of all its members are gone", async () => {
    await applyAll(world, secrets);
    await bootstrap();
    for (const { id } of vms(world.rack).list()) vms(world.rack).delete(id);
    assert.deepEqual(etcdStatus(world.rack), []);
    assert.equal(world.rack.census()["talos"], undefined);
  });

  it("holds the shared address while etcd has a quorum, and another node takes over", async () => {
    const vip = "apiVersion: v1alpha1\nkind: Layer2VIPConfig\nname: 10.8.16.19\nlink: eth0";
    for (const index of [0, 1, 2]) await apply(index, [vip]);
    await bootstrap();
    await health();
    const holder = () => extraAddresses(world.rack).get("10.8.16.19")?.at;
    assert.equal(holder(), node(0).managementAddress);
    vms(world.rack).edit(String(node(0).vm?.id), (vm) => Object.assign(vm, { running: false }));
    etcdStatus(world.rack);
    assert.equal(holder(), node(1).managementAddress);
    vms(world.rack).edit(String(node(1).vm?.id), (vm) => Object.assign(vm, { running: false }));
    etcdStatus(world.rack);
    assert.equal(holder(), undefined);
  });
});
