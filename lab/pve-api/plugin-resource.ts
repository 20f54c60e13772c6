// The plug-in's handlers, as endpoints use them: what a resource does to the rack is written there, once.
import type { AnyResource, Context } from "../plugin/contract.ts";

/** A handler that is done when it returns. */
interface PluginResource {
  /** Makes it; returns its id. */
  create(context: Context, inputs: object): string;
  update(context: Context, id: string, inputs: object, state?: object): void;
  delete(context: Context, id: string, state?: object): void;
}

type Values = Record<string, unknown>;

/** Takes a handler of the plug-in, which works inside a transaction on the rack. */
export function pluginResource(handler: AnyResource): PluginResource {
  return {
    create: (context, inputs) => settled(handler.create(context, inputs as Values)).id,
    update(context, id, inputs, state = {}) {
      settled(handler.update?.(context, id, inputs as Values, state as Values));
    },
    delete(context, id, state = {}) {
      settled(handler.delete(context, id, state as Values));
    },
  };
}

function settled<T>(result: T | Promise<T>): T {
  if (result instanceof Promise) throw new Error("a handler of the simulated Proxmox VE is not done when it returns");
  return result;
}
