import assert from "node:assert/strict";
import { generateConfiguration } from "../../../lab/rack/talos/config-generate.ts";
import { patchConfiguration } from "../../../lab/rack/talos/config-patch.ts";
import { readMachineConfig } from "../../../lab/rack/talos/machine-config.ts";
import { generateSecrets } from "../../../lab/rack/talos/secrets.ts";

const secrets = generateSecrets(new Date());
const generated = generateConfiguration({
  clusterName: "test",
  clusterEndpoint: "https://192.0.2.1:6443",
  machineType: "controlplane",
  secrets,
  talosVersion: "v1.13.0",
  kubernetesVersion: "v1.35.0",
});
const read = (...patches: string[]) => readMachineConfig(patchConfiguration(generated, patches));
const document = (kind: string, rest: string) => `apiVersion: v1alpha1\nkind: ${kind}\n${rest}`;

describe("a machine configuration", () => {
  it("as generated is accepted, with Talos's defaults", () => {
    const config = read();
    assert.equal(config.type, "controlplane");
    assert.equal(config.clusterId, secrets.cluster.id);
    assert.equal(config.cni, "flannel");
    assert.equal(config.kubeProxy, true);
    assert.equal(config.podSecurity, "baseline");
    assert.equal(config.maxPods, 110);
    assert.deepEqual(Object.keys(config.labels), ["node.kubernetes.io/exclude-from-external-load-balancers"]);
  });

  const refusals: [string, string, string][] = [
    [
      "a key that Talos does not have",
      "machine: {kubelets: {}}",
      "unknown keys found during decoding:\n  machine.kubelets",
    ],
    [
      "a nested key that Talos does not have",
      "cluster: {network: {podSubnet: []}}",
      "unknown keys found during decoding:\n  cluster.network.podSubnet",
    ],
    [
      "a document of an unknown kind",
      document("LinkConfigs", "name: eth0"),
      'error decoding document v1alpha1/LinkConfigs/: "LinkConfigs" "v1alpha1": not registered',
    ],
    [
      "an unknown key in a document",
      document("LinkConfig", "name: eth0\naddress: 192.0.2.1/24"),
      "error decoding document v1alpha1/LinkConfig/eth0/: unknown keys found during decoding:\n  address",
    ],
    [
      "a host name beside an automatic one",
      document("HostnameConfig", "hostname: a"),
      "configuration validation failed: 1 error occurred:\n\t* 'auto' and 'hostname' cannot be set at the same time",
    ],
    [
      "a host name in both places",
      "machine: {network: {hostname: a}}",
      "configuration validation failed: 1 error occurred:\n\t* static hostname is already set in v1alpha1 config",
    ],
    [
      "kernel arguments beside a UKI command line",
      "machine: {install: {extraKernelArgs: [a=b]}}",
      "configuration validation failed: 1 error occurred:\n\t* install.extraKernelArgs and install.grubUseUKICmdline can't be used together",
    ],
    [
      "an octet above 255",
      document("LinkConfig", "name: eth0\naddresses: [{address: 10.0.400.20/24}]"),
      'configuration validation failed: 1 error occurred:\n\t* ParseAddr("10.0.400.20"): IPv4 field has value >255',
    ],
    [
      "a routing rule at a reserved priority",
      document("RoutingRuleConfig", 'name: "32500"\ntable: main'),
      'configuration validation failed: 1 error occurred:\n\t* invalid routing rule name "32500": must be a priority between 1 and 32765, and not 32500 or 32501',
    ],
    [
      "a shared address on no link",
      document("Layer2VIPConfig", "name: 192.0.2.9"),
      "configuration validation failed: 1 error occurred:\n\t* link must be specified",
    ],
    [
      "a VLAN id that does not exist",
      document("VLANConfig", "name: bond0.4095\nvlanID: 4095\nparent: bond0"),
      "configuration validation failed: 1 error occurred:\n\t* vlanID must be between 1 and 4094",
    ],
  ];
  for (const [what, patch, message] of refusals) {
    it(`is refused with ${what}`, () => assert.throws(() => read(patch), { message }));
  }
});
