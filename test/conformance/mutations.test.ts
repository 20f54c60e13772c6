// Breaks what the program says, on purpose, and looks whether each check notices, and for that reason. A check that lets these through proves
// nothing with its silence.
import assert from "node:assert/strict";
import { ciliumValues } from "../../components/cilium.ts";
import { ensureProgram } from "../../conformance/build-program.ts";
import { type KubernetesObject, renderChart } from "../../conformance/charts/render-chart.ts";
import { declareStack, plainInputs } from "../../conformance/declared.ts";
import { type ApiServer, startApiServer } from "../../conformance/kubernetes/api-server.ts";
import { chartFolder, customResourceDefinitions } from "../../conformance/kubernetes/sources.ts";
import { tofuWorkspace, type Workspace } from "../../conformance/opentofu/tofu-run.ts";
import { piece } from "../../conformance/piece.ts";
import { compareWithProvider, type SchemaBlock } from "../../conformance/proxmox/compare-schema.ts";
import { type Graph, planGraph, type ResourceSchemas } from "../../conformance/proxmox/graph.ts";
import { providerSchemas } from "../../conformance/proxmox/provider-schemas.ts";
import { programRegistrations } from "../../conformance/proxmox/registrations.ts";
import { checkInputs, compareTables } from "../../conformance/pulumi/check-inputs.ts";
import { type OfficialSchema, readOfficialSchemas } from "../../conformance/pulumi/official-schema.ts";
import { judgeNodes, type NodeJudgement, patchesOf } from "../../conformance/talos/judge.ts";
import { loadTable, type ResourceTable } from "../../lab/plugin/table.ts";
import { planOf } from "../support/configs.ts";
import { homelabPlan, ms01Plan } from "../support/homelab-plan.ts";
import type { Recording } from "../support/record-resources.ts";

const plan = homelabPlan();
const about = (subject: string) => ({
  subject: `the check of ${subject}: broken on purpose`,
  against: "what the check must say",
  limit: "nothing: this is about the checks themselves",
});

piece(about("machine configurations"), () => {
  let program = "";
  before(async () => {
    program = await ensureProgram("talos");
  });

  /** What Talos says of the first node when a text of its patches is another. */
  function judge(from: string | RegExp, to: string, of = plan): NodeJudgement {
    const [node] = patchesOf(of);
    assert.ok(node);
    const patches = node.patches.map((patch) => patch.replace(from, to));
    assert.notDeepEqual(patches, node.patches, `nothing to break: there is no ${from}`);
    const [judged] = judgeNodes(program, of, [{ ...node, patches }]);
    assert.ok(judged);
    return judged;
  }
  const refusal = (from: string | RegExp, to: string): string => judge(from, to).errors.join("\n");

  it("a field that Talos does not have is refused", () => {
    assert.match(refusal("validSubnets:", "validSubnet:"), /unknown keys found during decoding[\s\S]*validSubnet/);
  });
  it("a document of a kind that Talos does not have is refused", () => {
    assert.match(refusal("kind: TimeSyncConfig", "kind: TimeConfig"), /"TimeConfig"[\s\S]*not registered/);
  });
  it("a host name beside an automatic one is refused", () => {
    assert.match(refusal(/auto: "?off"?\n/, ""), /'auto' and 'hostname' cannot be set at the same time/);
  });
  it("an address with an octet above 255 is refused", () => {
    assert.match(refusal("10.8.16.20/24", "10.8.400.20/24"), /IPv4 field has value >255/);
  });
  it("pods whose range holds eth1 leave the kubelet without an address", () => {
    const { errors, view } = judge(/podSubnets:\n( +)- 10\.8\.28\.128\/25/, "podSubnets:\n$1- 10.8.28.0/22");
    assert.deepEqual(errors, []);
    assert.deepEqual(view?.nodeAddresses, []);
  });
  it("a description of the install disk that fits two of them is seen", () => {
    const { view } = judge("size: <= 600GB", "size: <= 6000GB", ms01Plan());
    assert.equal(view?.installMatches.length, 2);
  });
  it("a kind of disk that Talos does not have is refused", () => {
    assert.match(judge("type: nvme", "type: ufs", ms01Plan()).errors.join(), /unsupported disk type "ufs"/);
  });
  it("a port in two ranges of one firewall rule is refused, and another range is seen", () => {
    assert.match(judge("- 2379-2380", "- 2379-2380\n    - 2380", ms01Plan()).errors.join(), /overlap/);
    assert.ok(JSON.stringify(judge("- 2379-2380", "- 2379", ms01Plan()).view?.ingress).includes('"2379"'));
  });
  it("a key of STATE that lies on STATE is refused", () => {
    const talos = { secureBoot: true, diskEncryption: { state: "tpm" } };
    const { errors } = judge(
      /(checkSecurebootStatusOnEnroll: true\n)/,
      "$1        lockToState: true\n",
      planOf("ms01", { talos }),
    );
    assert.match(errors.join(), /state-locked key is not allowed|lockToState/);
  });
  it("another route table is seen", () => {
    const { view } = judge(/table: "128"/, 'table: "129"');
    assert.ok(JSON.stringify(view).includes("129"));
  });
});

