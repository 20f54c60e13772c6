// Commands that stand in the text of the README and the guides, beside those in their `sh` blocks (docs-commands.test.ts): each is run here on
// a homelab that stands, or in another test that is named, or is one of those that docs/README.md says only a real rack can run.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runRemoteScript } from "../../lab/host/remote-script.ts";
import { runOperatorScript } from "../../lab/operator/operator-machine.ts";
import { openRack, type Rack } from "../../lab/rack/store.ts";
import { REPOSITORY } from "../../tools/engine/engine-version.ts";
import { BuiltHomelab, succeeded } from "./support/built-homelab.ts";

const guides = join(REPOSITORY, "docs", "guides");
const pages = [
  join(REPOSITORY, "README.md"),
  ...readdirSync(guides)
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(guides, file)),
];
const tools =
  /^(pulumi|npm|npx|talosctl|kubectl|qm|ceph|pveceph|pvecm|ifreload|chronyc|ping|ssh-keyscan|proxmox-auto-install-assistant|linstor|date) \S/;

/** Commands in the text of a page: in code spans, and in blocks that are set in by four spaces. */
function commandsIn(page: string): string[] {
  const text = readFileSync(page, "utf8").replace(/^ *```[\s\S]*?^ *```/gm, "");
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? "");
  const blocks = [...text.matchAll(/^ {4}(?=\S)((?:.*\\\n)*.*)/gm)].map(([, block]) => block ?? "");
  return [...spans, ...blocks]
    .map((command) =>
      command
        .replace(/\s+# .*/, "")
        .replaceAll(/\s*\\?\n\s*/g, " ")
        .trim(),
    )
    .filter((command) => tools.test(command));
}

/** Where others are run: the file below test/, and words of it. */
const elsewhere: Readonly<Record<string, readonly [string, string]>> = {
  "kubectl -n piraeus-datastore exec deploy/linstor-controller -- linstor …": [
    "lab/operator/linstor-scripts.test.ts",
    "renderRemoveNode(name)",
  ],
  "linstor …": ["lab/linstor/client.test.ts", "world.linstor("],
  "linstor node list": ["lab/linstor/client.test.ts", 'world.linstor("node", "list")'],
  "linstor node interface list <node>": ["lab/linstor/client.test.ts", '"node", "interface", "list", one'],
  "linstor node-connection path list <node> <other>": [
    "lab/linstor/client.test.ts",
    '"node-connection", "path", "list", one, two',
  ],
  "npm test": ["e2e/docs-commands.test.ts", '"npm test"'],
  "npm run check": ["e2e/docs-commands.test.ts", '"npm run check"'],
  "npm run bench": ["e2e/docs-commands.test.ts", '"npm run bench"'],
  "npm run conformance": ["e2e/docs-commands.test.ts", '"npm run conformance"'],
  "npm run preview": ["e2e/docs-commands.test.ts", "npm run"],
  "npm run up": ["e2e/docs-commands.test.ts", "npm run"],
  "npm run up -- --stack datacenter-lab": ["e2e/datacenter.test.ts", 'Project.open("datacenter-lab")'],
  "pulumi preview -s homelab": ["e2e/docs-commands.test.ts", "pulumi (preview|up|refresh|destroy)"],
  "pulumi up -s homelab": ["e2e/docs-commands.test.ts", "pulumi (preview|up|refresh|destroy)"],
  "pulumi up": ["e2e/homelab.test.ts", "project.up()"],
  "pulumi preview": ["e2e/homelab.test.ts", "project.preview()"],
  "pulumi refresh": ["e2e/homelab.test.ts", "project.refresh("],
  "pulumi destroy": ["e2e/homelab.test.ts", "project.destroy()"],
  "pulumi config set --secret homelab:proxmoxApiToken …": ["e2e/promises.test.ts", '"--secret"'],
  "pulumi config set --secret homelab:amtPassword": ["e2e/amt-first-boot.test.ts", '"homelab:amtPassword"'],
  "pulumi cancel --yes": ["e2e/runs.test.ts", '"cancel", "--yes"'],
  "pulumi refresh --clear-pending-creates": ["e2e/runs.test.ts", '"--clear-pending-creates"'],
  "pulumi import proxmoxve:index/vmLegacy:VmLegacy talos-k8s-04-vm pve-aimax-01/8004 --parent parent=<URN of talos-k8s-04> --provider provider=<URN of proxmox> --protect=true --generate-code=false":
    ["e2e/runs.test.ts", '"proxmoxve:index/vmLegacy:VmLegacy"'],
  "pulumi import talos:machine/bootstrap:Bootstrap talos-bootstrap machine_bootstrap --parent parent=<URN of the TalosCluster> --provider provider=<URN of the talos provider> --protect=true --generate-code=false":
    ["e2e/runs.test.ts", '"talos:machine/bootstrap:Bootstrap"'],
  "pulumi up --replace '**::pve-ms01-01-management-interfaces'": [
    "e2e/drift.test.ts",
    "**::pve-ms01-01-management-interfaces",
  ],
  "pulumi up --replace '**::pve-ms01-01-package-sources'": ["e2e/drift.test.ts", '"package-sources"'],
  "pulumi up --replace '**::talos-talos-k8s-03-configuration'": [
    "e2e/drift.test.ts",
    "**::talos-talos-k8s-03-configuration",
  ],
  "talosctl -n 10.8.16.20 get machineconfig v1alpha1 -o jsonpath='{.spec}' > controlplane.yaml": [
    "e2e/state-in-trouble.test.ts",
    "get machineconfig v1alpha1 -o jsonpath='{.spec}'",
  ],
  "talosctl gen secrets --from-controlplane-config controlplane.yaml": [
    "e2e/state-in-trouble.test.ts",
    "talosctl gen secrets --from-controlplane-config",
  ],
  "talosctl -n 10.8.16.20,10.8.16.21,10.8.16.22 reset --graceful=false --reboot --system-labels-to-wipe EPHEMERAL": [
    "lab/operator/restore.test.ts",
    "command(/reset/)",
  ],
  "talosctl -n <each> service etcd": ["lab/operator/restore.test.ts", "command(/service etcd/)"],
  "talosctl -n 10.8.16.20 bootstrap --recover-from=etcd.snapshot": [
    "lab/operator/restore.test.ts",
    "command(/recover-from/)",
  ],
  "pulumi config set homelab:talosSecretsFile secrets.yaml": [
    "e2e/state-in-trouble.test.ts",
    '"homelab:talosSecretsFile"',
  ],
  "pulumi config rm homelab:talosSecretsFile": ["e2e/state-in-trouble.test.ts", '"rm", "homelab:talosSecretsFile"'],
};

