// What is going on in a simulated rack with LINSTOR: asked of the rack itself, not of the program.

import { hosts } from "../../../lab/rack/hosts.ts";
import { type Api, listKind } from "../../../lab/rack/kubernetes/objects.ts";
import { reconcileLinstor } from "../../../lab/rack/linstor/operator.ts";
import { type VolumeStatus, volumeStates } from "../../../lab/rack/linstor/resources.ts";
import { type LinstorState, linstorState } from "../../../lab/rack/linstor/state.ts";
import { openRack, type Rack } from "../../../lab/rack/store.ts";
import { cables, setCable } from "../../../lab/rack/switches.ts";
import { listClusters } from "../../../lab/rack/talos/cluster.ts";
import { letsIn } from "../../../lab/rack/talos/ingress.ts";
import { type Installation, nodeAt } from "../../../lab/rack/talos/nodes.ts";
import { deployWithVolume } from "../../support/volume-user.ts";
import type { Project } from "./project.ts";

/** One rack on the metal. */
export class MetalRack {
  readonly #project: Project;
  readonly #name: string;

  constructor(project: Project, name: string) {
    this.#project = project;
    this.#name = name;
  }

  /** Anything in the rack. */
  in<T>(action: (rack: Rack) => T): Promise<T> {
    return this.#project.inRack(() => {
      const rack = openRack(this.#name);
      try {
        return rack.transaction(() => action(rack));
      } finally {
        rack.close();
      }
    });
  }

  #api<T>(action: (api: Api) => T): Promise<T> {
    return this.in((rack) => {
      const [cluster] = listClusters(rack);
      if (cluster === undefined) throw new Error(`rack ${this.#name} has no cluster`);
      const api = { rack, cluster };
      reconcileLinstor(api);
      return action(api);
    });
  }

  linstor(): Promise<LinstorState> {
    return this.#api(linstorState);
  }

  /** Names of LinstorNodeConnections. */
  connections(): Promise<string[]> {
    return this.#api((api) => listKind(api, "LinstorNodeConnection").map(({ object }) => object.metadata.name));
  }

  volumes(): Promise<VolumeStatus[]> {
    return this.#api(volumeStates);
  }

  /** A workload with a volume of the default class, as anybody would deploy one. */
  deploy(name: string): Promise<void> {
    return this.#api((api) => deployWithVolume(api, name));
  }

  /** Ids of the cables between hosts. */
  ringCables(): Promise<string[]> {
    return this.in((rack) =>
      cables(rack)
        .list()
        .filter(({ body }) => body.ends.every(({ at }) => at === "usb4"))
        .map(({ id }) => id),
    );
  }

  setCable(id: string, isPlugged: boolean): Promise<string> {
    return this.in((rack) => setCable(rack, id, isPlugged));
  }

  /** Takes a rule out of every node's firewall; returns the configurations as they were, by machine. */
  dropIngressRule(name: string): Promise<Readonly<Record<string, string>>> {
    return this.in((rack) =>
      Object.fromEntries(
        rack
          .collection<Installation>("talos")
          .list()
          .map(({ id, body: { configuration } }) => {
            const documents = configuration.split(/^---\n/m);
            const rest = documents.filter((text) => !text.includes(`kind: NetworkRuleConfig\nname: ${name}\n`));
            if (rest.length !== documents.length - 1) throw new Error(`${id} has no rule ${name}`);
            rack.collection<Installation>("talos").edit(id, (body) => {
              body.configuration = rest.join("---\n");
            });
            return [id, configuration];
          }),
      ),
    );
  }

  restoreConfigurations(configurations: Readonly<Record<string, string>>): Promise<void> {
    return this.in((rack) => {
      for (const [id, configuration] of Object.entries(configurations)) {
        rack.collection<Installation>("talos").edit(id, (body) => {
          body.configuration = configuration;
        });
      }
    });
  }

  /** What a node answers to somebody with that address. */
  answersAt(address: string, source: string): Promise<{ talos: boolean; kubernetes: boolean; etcd: boolean }> {
    return this.in((rack) => {
      const config = nodeAt(rack, address)?.config;
      const answers = (port: number) => letsIn(config, { protocol: "tcp", port, source });
      return { talos: answers(50_000), kubernetes: answers(6443), etcd: answers(2379) };
    });
  }

  setPower(host: string, isOn: boolean): Promise<void> {
    return this.in((rack) => {
      hosts(rack).edit(host, (body) => {
        body.powered = isOn;
      });
    });
  }
}