piece(about("declared resources and the lab's tables"), () => {
  let schemas: Readonly<Record<"proxmoxve" | "talos" | "command", OfficialSchema>> | undefined;
  let blocks: ResourceSchemas = {};
  let declared: Recording;
  before(async function () {
    schemas = await readOfficialSchemas();
    if (schemas === undefined) this.skip();
    declared = await declareStack(plan);
    blocks = await providerSchemas();
  });

  function complaints(name: string, change: (inputs: Record<string, unknown>) => void): string[] {
    const { type, inputs } = declared.named(name);
    const provider = type.split(":")[0] as "proxmoxve" | "talos";
    const resource = schemas?.[provider].resources[type];
    assert.ok(resource);
    const broken = structuredClone(plainInputs(inputs)) as Record<string, unknown>;
    change(broken);
    return checkInputs(resource, schemas?.[provider].types ?? {}, broken);
  }
  const bond = "pve-ms01-01-bond0-bond";

  it("a misspelt property is unknown", () => {
    const said = complaints(bond, (inputs) => {
      inputs["xmitHashPolicy"] = inputs["bondXmitHashPolicy"];
    });
    assert.deepEqual(said, ["xmitHashPolicy is unknown"]);
  });
  it("a text where a number belongs is of the wrong type", () => {
    const said = complaints(bond, (inputs) => {
      inputs["mtu"] = "9000";
    });
    assert.deepEqual(said, ['mtu should be integer, is "9000"']);
  });
  it("a required property that is left out is missing", () => {
    const said = complaints(bond, (inputs) => {
      delete inputs["nodeName"];
    });
    assert.deepEqual(said, ["nodeName is required"]);
  });
  it("what is wrong deep inside is found there", () => {
    const said = complaints("talos-k8s-01-vm", (inputs) => {
      const [disk] = inputs["disks"] as Record<string, unknown>[];
      assert.ok(disk);
      disk["sizeGiB"] = 100;
    });
    assert.deepEqual(said, ["disks[0].sizeGiB is unknown"]);
  });

  const table = loadTable("proxmoxve");
  const token = "proxmoxve:network/linux/bond:Bond";
  const broken = (change: (inputs: Record<string, ResourceTable["inputs"][string]>) => void): ResourceTable => {
    const own = structuredClone(table.resources[token]);
    assert.ok(own);
    change(own.inputs as Record<string, ResourceTable["inputs"][string]>);
    return own;
  };
  const cases = [
    {
      what: "a property too many",
      table: broken((inputs) => {
        inputs["lacpRate"] = { type: "string" };
      }),
      officially: ["lacpRate does not exist officially"],
      provider: ["lacpRate does not exist in the provider"],
    },
    {
      what: "a property of another type",
      table: broken((inputs) => {
        inputs["mtu"] = { type: "string" };
      }),
      officially: ["mtu is officially integer, not string"],
      provider: ["mtu is number in the provider, not string"],
    },
    {
      what: "a requirement that is not known",
      table: broken((inputs) => {
        inputs["slaves"] = { type: "string[]" };
      }),
      officially: ["slaves is officially required"],
      provider: ["slaves is required in the provider"],
    },
  ];
  for (const { what, table: ours, officially, provider } of cases) {
    it(`${what} in the lab's table is seen by both checks`, () => {
      const official = schemas?.proxmoxve;
      const theirs = official?.resources[token];
      assert.ok(official && theirs);
      const sides = [
        { table: ours.inputs, types: table.types },
        { table: theirs.inputs, types: official.types },
      ] as const;
      assert.deepEqual(compareTables(...sides, true), officially);
      const block = blocks["proxmox_network_linux_bond"]?.block as SchemaBlock;
      assert.deepEqual(compareWithProvider(ours, table.types, block), provider);
    });
  }
});

