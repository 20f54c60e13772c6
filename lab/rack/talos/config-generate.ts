// The configuration that `talosctl gen config` makes before any patch, for Talos v1.13.
import { type Fields, renderDocuments } from "./config-documents.ts";
import type { MachineSecrets } from "./secrets.ts";

interface Generation {
  readonly clusterName: string;
  /** `https://host:port`. */
  readonly clusterEndpoint: string;
  readonly machineType: "controlplane" | "worker";
  readonly secrets: MachineSecrets;
  /** With its `v`. */
  readonly talosVersion: string;
  readonly kubernetesVersion: string;
}

function authority(identity: { readonly cert: string; readonly key: string }, withKey: boolean): Fields {
  return { crt: identity.cert, key: withKey ? identity.key : "" };
}

function machineSection(generation: Generation, isControlPlane: boolean): Fields {
  const { secrets, talosVersion, kubernetesVersion } = generation;
  return {
    type: generation.machineType,
    token: secrets.trustdinfo.token,
    ca: authority(secrets.certs.os, isControlPlane),
    certSANs: [],
    kubelet: {
      image: `ghcr.io/siderolabs/kubelet:${kubernetesVersion}`,
      defaultRuntimeSeccompProfileEnabled: true,
      disableManifestsDirectory: true,
    },
    network: {},
    install: {
      disk: "/dev/sda",
      image: `ghcr.io/siderolabs/installer:${talosVersion}`,
      wipe: false,
      grubUseUKICmdline: true,
    },
    features: {
      diskQuotaSupport: true,
      kubePrism: { enabled: true, port: 7445 },
      hostDNS: { enabled: true, forwardKubeDNSToHost: true },
    },
    ...(isControlPlane ? { nodeLabels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } } : {}),
  };
}

function controlPlaneSection(generation: Generation): Fields {
  const { secrets, kubernetesVersion } = generation;
  return {
    aggregatorCA: authority(secrets.certs.k8sAggregator, true),
    serviceAccount: { key: secrets.certs.k8sServiceaccount.key },
    apiServer: {
      image: `registry.k8s.io/kube-apiserver:${kubernetesVersion}`,
      disablePodSecurityPolicy: true,
      admissionControl: [
        {
          name: "PodSecurity",
          configuration: {
            apiVersion: "pod-security.admission.config.k8s.io/v1alpha1",
            kind: "PodSecurityConfiguration",
            defaults: { enforce: "baseline", "enforce-version": "latest", audit: "restricted", warn: "restricted" },
            exemptions: { namespaces: ["kube-system"], runtimeClasses: [], usernames: [] },
          },
        },
      ],
    },
    controllerManager: { image: `registry.k8s.io/kube-controller-manager:${kubernetesVersion}` },
    proxy: { image: `registry.k8s.io/kube-proxy:${kubernetesVersion}` },
    scheduler: { image: `registry.k8s.io/kube-scheduler:${kubernetesVersion}` },
    etcd: { ca: authority(secrets.certs.etcd, true) },
    extraManifests: [],
    inlineManifests: [],
  };
}

/** The unpatched configuration as YAML documents. */
export function generateConfiguration(generation: Generation): string {
  const { secrets } = generation;
  const isControlPlane = generation.machineType === "controlplane";
  const main: Fields = {
    version: "v1alpha1",
    debug: false,
    persist: true,
    machine: machineSection(generation, isControlPlane),
    cluster: {
      id: secrets.cluster.id,
      secret: secrets.cluster.secret,
      controlPlane: { endpoint: generation.clusterEndpoint },
      clusterName: generation.clusterName,
      network: { dnsDomain: "cluster.local", podSubnets: ["10.244.0.0/16"], serviceSubnets: ["10.96.0.0/12"] },
      token: secrets.secrets.bootstrapToken,
      secretboxEncryptionSecret: secrets.secrets.secretboxEncryptionSecret,
      ca: authority(secrets.certs.k8s, isControlPlane),
      discovery: { enabled: true, registries: { kubernetes: { disabled: true }, service: {} } },
      ...(isControlPlane ? controlPlaneSection(generation) : {}),
    },
  };
  return renderDocuments([main, { apiVersion: "v1alpha1", kind: "HostnameConfig", auto: "stable" }]);
}