const all = [...new Set(pages.flatMap(commandsIn))].sort();
const onlyReal = new Set(commandsIn(join(REPOSITORY, "docs", "README.md")));

describe("the commands in the text of the guides", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  after(() => homelab?.close());

  /** Something on the rack that takes its time. */
  const onRack = <T>(action: (rack: Rack) => Promise<T>): Promise<T> =>
    homelab.project.inRack(async () => {
      const rack = openRack("lab");
      try {
        return await action(rack);
      } finally {
        rack.close();
      }
    });

  /** On the machine that Pulumi runs on, with access to the cluster. */
  async function onThisMachine(command: string): Promise<void> {
    const { talosconfig, kubeconfig } = await homelab.project.outputs();
    const script = [
      `printf '%s' "$TALOS" >/tmp/talosconfig`,
      `printf '%s' "$KUBE" >/tmp/kubeconfig`,
      "export TALOSCONFIG=/tmp/talosconfig KUBECONFIG=/tmp/kubeconfig",
      command,
    ].join("\n");
    const environment = { TALOS: String(talosconfig), KUBE: String(kubeconfig) };
    await onRack((rack) => runOperatorScript(rack, { script, environment }));
  }

  async function run(command: string): Promise<void> {
    const filled = command.replaceAll(/<(each|node|address|control plane)>/g, "10.8.16.20");
    if (/^(talosctl|kubectl|date) /.test(command)) {
      await onThisMachine(filled);
      // What it took away is there for the next one.
      if (/ reset | rollback/.test(command)) await homelab.restore();
      return;
    }
    if (/^(ifreload|chronyc|ceph) /.test(command)) {
      const connection = { host: "10.8.16.10", privateKey: "key" };
      return void (await onRack((rack) => runRemoteScript(rack, { connection, script: filled, stdin: undefined })));
    }
    if (command.startsWith("npx lab ")) {
      await homelab.lab(command.slice("npx lab ".length).replace("<node>", "talos-k8s-02"));
      return homelab.restore();
    }
    if (command === "pulumi state delete <URN>") {
      const urn = await homelab.urnOf("firewall-off");
      succeeded(await homelab.project.pulumi(["state", "delete", urn, "--yes"]));
      return homelab.restore();
    }
    if (command.startsWith("pulumi state unprotect ")) {
      const urn = await homelab.urnOf("talos-secrets-secrets");
      return void succeeded(await homelab.project.pulumi(["state", "unprotect", urn, "--yes"]));
    }
    if (/^pulumi (stack|refresh --preview-only)/.test(command)) {
      const [words = "", file] = filled.split(" > ");
      const done = succeeded(await homelab.project.pulumi(words.split(" ").slice(1)));
      if (file !== undefined) writeFileSync(join(homelab.project.directory, file), done.output);
      return;
    }
    assert.fail(`no test runs it: ${command}; run it here, name the test that does, or list it in docs/README.md`);
  }

  for (const command of all) {
    if (onlyReal.has(command)) continue;
    const [file, words] = elsewhere[command] ?? [];
    if (file === undefined || words === undefined) it(`run: ${command}`, () => run(command));
    else
      it(`are run by test/${file}: ${command}`, () => {
        assert.ok(readFileSync(join(REPOSITORY, "test", file), "utf8").includes(words), `${file} has no ${words}`);
      });
  }

  it("are listed as for a real rack only where a guide has them", () => {
    assert.deepEqual(
      [...onlyReal].filter((command) => !all.includes(command)),
      [],
    );
  });

  it("are run elsewhere only where a guide has them", () => {
    assert.deepEqual(
      Object.keys(elsewhere).filter((command) => !all.includes(command)),
      [],
    );
  });
});