piece(about("the Proxmox part by the real provider"), () => {
  let workspace: Workspace;
  let graph: Graph;
  before(async function () {
    this.timeout("5m");
    const schemas = await providerSchemas();
    graph = planGraph(await programRegistrations(plan, "mutations", schemas), schemas, () => "true");
    workspace = await tofuWorkspace();
  });
  after(() => workspace.close());

  type Resources = Record<string, Record<string, Record<string, unknown>>>;
  async function validate(change: (bond: Record<string, unknown>) => void): Promise<string> {
    const main = structuredClone(graph.main) as { resource: Resources };
    const [bond] = Object.values(main.resource["proxmox_network_linux_bond"] ?? {});
    assert.ok(bond);
    change(bond);
    workspace.write("main.tf.json", main);
    const { code, text } = await workspace.run("validate", "-no-color");
    return code === 0 ? "valid" : text;
  }

  it("as it is it is valid", async () => {
    assert.equal(await validate(() => {}), "valid");
  });
  it("an argument that the provider does not have is refused", async () => {
    const said = await validate((bond) => {
      bond["lacp_rate"] = "fast";
    });
    assert.match(said, /Extraneous JSON object property|Unsupported argument/);
    assert.match(said, /lacp_rate/);
  });
  it("a mode that no bond has is refused", async () => {
    const said = await validate((bond) => {
      bond["bond_mode"] = "lacp";
    });
    assert.match(said, /bond_mode[\s\S]*lacp/);
  });
});

piece(about("Kubernetes objects and charts"), () => {
  let server: ApiServer | undefined;
  let charts = "";
  before(async function () {
    this.timeout("40m");
    charts = await ensureProgram("charts");
    server = await startApiServer({ servicePrefix: plan.cluster.servicePrefix });
    const definitions = [
      ...(await customResourceDefinitions("cilium")),
      ...(await customResourceDefinitions("metallb")),
    ];
    for (const definition of definitions) assert.equal(await server.api.apply(definition), undefined);
    await server.api.waitForKind("metallb.io/v1beta1", "IPAddressPool");
    await server.api.waitForKind("cilium.io/v2", "CiliumClusterwideNetworkPolicy");
  });
  after(() => server?.stop());

  const pool = (spec: object): KubernetesObject => ({
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name: "broken", namespace: "default" },
    spec,
  });
  const refusals: readonly { what: string; object: KubernetesObject; reason: RegExp }[] = [
    {
      what: "a misspelt field of a custom resource",
      object: pool({ addresses: ["192.0.2.1-192.0.2.9"], autoAsign: true }),
      reason: /autoAsign/,
    },
    {
      what: "a text where a list belongs",
      object: pool({ addresses: "192.0.2.1-192.0.2.9" }),
      reason: /addresses/,
    },
    {
      what: "a policy without a valid address",
      object: {
        apiVersion: "cilium.io/v2",
        kind: "CiliumClusterwideNetworkPolicy",
        metadata: { name: "broken" },
        spec: { endpointSelector: {}, egressDeny: [{ toCIDR: ["10.8.400.12/32"] }] },
      },
      reason: /toCIDR/,
    },
    {
      what: "a kind that is not there",
      object: { ...pool({}), kind: "AddressPool" },
      reason: /knows no AddressPool in metallb\.io\/v1beta1/,
    },
    {
      what: "a service of a type that there is not",
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "broken", namespace: "default" },
        spec: { type: "Loadbalancer", ports: [{ port: 80 }] },
      },
      reason: /spec\.type: Unsupported value: "Loadbalancer"/,
    },
  ];
  for (const { what, object, reason } of refusals) {
    it(`${what} is refused by the API server`, async () => {
      assert.match((await server?.api.apply(object)) ?? "accepted", reason);
    });
  }

  const render = async (values: Record<string, unknown>) =>
    renderChart(charts, {
      chart: await chartFolder("cilium"),
      release: "cilium",
      namespace: "kube-system",
      kubernetesVersion: plan.cluster.kubernetesVersion,
      values,
    });
  it("a misspelt value is unknown to the chart", async () => {
    const { unknown } = await render({ ...ciliumValues(plan.cilium), routeMode: "native" });
    assert.deepEqual(unknown, ["routeMode"]);
  });
  it("a value of another type is refused by the chart's own schema", async () => {
    const values = { ...ciliumValues(plan.cilium), ipam: { mode: 4 } };
    await assert.rejects(render(values), /values refused[\s\S]*ipam[\s\S]*mode/);
  });
  it("a value that the chart has given up is refused by its own templates", async () => {
    await assert.rejects(render({ ...ciliumValues(plan.cilium), tunnel: "disabled" }), /tunnel was deprecated/);
  });
});
