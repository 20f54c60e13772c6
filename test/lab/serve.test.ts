import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import grpcProto from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import { RunningPlugins } from "../../tools/engine/running-plugins.ts";
import { type FurnishedRack, furnishedRack } from "./furnished-rack.ts";

const LAUNCHER = join(import.meta.dirname, "../../lab/bin/pulumi-resource-proxmoxve");
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

type Call<Q, R> = (request: Q, done: (error: ServiceError | null, response: R) => void) => unknown;

describe("a plug-in process", function () {
  this.timeout(20_000);
  let world: FurnishedRack;
  let plugin: ChildProcess;
  let client: InstanceType<typeof grpcProto.ResourceProviderClient>;

  const ask = <Q, R>(method: Call<Q, R>, request: Q): Promise<R> =>
    new Promise((resolve, reject) =>
      method.call(client, request, (error, response) => (error ? reject(error) : resolve(response))),
    );

  const configure = (endpoint: string) => {
    const request = new proto.ConfigureRequest();
    request.setArgs(
      structProto.Struct.fromJavaScript({ endpoint, apiToken: { ...SECRET, value: "root@pam!test=sesame" } }),
    );
    return ask<proto.ConfigureRequest, proto.ConfigureResponse>(client.configure, request);
  };

  before(async () => {
    world = furnishedRack();
    const path = `${join(process.execPath, "..")}:${process.env["PATH"]}`;
    plugin = spawn(LAUNCHER, [], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, PATH: path } });
    assert.ok(plugin.stdout);
    const [line] = (await once(plugin.stdout, "data")) as [Buffer];
    client = new grpcProto.ResourceProviderClient(`127.0.0.1:${Number(line.toString())}`, credentials.createInsecure());
  });

  after(() => {
    client.close();
    plugin.kill();
    world.close();
  });

  it("refuses to be configured for anything but a rack", async () => {
    await assert.rejects(
      configure("https://10.8.16.10:8006/"),
      /drives simulated racks only, and endpoint names 10.8.16.10/,
    );
  });

  it("answers a preview with what is known, secrets and unknowns marked", async () => {
    await configure("https://test.rack.invalid:8006/");
    const request = new proto.CreateRequest();
    request.setUrn("urn:pulumi:test::test::proxmoxve:index/dnsLegacy:DnsLegacy::dns");
    request.setPreview(true);
    request.setProperties(
      structProto.Struct.fromJavaScript({ nodeName: "pve-ms01-01", domain: { ...SECRET, value: "lab.local" } }),
    );
    const response = await ask<proto.CreateRequest, proto.CreateResponse>(client.create, request);
    assert.deepEqual(response.getProperties()?.toJavaScript(), {
      nodeName: "pve-ms01-01",
      domain: { ...SECRET, value: "lab.local" },
    });
  });

  it("gives a refusal as the error's text", async () => {
    const request = new proto.CreateRequest();
    request.setUrn("urn:pulumi:test::test::proxmoxve:index/dnsLegacy:DnsLegacy::dns");
    request.setProperties(structProto.Struct.fromJavaScript({ nodeName: "nobody", domain: "lab.local" }));
    await assert.rejects(
      ask<proto.CreateRequest, proto.CreateResponse>(client.create, request),
      (error: ServiceError) => {
        assert.match(error.details, /hostname lookup 'nobody' failed/);
        return true;
      },
    );
  });

  it("keeps what a partial failure made: the engine gets id and properties with the error", async () => {
    const { addFault } = await import("../../lab/rack/faults.ts");
    addFault(world.rack, { pattern: "create *DnsLegacy *", behaviour: "partial", remaining: 1, text: "no answer" });
    const request = new proto.CreateRequest();
    request.setUrn("urn:pulumi:test::test::proxmoxve:index/dnsLegacy:DnsLegacy::dns");
    request.setProperties(structProto.Struct.fromJavaScript({ nodeName: "pve-aimax-01", domain: "lab.local" }));
    await assert.rejects(
      ask<proto.CreateRequest, proto.CreateResponse>(client.create, request),
      (error: ServiceError) => {
        const [packed] = error.metadata.get("grpc-status-details-bin");
        assert.match(String(packed), /pulumirpc.ErrorResourceInitFailed[\s\S]*pve-aimax-01_dns[\s\S]*no answer/);
        return true;
      },
    );
  });
});

describe("all plug-ins in one process", function () {
  this.timeout(20_000);
  let world: FurnishedRack;
  let plugins: RunningPlugins;
  before(async () => {
    world = furnishedRack();
    const env = { ...process.env, PATH: `${join(process.execPath, "..")}:${process.env["PATH"]}` };
    plugins = await RunningPlugins.start(resolve(import.meta.dirname, "../.."), { cwd: process.cwd(), env });
  });
  after(async () => {
    await plugins.stop();
    world.close();
  });
  const addresses = () =>
    Object.fromEntries(plugins.environment.PULUMI_DEBUG_PROVIDERS.split(",").map((entry) => entry.split(":")));

  /** One that an engine would open for one explicit provider. */
  function connect(port: string) {
    const ownConnection = { "grpc.use_local_subchannel_pool": 1 };
    const client = new grpcProto.ResourceProviderClient(
      `127.0.0.1:${port}`,
      credentials.createInsecure(),
      ownConnection,
    );
    const ask = <Q, R>(method: Call<Q, R>, request: Q): Promise<R> =>
      new Promise((done, reject) =>
        method.call(client, request, (error, response) => (error ? reject(error) : done(response))),
      );
    return {
      close: () => client.close(),
      configure: (endpoint: string) => {
        const request = new proto.ConfigureRequest();
        const apiToken = { ...SECRET, value: "root@pam!test=sesame" };
        request.setArgs(structProto.Struct.fromJavaScript({ endpoint, apiToken }));
        return ask<proto.ConfigureRequest, proto.ConfigureResponse>(client.configure, request);
      },
      create: () => {
        const request = new proto.CreateRequest();
        request.setUrn("urn:pulumi:test::test::proxmoxve:index/dnsLegacy:DnsLegacy::dns");
        request.setProperties(structProto.Struct.fromJavaScript({ nodeName: "pve-aimax-01", domain: "lab.local" }));
        return ask<proto.CreateRequest, proto.CreateResponse>(client.create, request);
      },
    };
  }

  it("says where each of them listens", () => {
    assert.deepEqual(Object.keys(addresses()).sort(), ["command", "kubernetes", "proxmoxve", "talos"]);
  });

  it("keeps two providers apart: the configuration of one is not the other's", async () => {
    const port = addresses()["proxmoxve"] ?? "";
    const [sound, elsewhere] = [connect(port), connect(port)];
    try {
      await sound.configure("https://test.rack.invalid:8006/");
      await assert.rejects(elsewhere.configure("https://nowhere.rack.invalid:8006/"), /rack "nowhere" has no hardware/);
      assert.equal((await sound.create()).getId(), "pve-aimax-01_dns");
    } finally {
      sound.close();
      elsewhere.close();
    }
  });

  it("goes on when Ctrl-C reaches it with everything else in the terminal, and ends with who started it", async () => {
    const { pid } = plugins;
    assert.ok(pid);
    process.kill(pid, "SIGINT");
    const client = connect(addresses()["proxmoxve"] ?? "");
    await client.configure("https://test.rack.invalid:8006/");
    client.close();
    await plugins.stop();
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });
});
