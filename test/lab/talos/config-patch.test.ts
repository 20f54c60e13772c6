import assert from "node:assert/strict";
import { parseDocuments } from "../../../lab/rack/talos/config-documents.ts";
import { patchConfiguration } from "../../../lab/rack/talos/config-patch.ts";

const base = `
version: v1alpha1
machine:
  type: controlplane
  certSANs: [one]
  nodeLabels: {exclude: ""}
  install: {disk: /dev/sda}
cluster:
  network: {podSubnets: [10.244.0.0/16]}
  apiServer: {admissionControl: [{name: PodSecurity, configuration: {defaults: {enforce: baseline, warn: restricted}}}]}
---
apiVersion: v1alpha1
kind: HostnameConfig
auto: stable
`;

const patched = (...patches: string[]) => parseDocuments(patchConfiguration(base, patches));

/** A value of the main document. */
const valueAt = (documents: ReturnType<typeof patched>, ...path: string[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], documents[0]);

describe("patches on a machine configuration", () => {
  it("merge maps and leave what they do not name", () => {
    const documents = patched("machine: {install: {image: factory/x:v1.13.0}}");
    assert.deepEqual(valueAt(documents, "machine", "install"), {
      disk: "/dev/sda",
      image: "factory/x:v1.13.0",
    });
  });

  it("append to lists, but replace pod subnets", () => {
    const documents = patched("machine: {certSANs: [two]}\ncluster: {network: {podSubnets: [10.8.28.128/25]}}");
    assert.deepEqual(valueAt(documents, "machine", "certSANs"), ["one", "two"]);
    assert.deepEqual(valueAt(documents, "cluster", "network"), { podSubnets: ["10.8.28.128/25"] });
  });

  it("merge admission plug-ins by name", () => {
    const patch =
      "cluster: {apiServer: {admissionControl: [{name: PodSecurity, configuration: {defaults: {enforce: privileged}}}]}}";
    const documents = patched(patch);
    assert.deepEqual(valueAt(documents, "cluster", "apiServer", "admissionControl"), [
      { name: "PodSecurity", configuration: { defaults: { enforce: "privileged", warn: "restricted" } } },
    ]);
  });

  it("take a label away with $patch: delete, and leave no trace of the word", () => {
    const documents = patched("machine: {nodeLabels: {exclude: {$patch: delete}, zone: a}}");
    assert.deepEqual(valueAt(documents, "machine", "nodeLabels"), { zone: "a" });
  });

  it("merge a document of the same kind and name, and add others", () => {
    const documents = patched(
      "apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a\nauto: 'off'\n---\napiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\nmtu: 1500",
      "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\naddresses: [{address: 192.0.2.1/24}]",
    );
    assert.deepEqual(documents.slice(1), [
      { apiVersion: "v1alpha1", kind: "HostnameConfig", auto: "off", hostname: "a" },
      { apiVersion: "v1alpha1", kind: "LinkConfig", name: "eth0", mtu: 1500, addresses: [{ address: "192.0.2.1/24" }] },
    ]);
  });

  it("take a whole document away", () => {
    const documents = patched("apiVersion: v1alpha1\nkind: HostnameConfig\n$patch: delete");
    assert.equal(documents.length, 1);
  });

  it("do not touch the configuration they are applied to", () => {
    const before = parseDocuments(base);
    patched("machine: {certSANs: [two]}");
    assert.deepEqual(parseDocuments(base), before);
  });

  it("are refused as JSON patches, since there is more than one document", () => {
    assert.throws(() => patchConfiguration(base, ['[{"op": "add", "path": "/machine/x", "value": 1}]']), {
      message: "JSON6902 patches are not supported for multi-document machine configuration",
    });
  });
});
