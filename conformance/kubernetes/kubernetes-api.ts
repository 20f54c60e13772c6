// A client of the Kubernetes API: just enough to apply objects as the program does and to read them back.
import { request } from "node:https";
import type { KubernetesObject } from "../charts/render-chart.ts";

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the server warns of, e.g. fields it is about to drop. */
  readonly warnings: readonly string[];
}

interface ResourceKind {
  readonly plural: string;
  readonly namespaced: boolean;
}

const manager = "conformance";

/** One API server. */
export class KubernetesApi {
  readonly #url: string;
  readonly #token: string;
  readonly #certificate: string;
  readonly #kinds = new Map<string, ResourceKind>();

  constructor(url: string, token: string, certificate: string) {
    this.#url = url;
    this.#token = token;
    this.#certificate = certificate;
  }

  /** Sends one request. */
  send(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = {
        Authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "Content-Type": contentType }),
      };
      // The server signs its own certificate, for this name; it is read from its disk.
      const call = request(
        `${this.#url}${path}`,
        { method, headers, ca: this.#certificate, servername: "kubernetes.default.svc" },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            const warning = response.headers["warning"];
            resolve({
              status: response.statusCode ?? 0,
              body: text.startsWith("{") ? JSON.parse(text) : { message: text },
              warnings: (Array.isArray(warning) ? warning : [warning ?? ""]).filter((line) => line !== ""),
            });
          });
        },
      );
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /**
   * Applies an object server-side, with unknown and doubled fields refused; undefined when it was accepted, the refusal otherwise.
   * @param warnings whether an object that the server warns of counts as refused
   */
  async apply(object: KubernetesObject, warnings: "refuse" | "ignore" = "ignore"): Promise<string | undefined> {
    const name = object.metadata.name ?? "";
    const path = await this.#path(object, name);
    const title = `${object.apiVersion} ${object.kind} ${name}`;
    if (path === undefined) return `${title}: the server knows no ${object.kind} in ${object.apiVersion}`;
    const query = `fieldManager=${manager}&force=true&fieldValidation=Strict`;
    const answer = await this.send("PATCH", `${path}?${query}`, object, "application/apply-patch+yaml");
    if (answer.status >= 300) return `${title}: ${answer.status} ${answer.body["message"]}`;
    return warnings === "refuse" && answer.warnings.length > 0 ? `${title}: ${answer.warnings.join("; ")}` : undefined;
  }

  /** All objects of a kind, in all namespaces. */
  async list(apiVersion: string, kind: string): Promise<KubernetesObject[]> {
    const known = await this.#kind(apiVersion, kind);
    if (known === undefined) throw new Error(`the server knows no ${kind} in ${apiVersion}`);
    const { body } = await this.send("GET", `${root(apiVersion)}/${known.plural}`);
    // In a list the items do not repeat what they are.
    return (body["items"] as KubernetesObject[]).map((item) => ({ ...item, apiVersion, kind }));
  }

  /** An object as it is stored; undefined when it is not there. */
  async read(object: KubernetesObject): Promise<KubernetesObject | undefined> {
    const path = await this.#path(object, object.metadata.name ?? "");
    if (path === undefined) return undefined;
    const { status, body } = await this.send("GET", path);
    return status === 200 ? (body as unknown as KubernetesObject) : undefined;
  }

  /** Waits until the server offers the kind of a CRD that was just applied. */
  async waitForKind(apiVersion: string, kind: string, timeoutMs = 30_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    while ((await this.#kind(apiVersion, kind)) === undefined) {
      if (Date.now() > until) throw new Error(`the API server does not offer ${apiVersion} ${kind}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #path(object: KubernetesObject, name: string): Promise<string | undefined> {
    const kind = await this.#kind(object.apiVersion, object.kind);
    if (kind === undefined) return undefined;
    const namespace = kind.namespaced ? `/namespaces/${object.metadata.namespace ?? "default"}` : "";
    return `${root(object.apiVersion)}${namespace}/${kind.plural}/${encodeURIComponent(name)}`;
  }

  async #kind(apiVersion: string, kind: string): Promise<ResourceKind | undefined> {
    const key = `${apiVersion} ${kind}`;
    if (!this.#kinds.has(key)) {
      const { status, body } = await this.send("GET", root(apiVersion));
      const list = status === 200 ? (body["resources"] as { name: string; kind: string; namespaced: boolean }[]) : [];
      for (const item of list) {
        if (!item.name.includes("/")) {
          this.#kinds.set(`${apiVersion} ${item.kind}`, { plural: item.name, namespaced: item.namespaced });
        }
      }
    }
    return this.#kinds.get(key);
  }
}

const root = (apiVersion: string): string => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
