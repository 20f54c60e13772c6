// What the script of a first boot does to a machine, by the AMT of the rack: it switches on what is new, and nothing else.
import assert from "node:assert/strict";
import { renderAmtFirstBoot } from "../../../components/operator-scripts/amt-first-boot.ts";
import type { Outputs } from "../../../lab/host/script-outputs.ts";
import { runOperatorScript } from "../../../lab/operator/operator-machine.ts";
import { type Amt, amts } from "../../../lab/rack/amt.ts";
import { hosts } from "../../../lab/rack/hosts.ts";
import { setCable, switches } from "../../../lab/rack/switches.ts";
import type { MetalBoot } from "../../../lab/rack/talos/metal-network.ts";
import { nodeAt } from "../../../lab/rack/talos/nodes.ts";
import { planOf } from "../../support/configs.ts";
import { type TalosWorld, talosWorld } from "../talos-world.ts";

const [stick, network] = ["ms01-01", "ms01-02"];

describe("a first boot by AMT", function () {
  this.timeout(60_000);
  let world: TalosWorld;
  beforeEach(async () => {
    world = await talosWorld(planOf("metal-amt"));
  });
  afterEach(() => world.close());

  const boot = (host: string, variables: Readonly<Record<string, string>> = {}): Promise<Outputs> => {
    const first = world.plan.amtFirstBoots.find((one) => one.host === host);
    const node = world.plan.nodes.find(({ name }) => name === first?.node);
    assert.ok(first && node);
    return runOperatorScript(world.rack, {
      script: renderAmtFirstBoot(node.name),
      environment: {
        HTTPS_PROXY: "http://test.rack.invalid",
        TALOSCONFIG_TEXT: "context: none\n",
        CONTROL_PLANES: "10.8.20.11 10.8.20.12 10.8.20.13",
        NODE_NAME: node.name,
        NODE_ADDRESS: node.managementAddress,
        AMT_URL: first.url,
        AMT_PASSWORD: "simulated",
        FROM_NETWORK: first.fromNetwork ? "yes" : "no",
        ...variables,
      },
    });
  };
  const isOn = (host: string) => hosts(world.rack).get(host)?.powered;
  const stageOf = (address: string) => nodeAt(world.rack, address)?.stage;
  const bootOf = (host: string) => world.rack.collection<MetalBoot>("metal-boot").get(host);

  it("finds the machines of a fresh rack off, but for the one that is switched on by hand", () => {
    assert.deepEqual([stick, network, "ms01-03"].map(isOn), [false, false, true]);
  });

  it("switches a machine with a stick on, by TLS, and waits for it to answer", async () => {
    const { stderr } = await boot(stick);
    assert.match(stderr, /^talos-ms01-01, first boot: is switched on$/m);
    assert.equal(stageOf("10.8.20.11"), "maintenance");
  });

  it("has a machine start by PXE, this once", async () => {
    assert.equal(bootOf(network), undefined);
    await boot(network);
    assert.equal(stageOf("10.8.20.12"), "maintenance");
    const { bootSource, isForNextStart } = amts(world.rack).get(network) ?? {};
    assert.deepEqual([bootSource, isForNextStart], [undefined, undefined], "the next start is its disk's");
  });

  it("says where to look when nothing comes of it, and does not switch the machine off and on again", async () => {
    world.rack.collection("network-boot").delete("pxe");
    const failure =
      /gave up waiting for Talos at 10\.8\.20\.12; the machine is on, and its console says why: no medium to start from/;
    await assert.rejects(boot(network), failure);
    assert.equal(isOn(network), true);
    await assert.rejects(boot(network), /is on already, and does not answer yet\n[\s\S]*gave up waiting/);
    assert.equal(bootOf(network), undefined);
  });

  it("leaves a machine alone that answers, and does not even ask its AMT", async () => {
    await boot(stick);
    const { stderr } = await boot(stick, { AMT_PASSWORD: "wrong" });
    assert.equal(stderr, "talos-ms01-01, first boot: answers at 10.8.20.11 already: left alone");
  });

  const refusals: Readonly<Record<string, { setUp?: Partial<Amt>; variables?: Record<string, string>; says: RegExp }>> =
    {
      "the password is wrong": {
        variables: { AMT_PASSWORD: "wrong" },
        says: /AMT at http:\/\/10\.8\.21\.32:16992\/wsman refuses admin with this password; nothing was switched on: .*pulumi config set --secret homelab:amtPassword/,
      },
      "AMT was never set up": {
        setUp: { isProvisioned: false },
        says: /AMT does not answer at http:\/\/10\.8\.21\.32:16992\/wsman: curl: \(7\) .*Connection refused; nothing was switched on: is AMT provisioned there/,
      },
      "AMT answers with TLS only": {
        setUp: { tls: true },
        says: /curl: \(7\) .*does the description say otherwise \(outOfBand: address, tls\)\?/,
      },
      "nobody is at the address": {
        variables: { AMT_URL: "https://10.8.21.99:16993/wsman" },
        says: /curl: \(28\) Failed to connect to 10\.8\.21\.99 port 16993/,
      },
      "somebody at the machine would have to consent": {
        setUp: { wantsConsent: true },
        says: /says 400: The sender was not authorized to access the resource\., asked to start it by PXE once; the machine was not switched on: AMT must be in admin control mode/,
      },
      "something sleeps on the machine": {
        setUp: { isAsleep: true },
        says: /PowerState 4, which is neither on \(2\) nor off \(6, 8\): something sleeps there/,
      },
    };
  for (const [why, { setUp, variables, says }] of Object.entries(refusals)) {
    it(`refuses and changes nothing when ${why}`, async () => {
      amts(world.rack).edit(network, (amt) => Object.assign(amt, setUp));
      const before = JSON.stringify([hosts(world.rack).list(), amts(world.rack).list()]);
      await assert.rejects(boot(network, variables), says);
      assert.equal(JSON.stringify([hosts(world.rack).list(), amts(world.rack).list()]), before);
    });
  }

  it("takes any password, and shows none", async () => {
    const password = `a "quoted" \\ back%slash $HOME 'it'`;
    amts(world.rack).edit(stick, (amt) => {
      amt.password = password;
    });
    const { stderr } = await boot(stick, { AMT_PASSWORD: password });
    assert.equal(isOn(stick), true);
    assert.ok(!stderr.includes("quoted"));
  });

  it("does not get to an AMT whose cable is out, or whose port carries tagged frames only", async () => {
    const silent = /AMT does not answer at https:\/\/10\.8\.21\.31:16993\/wsman: curl: \(28\)/;
    setCable(world.rack, "ms01-01/enp90s0", false);
    await assert.rejects(boot(stick), silent);
    setCable(world.rack, "ms01-01/enp90s0", true);
    switches(world.rack).edit("main", ({ ports }) => {
      const { nativeVlanId: _, ...port } = ports["2"] ?? assert.fail();
      ports["2"] = port;
    });
    await assert.rejects(boot(stick), silent);
    assert.equal(isOn(stick), false);
  });
});
